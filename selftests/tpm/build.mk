# SPDX-License-Identifier: Apache-2.0
#
# For the tests of the TPM provider in the test machine.

TPM_PROGRAMS := $(B)/selftests/tpm/blob

$(B)/selftests/tpm/blob: LDLIBS := $(KEYS_LDLIBS)
$(B)/selftests/tpm/blob: $(KEYS_OBJS) $(B)/helper/log.o

$(TPM_PROGRAMS): %: %.o
	$(call say,LINK)
	$(link)
