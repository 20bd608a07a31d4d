# SPDX-License-Identifier: Apache-2.0
# The TPM provider, with simulated TPMs.

TPM_TESTS := $(addprefix $(UNIT)/,tpm_secret_test tpm_status_test tpm_symmetric_test \
	tpm_test)

UNIT_TESTS += $(TPM_TESTS) $(UNIT)/provider_check_tpm_test

$(TPM_TESTS): LDLIBS := $(TPM_LDLIBS)
$(UNIT)/tpm_status_test: $(B)/providers/tpm/status.o
$(addprefix $(UNIT)/,tpm_secret_test tpm_symmetric_test tpm_test): $(TPM_PROVIDER_OBJS)

$(UNIT)/tpm_symmetric_test: $(call objs,selftests/unit,vectors)
$(UNIT)/tpm_symmetric_test: LDLIBS += -Wl,--wrap=Esys_SequenceUpdate
$(UNIT)/tpm_secret_test: LDLIBS += -Wl,--wrap=Esys_GetCapability
$(UNIT)/tpm_test: $(call objs,tools/provider-check,credential)

$(UNIT)/provider_check_tpm_test: selftests/unit/provider_check_tpm_test.sh $(PROVIDER_CHECK) \
	$(B)/providers/tpm.so
	$(Q)install -m 755 $< $@
