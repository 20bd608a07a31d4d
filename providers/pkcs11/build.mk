# SPDX-License-Identifier: Apache-2.0
#
# The PKCS #11 provider. The software provider is in it, under a name of its own and with no
# other name to be seen: it checks, parses and uses public keys.

PKCS11_PROVIDER_OBJS := $(call objs,providers/pkcs11,\
	aead agree asymmetric blob caps cipher curve export hash import key list mac module note \
	objects probe provider public random scratch session settings sign slot status \
	template token unwrap use watch)

$(PKCS11_PROVIDER_OBJS): override CPPFLAGS += $(shell pkg-config --cflags p11-kit-1)

$(B)/providers/pkcs11/software.o: $(OPENSSL_PROVIDER_OBJS)
	$(call say,LD)
	$(Q)mkdir -p $(@D)
	$(Q)$(LD) -r -o $@.all $^
	$(Q)objcopy --redefine-sym parsec_provider=openssl_provider \
		--redefine-sym __odr_asan.parsec_provider=__odr_asan.openssl_provider \
		--keep-global-symbol openssl_provider $@.all $@
	$(Q)rm $@.all

PROGRAMS += $(B)/providers/pkcs11.so
$(B)/providers/pkcs11.so: LDLIBS = -lcrypto -ldl $(shell pkg-config --libs p11-kit-1)
$(B)/providers/pkcs11.so: override LDFLAGS += -shared -Wl,-z,defs
$(B)/providers/pkcs11.so: $(PKCS11_PROVIDER_OBJS) $(B)/providers/pkcs11/software.o \
	$(PROVIDER_LIB_OBJS)
	$(call say,LINK)
	$(link)
