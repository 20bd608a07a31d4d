# SPDX-License-Identifier: Apache-2.0
#
# The test machine's first process and the archive that it is booted from.

$(B)/vm/init: $(call objs,tools/vm,init session)
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -static -s -o $@ $^

$(B)/vm/initramfs-$(VMKVER).cpio: $(B)/vm/init tools/vm/initramfs tools/vm/kernel
	$(call say,PACK)
	$(Q)tools/vm/initramfs $< $@

vm: $(B)/vm/initramfs-$(VMKVER).cpio

.PHONY: vm
