# SPDX-License-Identifier: Apache-2.0
#
# Tests of the contract through the real device, the kernel's module and the helper,
# run in the test machine; outputs are compared with OpenSSL's.

contract_dir	:= $(B)/selftests/contract
CONTRACT_MACHINE_TESTS := $(patsubst %,$(contract_dir)/%_test,core key key_order race sign \
	sign_order hash undo)
contract_objects := $(contract_dir)/ask.o $(contract_dir)/reference.o

# The harness's macros define functions that nobody declared
$(CONTRACT_MACHINE_TESTS:=.o): override CFLAGS += -Wno-missing-prototypes
$(CONTRACT_MACHINE_TESTS:=.o): override CPPFLAGS += -isystem $(B)/ksft
$(CONTRACT_MACHINE_TESTS:=.o): | $(B)/ksft/kselftest_harness.h

$(contract_dir)/%_test: $(contract_dir)/%_test.o $(contract_objects)
	$(call say,LINK)
	$(link)
$(CONTRACT_MACHINE_TESTS): LDLIBS = -lcrypto
