# SPDX-License-Identifier: Apache-2.0
# The PKCS #11 provider, with tokens of SoftHSM.

PKCS11_TESTS := $(addprefix $(UNIT)/,pkcs11_away_test pkcs11_foreign_test pkcs11_list_test \
	pkcs11_montgomery_test pkcs11_start_test pkcs11_status_test pkcs11_test \
	pkcs11_threads_test pkcs11_uri_test)

UNIT_TESTS += $(PKCS11_TESTS) $(UNIT)/provider_check_pkcs11_test

$(PKCS11_TESTS:=.o): override CPPFLAGS += $(shell pkg-config --cflags p11-kit-1)
$(PKCS11_TESTS): LDLIBS := -lcrypto -ldl $(shell pkg-config --libs p11-kit-1)
$(PKCS11_TESTS): $(PKCS11_PROVIDER_OBJS) $(B)/providers/pkcs11/software.o $(PROVIDER_LIB_OBJS) \
	| $(TRAP_MODULE)
$(UNIT)/pkcs11_start_test: LDLIBS += -Wl,--wrap=calloc
$(UNIT)/pkcs11_threads_test: LDLIBS += -Wl,--wrap=fsync

# It needs a token
$(UNIT)/provider_check_pkcs11_test: selftests/unit/provider_check_pkcs11_test.sh \
	$(B)/tools/provider-check/parsec-provider-check $(B)/providers/pkcs11.so $(TRAP_MODULE)
	$(Q)install -m 755 $< $@
