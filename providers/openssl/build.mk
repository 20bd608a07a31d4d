# SPDX-License-Identifier: Apache-2.0
#
# The software provider.

OPENSSL_PROVIDER_OBJS := $(call objs,providers/openssl,encoding key provider random sign status)

PROGRAMS += $(B)/providers/openssl.so
$(B)/providers/openssl.so: LDLIBS = -lcrypto
$(B)/providers/openssl.so: override LDFLAGS += -shared -Wl,-z,defs
$(B)/providers/openssl.so: $(OPENSSL_PROVIDER_OBJS)
	$(call say,LINK)
	$(link)
