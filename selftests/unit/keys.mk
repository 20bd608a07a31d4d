# SPDX-License-Identifier: Apache-2.0
# Plugins, the key store and the software provider.

OPENSSL_TESTS := $(addprefix $(UNIT)/,openssl_aead_test openssl_agree_test \
	openssl_cipher_test \
	openssl_crypt_test openssl_ecc_test openssl_mac_test openssl_memory_test openssl_provider_test openssl_rsa_test \
	openssl_secret_test)

UNIT_TESTS += $(OPENSSL_TESTS)

$(OPENSSL_TESTS): LDLIBS := -lcrypto
$(OPENSSL_TESTS): $(OPENSSL_PROVIDER_OBJS)
$(UNIT)/openssl_memory_test: $(B)/tools/provider-check/memory.o

# With the store as it is, and with its steps visible, so that it can be killed there
KEYSTORE_TESTS := $(addprefix $(UNIT)/,keystore_compare_test keystore_tamper_test \
	keystore_test keystore_threads_test kim_test)
KEYSTORE_STEPPED_TESTS := $(addprefix $(UNIT)/,keystore_crash_test keystore_fail_test \
	keystore_upgrade_test)
KEYSTORE_FAKES := $(call objs,selftests/unit,fake_provider fault_disk fault_vfs)
KEYSTORE_CASE := $(B)/selftests/unit/keystore_case.o

UNIT_TESTS += $(KEYSTORE_TESTS) $(KEYSTORE_STEPPED_TESTS)

$(KEYSTORE_FAKES) $(KEYSTORE_CASE): override CFLAGS += -Wno-unused-parameter
$(KEYSTORE_TESTS) $(KEYSTORE_STEPPED_TESTS): LDLIBS := $(KEYS_LDLIBS)
$(KEYSTORE_TESTS): $(KEYS_OBJS) $(KEYSTORE_FAKES) $(B)/helper/log.o

$(UNIT)/stepped/%.o: helper/%.c
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -DKEYSTORE_STEPS -MMD -MP -c -o $@ $<

$(KEYSTORE_STEPPED_TESTS): $(filter-out %/keystore.o %/keystore_finish.o %/kim_steps.o,\
	$(KEYS_OBJS)) $(call objs,selftests/unit/stepped,keystore keystore_finish) $(KEYSTORE_CASE) \
	$(KEYSTORE_FAKES) $(B)/helper/log.o
# The upgrade has steps of its own
$(filter-out %_upgrade_test,$(KEYSTORE_STEPPED_TESTS)): $(B)/helper/kim_steps.o

UNIT_TESTS += $(UNIT)/plugin_test
PLUGIN_FAKES := $(patsubst %,$(UNIT)/plugin_fake%.so,0 1 2 3)

$(UNIT)/plugin_test: LDLIBS := -luuid -ldl
$(UNIT)/plugin_test: $(call objs,helper,log plugin uuid_text) | $(PLUGIN_FAKES)

$(UNIT)/plugin_fake%.so: selftests/unit/plugin_fake.c providers/provider.h
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -Wno-unused-parameter -DFAULT=$* -shared -o $@ $<
