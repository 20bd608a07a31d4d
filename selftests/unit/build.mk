# SPDX-License-Identifier: Apache-2.0
#
# Unit tests: programs that need no kernel and no root. Each area adds its own to
# UNIT_TESTS in a fragment here and names what a test is linked with:
#
#   UNIT_TESTS += $(UNIT)/thing_test
#   $(UNIT)/thing_test: $(B)/helper/thing.o
#   $(UNIT)/thing_test: LDLIBS := -lcrypto
#
# The object of the test itself, the rule to link it and the kernel's test harness
# come from here.

UNIT := $(B)/selftests/unit

include $(sort $(filter-out %/build.mk,$(wildcard selftests/unit/*.mk)))

# The harness's macros define functions that nobody declared and do not use each argument.
UNIT_CFLAGS := -isystem $(B)/ksft -Wno-missing-prototypes -Wno-unused-parameter

$(UNIT)/%_test.o: selftests/unit/%_test.c | $(B)/ksft/kselftest_harness.h
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(UNIT_CFLAGS) -MMD -MP -c -o $@ $<

$(UNIT)/%_test: $(UNIT)/%_test.o
	$(call say,LD)
	$(link)
