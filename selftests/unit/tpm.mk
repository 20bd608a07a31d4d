# SPDX-License-Identifier: Apache-2.0
# The TPM provider, with simulated TPMs.

TPM_TESTS := $(addprefix $(UNIT)/,tpm_bus_test tpm_pss_test tpm_secret_test tpm_status_test \
	tpm_symmetric_test tpm_test)

UNIT_TESTS += $(TPM_TESTS) $(UNIT)/provider_check_tpm_test

$(TPM_TESTS): LDLIBS := $(TPM_LDLIBS)
$(UNIT)/tpm_status_test: $(B)/providers/tpm/status.o
$(addprefix $(UNIT)/,tpm_bus_test tpm_pss_test tpm_secret_test tpm_symmetric_test tpm_test): \
	$(TPM_PROVIDER_OBJS)

$(UNIT)/tpm_symmetric_test: $(call objs,selftests/unit,vectors)
$(UNIT)/tpm_symmetric_test: LDLIBS += -Wl,--wrap=Esys_SequenceUpdate
$(UNIT)/tpm_bus_test: LDLIBS += -Wl,--wrap=Esys_Initialize
$(UNIT)/tpm_pss_test: LDLIBS += -Wl,--wrap=Esys_LoadExternal -Wl,--wrap=Esys_Sign
$(UNIT)/tpm_secret_test: LDLIBS += -Wl,--wrap=Esys_GetCapability
$(UNIT)/tpm_bus_test $(UNIT)/tpm_test: $(call objs,tools/provider-check,credential)
$(UNIT)/tpm_test: LDLIBS += -Wl,--wrap=Esys_Sign

$(UNIT)/provider_check_tpm_test: selftests/unit/provider_check_tpm_test.sh $(PROVIDER_CHECK) \
	$(B)/providers/tpm.so
	$(Q)install -m 755 $< $@
