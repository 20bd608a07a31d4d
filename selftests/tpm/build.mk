# SPDX-License-Identifier: Apache-2.0
#
# For the tests of the TPM provider in the test machine.

TPM_PROGRAMS := $(B)/selftests/tpm/blob $(B)/selftests/tpm/signs

$(B)/selftests/tpm/blob: LDLIBS := $(KEYS_LDLIBS)
$(B)/selftests/tpm/blob: $(KEYS_OBJS) $(B)/helper/log.o
$(B)/selftests/tpm/signs: LDLIBS := -lprotobuf-c -lcrypto
$(B)/selftests/tpm/signs: $(B)/tools/lib/libparsec.a

$(TPM_PROGRAMS): %: %.o
	$(call say,LINK)
	$(link)

# What takes more than an hour: so many signatures that 16 bits have been counted through
nightly: setup
	$(Q)+$(MAKE) --no-print-directory all vm $(TPM_PROGRAMS)
	$(Q)PARSEC_BUILD=$(abspath $(B)) PARSEC_TPM_SIGNS=70000 prove -v \
		--exec 'tools/vm/run --no-helper --tpm --timeout 30000 --' selftests/tpm/c-signs.t

.PHONY: nightly
