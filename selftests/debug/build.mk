# SPDX-License-Identifier: Apache-2.0
#
# make check-debug: the tests that take the debug kernel, and those of the newest one;
# TESTS=… for less. make fuzz-device: its fuzzer for as long as one likes.

debug_dir	:= $(B)/selftests/debug

FAULT_TESTS	:= $(debug_dir)/fault_test
DEVICE_FUZZER	:= $(debug_dir)/fuzz_device
DEBUG_CHECKS	:= $(patsubst %,selftests/debug/%.t,kunit device contract deaths fuzz planted \
	newest)

debug_objects	:= $(call objs,selftests/debug,fault fault_test)
$(debug_objects): override CFLAGS += -Wno-missing-prototypes
$(debug_objects): override CPPFLAGS += -isystem $(B)/ksft
$(debug_objects): | $(B)/ksft/kselftest_harness.h

$(debug_dir)/fault_test: $(debug_objects) $(call objs,selftests/device,device fakehost hostprocess)
	$(call say,LINK)
	$(link)

$(debug_dir)/fuzz_device: $(call objs,selftests/debug,fuzz_device fuzz_app fuzz_host) \
		$(call objs,selftests/device,device fakehost)
	$(call say,LINK)
	$(link)

# A module with its unit tests in it
$(B)/kunit-%/parsec.ko: Kbuild $(MODULE_SOURCES)
	$(call build-module,$*,PARSEC_KUNIT=y)

# A module of errors
$(B)/planted-%/planted.ko: $(wildcard selftests/debug/planted/*)
	$(call say,MODULE)
	$(Q)mkdir -p $(@D)
	$(Q)ln -sf $(addprefix $(CURDIR)/,$^) $(@D)
	$(Q)+$(MAKE) $(if $(V),,-s) --no-print-directory -C $(call kbuild,$*) M=$(abspath $(@D)) \
		$(if $(V),V=1) modules

debug-build:
	$(Q)debug=$$(tools/vm/kernel debug) && debug=$${debug##*/linux-} && \
		$(MAKE) --no-print-directory all vm $(DEVICE_TESTS) $(CONTRACT_MACHINE_TESTS) \
			$(DEATHS_PROGRAMS) $(FAULT_TESTS) $(DEVICE_FUZZER) \
			$(B)/module-$$debug/parsec.ko \
			$(B)/kunit-$$debug/parsec.ko $(B)/planted-$$debug/planted.ko

check-debug fuzz-device: export PARSEC_BUILD = $(abspath $(B))
check-debug: export DEVICE_PROGRAMS = $(abspath $(DEVICE_TESTS))
check-debug: export CONTRACT_PROGRAMS = $(abspath $(CONTRACT_MACHINE_TESTS))
check-debug: export FAULT_PROGRAMS = $(abspath $(FAULT_TESTS))
check-debug: setup
	$(Q)+$(MAKE) $(every_processor) --no-print-directory debug-build
	$(Q)prove --exec '' $(PROVE_FLAGS) $(or $(TESTS),$(DEBUG_CHECKS))

fuzz-device: setup
	$(Q)+$(MAKE) --no-print-directory debug-build
	$(Q)selftests/debug/fuzz $(or $(T),60) $(SEED)

.PHONY: debug-build check-debug fuzz-device
