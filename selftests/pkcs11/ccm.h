/* SPDX-License-Identifier: Apache-2.0 */
/*
 * AES-CCM for a token that has CBC and CTR only.
 */
#ifndef TRAP_CCM_H
#define TRAP_CCM_H

#include <stdbool.h>

#include <p11-kit/pkcs11.h>

/* CK_CCM_PARAMS, which p11-kit's header does not have */
struct ccm {
	CK_ULONG text_len;
	CK_BYTE *nonce;
	CK_ULONG nonce_len;
	CK_BYTE *aad;
	CK_ULONG aad_len;
	CK_ULONG tag_len;
};

CK_RV ccm_begin(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const CK_MECHANISM *mechanism,
		bool encrypts);
bool ccm_is_begun(CK_SESSION_HANDLE session);
CK_RV ccm_end(const CK_FUNCTION_LIST *call, CK_SESSION_HANDLE session, const CK_BYTE *in,
	      CK_ULONG in_len, CK_BYTE *out, CK_ULONG *len);

#endif /* TRAP_CCM_H */
