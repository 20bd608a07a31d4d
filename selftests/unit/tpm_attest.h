/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the TPM provider that attest keys, or ask the TPM itself. To be included after
 * the harness.
 */
#ifndef UNIT_TPM_ATTEST_H
#define UNIT_TPM_ATTEST_H

#include <tss2/tss2_tctildr.h>

#include "selftests/unit/tpm_fixture.h"
#include "tools/provider-check/credential.h"

/* What a TPM says of itself, on a way of our own: there is room for one at a time */
static UINT32 property(const FIXTURE_DATA(tpm) *self, UINT32 what)
{
	TSS2_TCTI_CONTEXT *tcti = NULL;
	TPMS_CAPABILITY_DATA *data;
	ESYS_CONTEXT *esys = NULL;
	TPMI_YES_NO more;
	UINT32 value;

	if (Tss2_TctiLdr_Initialize(self->tcti, &tcti) || Esys_Initialize(&esys, tcti, NULL) ||
	    Esys_GetCapability(esys, ESYS_TR_NONE, ESYS_TR_NONE, ESYS_TR_NONE,
			       TPM2_CAP_TPM_PROPERTIES, what, 1, &more, &data))
		abort();
	value = data->data.tpmProperties.tpmProperty[0].value;
	Esys_Free(data);
	Esys_Finalize(&esys);
	Tss2_TctiLdr_Finalize(&tcti);
	return value;
}

/* Make a challenge for a key and have it answered, by @attesting or the endorsement key */
static enum parsec_status attest(FIXTURE_DATA(tpm) *self, struct parsec_key *key,
				 struct parsec_key *attesting, bool wrong)
{
	static const uint8_t credential[] = "a credential";
	const struct parsec_span expected = { credential, sizeof(credential) };
	uint8_t rooms[4][1024];
	struct parsec_out name = { rooms[0], 66, 0 }, public = { rooms[1], 1024, 0 };
	struct parsec_out by = { rooms[2], 1024, 0 }, answer = { rooms[3], 1024, 0 };
	enum parsec_status status = ops->attest_prepare(self->ctx, key, attesting, &name, &public,
							&by);
	struct challenge challenge;

	if (status)
		return status;
	if (!challenge_make((struct parsec_span){ by.data, by.len },
			    (struct parsec_span){ name.data, name.len }, expected, &challenge))
		abort();
	challenge.blob[challenge.blob_len - 1] ^= wrong;
	status = ops->attest_activate(self->ctx, key, attesting,
				      (struct parsec_span){ challenge.blob, challenge.blob_len },
				      (struct parsec_span){ challenge.secret,
							    challenge.secret_len }, &answer);
	if (status)
		return status;
	return same(expected, (struct parsec_span){ answer.data, answer.len }) ?
		       PARSEC_SUCCESS : PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
}

#endif /* UNIT_TPM_ATTEST_H */
