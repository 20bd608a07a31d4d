# SPDX-License-Identifier: Apache-2.0
#
# make check: everything that can be tested here, in one run of prove; TESTS=… for less.

CHECKS	:= selftests/checks/spdx.t selftests/checks/style.t selftests/checks/scripts.t \
	selftests/checks/includes.t selftests/checks/man.t selftests/checks/options.t \
	selftests/checks/checkpatch.t \
	selftests/checks/module.t selftests/checks/cppcheck.t selftests/checks/tidy.t \
	selftests/checks/install.t selftests/checks/sandbox.t selftests/checks/template.t \
	selftests/checks/threats.t selftests/checks/examples.t selftests/checks/ci.t
MACHINE_CHECKS := $(filter-out selftests/vm.t,$(wildcard selftests/*.t)) selftests/vm.t

# The same unit tests once more, with the sanitizers
ASAN	:= $(B)/asan
asan_tests = $(patsubst $(B)/%,$(ASAN)/%,$(UNIT_TESTS))

asan-build: $(KSFT)/kselftest_harness.h
	$(Q)mkdir -p $(ASAN)
	$(Q)ln -sfn ../ksft $(ASAN)/ksft
	$(Q)+$(MAKE) --no-print-directory B=$(ASAN) SANITIZE=address,undefined unit-build

unit: unit-build
	$(Q)prove --exec '' $(UNIT_TESTS)

asan: asan-build
	$(Q)prove --exec '' $(asan_tests)

# All that tests in the machine need; tools/vm/run makes it when it is run by hand. The folders
# below, whose lists these are, have not been read yet
machine-build: all vm unit-build
	$(Q)+$(MAKE) --no-print-directory $(DEVICE_TESTS) $(CONTRACT_MACHINE_TESTS) \
		$(HELPER_MACHINE_PROGRAMS) $(DEATHS_PROGRAMS) $(CONTAINER_PROGRAMS) \
		$(FLOODS_PROGRAMS) $(TPM_PROGRAMS)

setup:
	$(Q)tools/setup

# Unless the caller said how many jobs
every_processor = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))

# Not what somebody looks at: on a terminal prove shows no single results of such
side_by_side = $(if $(TESTS)$(PROVE_FLAGS),,-j2)

# What checks and machine need to know is in the environment
check: export PARSEC_BUILD = $(abspath $(B))
check: export DEVICE_PROGRAMS = $(abspath $(DEVICE_TESTS))
check: export CONTRACT_PROGRAMS = $(abspath $(CONTRACT_MACHINE_TESTS))
check: setup
	$(Q)+$(MAKE) $(every_processor) --no-print-directory machine-build asan-build
	$(Q)HARNESS_RULESFILE=selftests/testrules.yml prove $(side_by_side) --exec '' $(PROVE_FLAGS) \
		$(or $(TESTS),$(UNIT_TESTS) $(asan_tests) $(CHECKS) $(MACHINE_CHECKS))

demo: setup
	$(Q)+$(MAKE) --no-print-directory all vm
	$(Q)PARSEC_BUILD=$(abspath $(B)) tools/demo

.PHONY: asan asan-build unit machine-build setup check demo
