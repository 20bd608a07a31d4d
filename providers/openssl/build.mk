# SPDX-License-Identifier: Apache-2.0
#
# The software provider.

OPENSSL_PROVIDER_OBJS := $(call objs,providers/openssl,\
	aead agree asymmetric caps cipher curve digest encoding group key mac provider random \
	secret sign status) $(call objs,providers/lib,capability der ec ecdsa padding)

PROGRAMS += $(B)/providers/openssl.so
$(B)/providers/openssl.so: LDLIBS = -lcrypto
$(B)/providers/openssl.so: override LDFLAGS += -shared -Wl,-z,defs
$(B)/providers/openssl.so: $(OPENSSL_PROVIDER_OBJS)
	$(call say,LINK)
	$(link)
