# SPDX-License-Identifier: Apache-2.0
# parsec-provider-check on the providers of the tree, and on broken ones.

PROVIDER_CHECK	:= $(B)/tools/provider-check/parsec-provider-check
# Those that need a backend have tests of their own
KIT_TESTS	:= $(patsubst $(B)/providers/%.so,$(UNIT)/provider_check_%_test,$(filter-out \
	$(B)/providers/pkcs11.so $(B)/providers/tpm.so,$(filter $(B)/providers/%.so,$(PROGRAMS))))

UNIT_TESTS += $(KIT_TESTS) $(UNIT)/provider_check_test $(UNIT)/provider_check_fault_test \
	$(UNIT)/provider_check_attest_test $(UNIT)/credential_test $(UNIT)/credential_tpm_test

$(KIT_TESTS): $(UNIT)/provider_check_%_test: $(PROVIDER_CHECK) $(B)/providers/%.so
	$(Q)mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec %s --provider %s %s\n' $(abspath $^) \
		$(if $(filter $*,openssl template),--sandbox) >$@
	$(Q)chmod 755 $@

$(UNIT)/provider_check_test: selftests/unit/provider_check_test.sh $(UNIT)/broken_provider.so \
	$(PROVIDER_CHECK) $(B)/providers/openssl.so $(B)/providers/template.so
	$(Q)install -m 755 $< $@

$(UNIT)/provider_check_fault_test: selftests/unit/provider_check_fault_test.sh \
	$(UNIT)/file_provider.so $(PROVIDER_CHECK)
	$(Q)install -m 755 $< $@

$(UNIT)/provider_check_attest_test: selftests/unit/provider_check_attest_test.sh \
	$(UNIT)/attest_provider.so $(PROVIDER_CHECK)
	$(Q)install -m 755 $< $@

# Challenges, and a TPM that answers them
$(UNIT)/credential_test: $(call objs,tools/provider-check,credential)
$(UNIT)/credential_test: LDLIBS := -lcrypto
$(UNIT)/make_credential: $(call objs,selftests/unit,make_credential) \
	$(call objs,tools/provider-check,credential)
	$(call say,LD)
	$(link)
$(UNIT)/make_credential: LDLIBS := -lcrypto
$(UNIT)/credential_tpm_test: selftests/unit/credential_tpm_test.sh $(UNIT)/make_credential
	$(Q)install -m 755 $< $@

# The software provider under another name, within a provider that attests its keys
ATTEST_OBJS := $(call objs,selftests/unit,attest_provider attest_area)
$(ATTEST_OBJS): override CFLAGS += -Wno-unused-parameter
$(UNIT)/attest_openssl.o: $(B)/providers/openssl/provider.o
	$(Q)mkdir -p $(@D)
	$(Q)objcopy --redefine-sym parsec_provider=openssl_provider \
		--redefine-sym __odr_asan.parsec_provider=__odr_asan.openssl_provider $< $@

$(UNIT)/attest_provider.so: LDLIBS = -lcrypto
$(UNIT)/attest_provider.so: override LDFLAGS += -shared -Wl,-z,defs
$(UNIT)/attest_provider.so: $(ATTEST_OBJS) $(UNIT)/attest_openssl.o \
	$(filter-out %/provider.o,$(OPENSSL_PROVIDER_OBJS))
	$(call say,LINK)
	$(link)

$(UNIT)/broken_provider.so $(UNIT)/file_provider.so: $(UNIT)/%.so: selftests/unit/%.c \
	providers/provider.h
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -Wno-unused-parameter -shared -o $@ $< \
		-ldl -lcrypto
