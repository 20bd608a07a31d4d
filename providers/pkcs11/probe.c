// SPDX-License-Identifier: Apache-2.0
/*
 * What a token's list of mechanisms does not tell: which curves it has, and which hashes
 * within the paddings of RSA. It is tried out at the start, with keys that are in a session
 * only.
 */
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

#define PROBE_BITS	2048
#define PROBE_BYTES	(PROBE_BITS / 8)

/**
 * struct trial - hashes with a padding
 * @mechanism:	CKM_RSA_PKCS_PSS or CKM_RSA_PKCS_OAEP
 * @label:	of OAEP: is there to be one?
 * @candidates:	PARSEC_HASH_BIT() of what is to be tried
 * @found:	of what the token takes
 */
struct trial {
	CK_MECHANISM_TYPE mechanism;
	bool label;
	uint32_t candidates;
	uint32_t found;
};

/* A public key that nobody has the private one of, as none is needed */
static CK_RV make_public(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			 CK_OBJECT_HANDLE *object)
{
	static const uint8_t exponent[] = { 1, 0, 1 };
	const CK_OBJECT_CLASS class = CKO_PUBLIC_KEY;
	const CK_KEY_TYPE type = CKK_RSA;
	struct template template = { .count = 0 };
	uint8_t modulus[PROBE_BYTES];

	memset(modulus, 0xb7, sizeof(modulus));
	template_put(&template, CKA_CLASS, &class, sizeof(class));
	template_put(&template, CKA_KEY_TYPE, &type, sizeof(type));
	template_flag(&template, CKA_TOKEN, false);
	template_flag(&template, CKA_PRIVATE, false);
	template_flag(&template, CKA_VERIFY, true);
	template_flag(&template, CKA_ENCRYPT, true);
	template_put(&template, CKA_MODULUS, modulus, sizeof(modulus));
	template_put(&template, CKA_PUBLIC_EXPONENT, exponent, sizeof(exponent));
	return cryptoki(ctx)->C_CreateObject(session, template.list, template.count, object);
}

/* A signature that is wrong is one that was looked at */
static bool takes_pss(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      CK_OBJECT_HANDLE object, const struct hash *hash)
{
	CK_RSA_PKCS_PSS_PARAMS pss = { hash->digest, hash->mgf, hash->size };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_PSS, &pss, sizeof(pss) };
	uint8_t digest[PARSEC_HASH_SIZE_MAX] = { 0 }, signature[PROBE_BYTES] = { 0 };
	CK_RV rv = cryptoki(ctx)->C_VerifyInit(session, &mechanism, object);

	if (rv == CKR_OK)
		rv = cryptoki(ctx)->C_Verify(session, digest, hash->size, signature,
					     sizeof(signature));
	return rv == CKR_OK || rv == CKR_SIGNATURE_INVALID || rv == CKR_SIGNATURE_LEN_RANGE;
}

static bool takes_oaep(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		       CK_OBJECT_HANDLE object, const struct hash *hash, bool label)
{
	uint8_t name[] = { 'l' };
	CK_RSA_PKCS_OAEP_PARAMS oaep = { hash->digest, hash->mgf, CKZ_DATA_SPECIFIED,
					 label ? name : NULL, label };
	CK_MECHANISM mechanism = { CKM_RSA_PKCS_OAEP, &oaep, sizeof(oaep) };
	uint8_t text[1] = { 0 }, sealed[PROBE_BYTES];
	CK_ULONG len = sizeof(sealed);

	return cryptoki(ctx)->C_EncryptInit(session, &mechanism, object) == CKR_OK &&
	       cryptoki(ctx)->C_Encrypt(session, text, sizeof(text), sealed, &len) == CKR_OK;
}

static CK_RV try_hashes(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
			bool again)
{
	struct trial *trial = arg;
	CK_OBJECT_HANDLE object;
	CK_RV rv = make_public(ctx, session, &object);

	(void)again;
	trial->found = 0;
	if (rv != CKR_OK)
		return rv;
	for (unsigned int i = 0; i <= PARSEC_HASH_LAST; i++) {
		bool takes = trial->candidates & PARSEC_HASH_BIT(i);

		if (takes)
			takes = trial->mechanism == CKM_RSA_PKCS_PSS ?
				takes_pss(ctx, session, object, &hashes[i]) :
				takes_oaep(ctx, session, object, &hashes[i], trial->label);
		if (takes)
			trial->found |= PARSEC_HASH_BIT(i);
	}
	return cryptoki(ctx)->C_DestroyObject(session, object);
}

/**
 * probe_hashes() - hashes that the token takes within a padding
 * @mechanism:	CKM_RSA_PKCS_PSS or CKM_RSA_PKCS_OAEP
 * @candidates:	PARSEC_HASH_BIT() of what may be
 *
 * Return: some of @candidates; all of them when a token takes no key to try with.
 */
uint32_t probe_hashes(struct parsec_provider_ctx *ctx, CK_MECHANISM_TYPE mechanism,
		      uint32_t candidates)
{
	struct trial trial = { .mechanism = mechanism, .candidates = candidates };
	CK_RV rv = session_run(ctx, try_hashes, &trial);

	return rv == CKR_OK || trial.found ? trial.found : is_refusal(rv) ? candidates : 0;
}

/* Does the token take labels of OAEP? SHA-1 is what every token has that has OAEP at all */
bool probe_labels(struct parsec_provider_ctx *ctx)
{
	struct trial trial = { .mechanism = CKM_RSA_PKCS_OAEP, .label = true,
			       .candidates = PARSEC_HASH_BIT(PARSEC_HASH_SHA_1) };

	session_run(ctx, try_hashes, &trial);
	return trial.found;
}

static CK_RV try_curve(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		       bool again)
{
	const struct curve *curve = arg;
	CK_MECHANISM mechanism = { curve_mechanism(ctx, curve->family), NULL, 0 };
	struct template public = { .count = 0 }, private = { .count = 0 };
	CK_OBJECT_HANDLE handles[2];
	CK_RV rv;

	(void)again;
	template_flag(&public, CKA_TOKEN, false);
	template_put(&public, CKA_EC_PARAMS, curve->oid, curve->oid_len);
	template_flag(&private, CKA_TOKEN, false);
	template_flag(&private, curve->family == PARSEC_ECC_MONTGOMERY ? CKA_DERIVE : CKA_SIGN,
		      true);
	rv = cryptoki(ctx)->C_GenerateKeyPair(session, &mechanism, public.list, public.count,
					      private.list, private.count, &handles[0],
					      &handles[1]);
	if (rv != CKR_OK)
		return rv;
	cryptoki(ctx)->C_DestroyObject(session, handles[0]);
	cryptoki(ctx)->C_DestroyObject(session, handles[1]);
	return CKR_OK;
}

/* Does the token make keys of this curve? */
bool probe_curve(struct parsec_provider_ctx *ctx, const struct curve *curve)
{
	struct curve copy = *curve;

	return session_run(ctx, try_curve, &copy) == CKR_OK;
}
