# SPDX-License-Identifier: Apache-2.0
#
# parsec-provider-check: what a provider must be, tried on any provider.

CHECK_OBJS := $(call objs,tools/provider-check,attest backend bad credential faults import leaks \
	list load main material memory missing names oracle output plan public_area row run sandbox table tap \
	threads unclaimed use) \
	$(call objs,helper,config config_keys config_rule config_words log plugin policy privileges sandbox_calls \
		sandbox_files uuid_text)

PROGRAMS += $(B)/tools/provider-check/parsec-provider-check
$(B)/tools/provider-check/parsec-provider-check: LDLIBS = -lcrypto -luuid -ldl -linih -lseccomp
# For shims of backends: memory.c
$(B)/tools/provider-check/parsec-provider-check: override LDFLAGS += \
	-Wl,--export-dynamic-symbol=parsec_check_backend
$(B)/tools/provider-check/parsec-provider-check: $(CHECK_OBJS)
	$(call say,LD)
	$(link)

# How it drives a provider, for tests that drive several
$(B)/tools/provider-check/kit.a: $(filter-out %/main.o,$(CHECK_OBJS))
	$(call say,AR)
	$(Q)rm -f $@
	$(Q)$(AR) rcs $@ $^

# Providers that are built here see the header where it will be installed
$(B)/parsec/provider.h: providers/provider.h
	$(Q)mkdir -p $(@D)
	$(Q)install -m 644 $< $@
