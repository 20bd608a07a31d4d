# SPDX-License-Identifier: Apache-2.0
#
# Programs for the tests of floods.

floods_dir := $(B)/selftests/floods
FLOODS_PROGRAMS := $(patsubst %,$(floods_dir)/%_test,fair limits memory overload slow)

# The harness's macros define functions that nobody declared
$(FLOODS_PROGRAMS:=.o): override CFLAGS += -Wno-missing-prototypes
$(FLOODS_PROGRAMS:=.o): override CPPFLAGS += -isystem $(B)/ksft
$(FLOODS_PROGRAMS:=.o): | $(B)/ksft/kselftest_harness.h

$(FLOODS_PROGRAMS): LDLIBS = $(CONTRACT_LDLIBS) -lcrypto
$(FLOODS_PROGRAMS): %: %.o $(call objs,selftests/floods,crowd table watch) \
		$(B)/selftests/deaths/service.o $(call objs,selftests/device,device fakehost \
		hoststats) $(B)/tools/lib/libparsec.a
	$(call say,LINK)
	$(link)

# The tables of Documentation/floods.rst
floods: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(FLOODS_PROGRAMS)
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/lib/write-tables fairness \
		Documentation/floods.rst --icount --timeout 860 -- selftests/floods/fair.t
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/lib/write-tables slow \
		Documentation/floods.rst --icount --tpm --config selftests/floods/tpm.conf \
		--timeout 860 -- selftests/floods/slow.t
	$(Q)PARSEC_BUILD=$(abspath $(B)) selftests/lib/write-tables limits \
		Documentation/floods.rst --config selftests/floods/parsecd.conf --timeout 860 -- \
		selftests/floods/limits.t

.PHONY: floods
