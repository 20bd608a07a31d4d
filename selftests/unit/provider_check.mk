# SPDX-License-Identifier: Apache-2.0
# parsec-provider-check on the providers of the tree, and on broken ones.

PROVIDER_CHECK	:= $(B)/tools/provider-check/parsec-provider-check
KIT_TESTS	:= $(patsubst $(B)/providers/%.so,$(UNIT)/provider_check_%_test,$(filter \
	$(B)/providers/%.so,$(PROGRAMS)))

UNIT_TESTS += $(KIT_TESTS) $(UNIT)/provider_check_test $(UNIT)/provider_check_fault_test

$(KIT_TESTS): $(UNIT)/provider_check_%_test: $(PROVIDER_CHECK) $(B)/providers/%.so
	$(Q)mkdir -p $(@D)
	$(Q)printf '#!/bin/sh\nexec %s --provider %s\n' $(abspath $^) >$@
	$(Q)chmod 755 $@

$(UNIT)/provider_check_test: selftests/unit/provider_check_test.sh $(UNIT)/broken_provider.so \
	$(PROVIDER_CHECK) $(B)/providers/openssl.so $(B)/providers/template.so
	$(Q)install -m 755 $< $@

$(UNIT)/provider_check_fault_test: selftests/unit/provider_check_fault_test.sh \
	$(UNIT)/file_provider.so $(PROVIDER_CHECK)
	$(Q)install -m 755 $< $@

$(UNIT)/broken_provider.so $(UNIT)/file_provider.so: $(UNIT)/%.so: selftests/unit/%.c \
	providers/provider.h
	$(call say,CC)
	$(Q)mkdir -p $(@D)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) $(LDFLAGS) -Wno-unused-parameter -shared -o $@ $< \
		-ldl -lcrypto
