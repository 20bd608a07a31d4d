# SPDX-License-Identifier: Apache-2.0
#
# Tests of the contract through the real device, the kernel's module and the helper,
# run in the test machine; outputs are compared with OpenSSL's.

contract_dir	:= $(B)/selftests/contract
CONTRACT_MACHINE_TESTS := $(patsubst %,$(contract_dir)/%_test,core key key_order race sign \
	sign_order hash undo)
contract_objects := $(contract_dir)/ask.o $(contract_dir)/reference.o

# Those that a test of the helper starts, with a configuration of its own
HELPER_MACHINE_PROGRAMS := $(contract_dir)/attest_test

contract_programs := $(CONTRACT_MACHINE_TESTS) $(HELPER_MACHINE_PROGRAMS)
# The harness's macros define functions that nobody declared
$(contract_programs:=.o): override CFLAGS += -Wno-missing-prototypes
$(contract_programs:=.o): override CPPFLAGS += -isystem $(B)/ksft
$(contract_programs:=.o): | $(B)/ksft/kselftest_harness.h

$(contract_dir)/%_test: $(contract_dir)/%_test.o $(contract_objects)
	$(call say,LINK)
	$(link)
$(CONTRACT_MACHINE_TESTS): LDLIBS = -lcrypto
$(contract_dir)/attest_test: $(call objs,tools/provider-check,credential) \
	$(B)/tools/lib/libparsec.a
$(contract_dir)/attest_test: LDLIBS = $(CONTRACT_LDLIBS) -lcrypto
