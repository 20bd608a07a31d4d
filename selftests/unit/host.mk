# SPDX-License-Identifier: Apache-2.0
# The provider host, against a kernel that is one end of a socket pair.

HOST_TESTS := $(addprefix $(UNIT)/,core_test device_nodes_test dispatch_attest_test \
	dispatch_compare_test dispatch_crypt_test dispatch_key_test dispatch_random_test \
	dispatch_rule_test dispatch_stats_test dispatch_test histogram_test \
	identity_test inner_test netlink_stats_test netlink_test reload_test rule_test \
	session_test stats_test vectors_test worker_register_test worker_session_test worker_test)

UNIT_TESTS += $(HOST_TESTS)

$(HOST_TESTS): $(HOST_OBJS) $(B)/libcontract.a
UNIT_TESTS += $(UNIT)/host_options_test
$(UNIT)/host_options_test: $(B)/helper/host_options.o

$(UNIT)/rule_test: $(B)/helper/config_resolve.o
$(HOST_TESTS): LDLIBS = $(HOST_LDLIBS)
$(addprefix $(UNIT)/,device_nodes_test dispatch_attest_test dispatch_compare_test \
	dispatch_crypt_test dispatch_key_test dispatch_random_test dispatch_rule_test \
	dispatch_stats_test dispatch_test inner_test vectors_test \
	worker_register_test worker_session_test worker_test): $(call objs,selftests/unit,signer)
$(UNIT)/dispatch_compare_test: $(call objs,selftests/unit,fake_provider)
$(UNIT)/worker_test: LDLIBS = $(HOST_LDLIBS) -Wl,--wrap=audit_call_done
$(UNIT)/dispatch_crypt_test $(UNIT)/vectors_test: $(OPENSSL_PROVIDER_OBJS)
$(UNIT)/vectors_test: $(call objs,selftests/unit,vectors)
$(addprefix $(UNIT)/,device_nodes_test netlink_test netlink_stats_test \
	worker_register_test worker_session_test worker_test): \
	$(call objs,selftests/unit,fake_kernel)
