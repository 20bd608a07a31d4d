# SPDX-License-Identifier: Apache-2.0

UNIT_TESTS += $(UNIT)/libparsec_test $(UNIT)/libparsec_symbols_test

$(UNIT)/libparsec_test: $(B)/tools/lib/libparsec.a
$(UNIT)/libparsec_test: LDLIBS := $(CONTRACT_LDLIBS) \
	-Wl,--wrap=open,--wrap=close,--wrap=ioctl,--wrap=malloc,--wrap=free

UNIT_TESTS += $(UNIT)/service_test
$(UNIT)/service_test: $(B)/tools/lib/libparsec.a $(B)/libcontract.a
$(UNIT)/service_test: LDLIBS := $(CONTRACT_LDLIBS) -Wl,--wrap=open,--wrap=close,--wrap=ioctl

UNIT_TESTS += $(UNIT)/attest_test
$(UNIT)/attest_test: $(B)/tools/lib/libparsec.a $(B)/libcontract.a
$(UNIT)/attest_test: LDLIBS := $(CONTRACT_LDLIBS) -Wl,--wrap=open,--wrap=close,--wrap=ioctl

# Looks at what was built beside it
$(UNIT)/libparsec_symbols_test: selftests/unit/libparsec_symbols_test.sh \
		$(B)/tools/lib/libparsec.a $(B)/tools/lib/libparsec.so
	$(Q)mkdir -p $(@D)
	$(Q)install -m 755 $< $@

# What doctor makes of an answer
UNIT_TESTS += $(UNIT)/doctor_keys_test
$(UNIT)/doctor_keys_test: $(B)/tools/parsecctl/doctor_keys.o

# The keys that doctor tries providers with
UNIT_TESTS += $(UNIT)/doctor_try_test
$(UNIT)/doctor_try_test: $(B)/tools/parsecctl/doctor_try.o
