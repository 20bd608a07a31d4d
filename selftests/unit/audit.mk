# SPDX-License-Identifier: Apache-2.0
# The audit log: its files, deaths and full disks, its lines.

comma := ,

AUDIT_CHAIN_TESTS := $(addprefix $(UNIT)/,audit_chain_test audit_crash_test)
AUDIT_TESTS := $(AUDIT_CHAIN_TESTS) $(UNIT)/audit_test

UNIT_TESTS += $(AUDIT_TESTS)

$(AUDIT_TESTS): $(call objs,tools/parsecctl,audit_check) $(call objs,selftests/unit,audit_dir)
$(AUDIT_CHAIN_TESTS): $(call objs,helper,audit_chain audit_key audit_recover log)
$(AUDIT_CHAIN_TESTS): LDLIBS = -lcrypto
$(UNIT)/audit_crash_test: LDLIBS += $(foreach call,write pwrite openat fsync fdatasync \
	ftruncate fallocate renameat unlinkat,-Wl$(comma)--wrap=$(call))

$(UNIT)/audit_test: $(HOST_OBJS) $(B)/libcontract.a $(call objs,selftests/unit,signer)
$(UNIT)/audit_test: LDLIBS = $(HOST_LDLIBS) -Wl,--wrap=clock_gettime
