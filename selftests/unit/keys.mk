# SPDX-License-Identifier: Apache-2.0
# Plugins, the key store and the software provider.

OPENSSL_TESTS := $(addprefix $(UNIT)/,openssl_ecc_test openssl_provider_test openssl_rsa_test)

UNIT_TESTS += $(OPENSSL_TESTS)

$(OPENSSL_TESTS): LDLIBS := -lcrypto
$(OPENSSL_TESTS): $(OPENSSL_PROVIDER_OBJS)

FAKE_PROVIDER := $(B)/selftests/unit/fake_provider.o
$(FAKE_PROVIDER): override CFLAGS += -Wno-unused-parameter

KEYSTORE_TESTS := $(addprefix $(UNIT)/,keystore_test)

UNIT_TESTS += $(KEYSTORE_TESTS)

$(KEYSTORE_TESTS): LDLIBS := $(KEYS_LDLIBS)
$(UNIT)/keystore_test: $(KEYS_OBJS) $(FAKE_PROVIDER) $(B)/helper/log.o
