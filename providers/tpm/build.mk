# SPDX-License-Identifier: Apache-2.0
#
# The TPM provider.

TPM_PROVIDER_OBJS := $(call objs,providers/tpm,\
	agree area asymmetric attest blob cache caps cipher key link mac material parent provider \
	pss random rows secret session sign status words wrap) \
	$(call objs,providers/lib,capability der ec ecdsa option padding rsa)
TPM_LDLIBS := -ltss2-esys -ltss2-sys -ltss2-mu -ltss2-tctildr -lcrypto

PROGRAMS += $(B)/providers/tpm.so
$(B)/providers/tpm.so: LDLIBS = $(TPM_LDLIBS)
$(B)/providers/tpm.so: override LDFLAGS += -shared -Wl,-z,defs
$(B)/providers/tpm.so: $(TPM_PROVIDER_OBJS)
	$(call say,LINK)
	$(link)
