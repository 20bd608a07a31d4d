# SPDX-License-Identifier: Apache-2.0
#
# The test machine's first process and the archive that it is booted from.

$(B)/vm/init: $(call objs,tools/vm,init session leaks)
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) -static -s -o $@ $^

$(B)/vm/ticks: $(call objs,tools/vm,ticks)
	$(call say,LINK)
	$(Q)mkdir -p $(@D)
	$(link)

# For any kernel that tools/vm/kernel knows
$(B)/vm/initramfs-%.cpio: $(B)/vm/init tools/vm/initramfs
	$(call say,PACK)
	$(Q)tools/vm/initramfs $< $$(tools/vm/kernel $*) $@

vm: $(B)/vm/initramfs-$(VMKVER).cpio $(B)/vm/ticks

.PHONY: vm
