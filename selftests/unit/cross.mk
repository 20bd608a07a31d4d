# SPDX-License-Identifier: Apache-2.0
# The providers with each other: driven as parsec-provider-check drives one.

UNIT_TESTS += $(UNIT)/cross_test

$(UNIT)/cross: $(call objs,selftests/unit,cross cross_meet) \
	$(B)/tools/provider-check/kit.a
	$(call say,LD)
	$(link)
$(UNIT)/cross: LDLIBS = -lcrypto -luuid -ldl -linih -lseccomp

$(UNIT)/cross_test: selftests/unit/cross_test.sh $(UNIT)/cross $(B)/providers/openssl.so \
	$(B)/providers/tpm.so $(B)/providers/pkcs11.so $(TRAP_MODULE)
	$(Q)install -m 755 $< $@
