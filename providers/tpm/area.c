// SPDX-License-Identifier: Apache-2.0
/*
 * The public area of a key: what the TPM is told about it, and keeps to.
 */
#include <openssl/evp.h>

#include <tss2/tss2_mu.h>

#include "providers/tpm/tpm.h"

bool is_pair(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_ECC_KEY_PAIR;
}

bool is_public(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY || type == PARSEC_KEY_TYPE_ECC_PUBLIC_KEY;
}

bool is_rsa(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_RSA_KEY_PAIR || type == PARSEC_KEY_TYPE_RSA_PUBLIC_KEY;
}

bool is_symmetric(uint8_t type)
{
	return type == PARSEC_KEY_TYPE_HMAC || type == PARSEC_KEY_TYPE_AES;
}

/* The one scheme that a policy permits; none where it permits several, or nothing */
static TPM2_ALG_ID scheme_of(const struct parsec_alg *alg)
{
	if (alg->kind == PARSEC_ALG_ASYMMETRIC_ENCRYPTION)
		return alg->scheme == PARSEC_CRYPT_RSA_OAEP ? TPM2_ALG_OAEP : TPM2_ALG_RSAES;
	if (alg->kind != PARSEC_ALG_SIGNATURE || alg->hash == PARSEC_HASH_ANY)
		return TPM2_ALG_NULL;
	switch (alg->scheme) {
	case PARSEC_SIGN_RSA_PKCS1V15:
		return TPM2_ALG_RSASSA;
	case PARSEC_SIGN_RSA_PSS:
		return TPM2_ALG_RSAPSS;
	case PARSEC_SIGN_ECDSA:
		return TPM2_ALG_ECDSA;
	default:
		return TPM2_ALG_NULL;
	}
}

/*
 * A key either signs or decrypts. One for no algorithm may do nothing, which the TPM has no
 * word for; that it signs is what the host keeps it from.
 */
static TPMA_OBJECT use_of(const struct parsec_alg *alg)
{
	return alg->kind == PARSEC_ALG_ASYMMETRIC_ENCRYPTION ||
	       alg->kind == PARSEC_ALG_KEY_AGREEMENT ? TPMA_OBJECT_DECRYPT :
						       TPMA_OBJECT_SIGN_ENCRYPT;
}

/**
 * area_hash() - the hash that a key for HMAC is held to
 *
 * The TPM has none that is held to nothing. One for no algorithm gets a hash that the TPM makes
 * keys of this size for.
 */
uint8_t area_hash(const struct parsec_key_attributes *attrs)
{
	uint8_t hash = attrs->alg.kind == PARSEC_ALG_MAC ? attrs->alg.hash :
							   hash_of_size(attrs->bits / 8);

	return hash ? hash : PARSEC_HASH_SHA_256;
}

/* The one mode that a policy permits; TPM2_ALG_NULL, which permits all, for no algorithm */
static TPM2_ALG_ID mode_of(const struct parsec_alg *alg)
{
	if (alg->kind == PARSEC_ALG_MAC)
		return TPM2_ALG_CMAC;
	return alg->kind == PARSEC_ALG_CIPHER ? mode_id(alg->scheme) : TPM2_ALG_NULL;
}

/* A key for a MAC signs. One for a cipher encrypts, which is the same word, and decrypts */
static void describe_symmetric(const struct parsec_key_attributes *attrs, TPMT_PUBLIC *area)
{
	TPMT_KEYEDHASH_SCHEME *scheme = &area->parameters.keyedHashDetail.scheme;
	TPMT_SYM_DEF_OBJECT *cipher = &area->parameters.symDetail.sym;

	if (attrs->type == PARSEC_KEY_TYPE_HMAC) {
		area->type = TPM2_ALG_KEYEDHASH;
		area->objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
		scheme->scheme = TPM2_ALG_HMAC;
		scheme->details.hmac.hashAlg = hash_id(area_hash(attrs));
		return;
	}
	area->type = TPM2_ALG_SYMCIPHER;
	area->objectAttributes |= TPMA_OBJECT_SIGN_ENCRYPT;
	if (attrs->alg.kind != PARSEC_ALG_MAC)
		area->objectAttributes |= TPMA_OBJECT_DECRYPT;
	cipher->algorithm = TPM2_ALG_AES;
	cipher->keyBits.aes = (UINT16)attrs->bits;
	cipher->mode.aes = mode_of(&attrs->alg);
}

/**
 * area_describe() - the public area of a key that is to be made or imported
 * @area:	all but what makes it different from others of its kind; the attributes are
 *		those of an imported one
 *
 * Return: false when the TPM has no such kind of key.
 */
bool area_describe(const struct parsec_key_attributes *attrs, TPMT_PUBLIC *area)
{
	const struct curve *curve = curve_of(attrs->bits);
	TPM2_ALG_ID scheme = scheme_of(&attrs->alg), hash = hash_id(attrs->alg.hash);

	*area = (TPMT_PUBLIC){
		.nameAlg = TPM2_ALG_SHA256,
		/* A wrong authorisation value cannot come from guessing: it is ours */
		.objectAttributes = TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA,
	};
	if (is_symmetric(attrs->type)) {
		describe_symmetric(attrs, area);
		return true;
	}
	area->objectAttributes |= use_of(&attrs->alg);
	if (is_rsa(attrs->type)) {
		area->type = TPM2_ALG_RSA;
		area->parameters.rsaDetail.symmetric.algorithm = TPM2_ALG_NULL;
		area->parameters.rsaDetail.scheme.scheme = scheme;
		/* All schemes have their hash in the same place */
		area->parameters.rsaDetail.scheme.details.anySig.hashAlg = hash;
		area->parameters.rsaDetail.keyBits = (UINT16)attrs->bits;
		return true;
	}
	area->type = TPM2_ALG_ECC;
	area->parameters.eccDetail.symmetric.algorithm = TPM2_ALG_NULL;
	area->parameters.eccDetail.scheme.scheme = scheme;
	area->parameters.eccDetail.scheme.details.anySig.hashAlg = hash;
	area->parameters.eccDetail.kdf.scheme = TPM2_ALG_NULL;
	if (!curve)
		return false;
	area->parameters.eccDetail.curveID = curve->id;
	return true;
}

/**
 * area_is_attesting() - is a key made for attesting others only?
 *
 * To a TPM that is a restricted key, which decrypts challenges and nothing that anybody else
 * has encrypted. For us it is one that no algorithm may use, but that may decrypt; below 2048
 * bits nobody ought to believe it.
 */
bool area_is_attesting(const struct parsec_key_attributes *attrs)
{
	return attrs->type == PARSEC_KEY_TYPE_RSA_KEY_PAIR && attrs->bits >= 2048 &&
	       attrs->alg.kind == PARSEC_ALG_NONE && attrs->usage & PARSEC_USAGE_DECRYPT;
}

/* Make the area of a key that is to be generated one of an attesting key */
void area_make_attesting(TPMT_PUBLIC *area)
{
	TPMT_SYM_DEF_OBJECT *symmetric = &area->parameters.rsaDetail.symmetric;

	area->objectAttributes &= ~TPMA_OBJECT_SIGN_ENCRYPT;
	area->objectAttributes |= TPMA_OBJECT_RESTRICTED | TPMA_OBJECT_DECRYPT;
	symmetric->algorithm = TPM2_ALG_AES;
	symmetric->keyBits.aes = 128;
	symmetric->mode.aes = TPM2_ALG_CFB;
}

/* Is it the area of such a key? */
bool area_matches(const TPMT_PUBLIC *area, const struct parsec_key_attributes *attrs)
{
	const struct curve *curve = curve_of(attrs->bits);
	size_t field = (attrs->bits + 7) / 8;

	if (attrs->type == PARSEC_KEY_TYPE_HMAC)
		return area->type == TPM2_ALG_KEYEDHASH;
	if (attrs->type == PARSEC_KEY_TYPE_AES)
		return area->type == TPM2_ALG_SYMCIPHER &&
		       area->parameters.symDetail.sym.algorithm == TPM2_ALG_AES &&
		       area->parameters.symDetail.sym.keyBits.aes == attrs->bits;
	if (is_rsa(attrs->type))
		return area->type == TPM2_ALG_RSA && attrs->bits <= 8 * MODULUS_MAX &&
		       area->parameters.rsaDetail.keyBits == attrs->bits &&
		       area->unique.rsa.size == field;
	return area->type == TPM2_ALG_ECC && curve &&
	       area->parameters.eccDetail.curveID == curve->id &&
	       area->unique.ecc.x.size <= field && area->unique.ecc.y.size <= field;
}

/**
 * area_name() - what the TPM calls a key of this area
 *
 * Return: false without memory.
 */
bool area_name(const TPMT_PUBLIC *area, TPM2B_NAME *name)
{
	uint8_t bytes[sizeof(*area)];
	size_t len = 0;

	if (area->nameAlg != TPM2_ALG_SHA256 ||
	    Tss2_MU_TPMT_PUBLIC_Marshal(area, bytes, sizeof(bytes), &len))
		return false;
	name->size = 2 + 32;
	name->name[0] = TPM2_ALG_SHA256 >> 8;
	name->name[1] = TPM2_ALG_SHA256 & 0xff;
	return EVP_Digest(bytes, len, name->name + 2, NULL, EVP_sha256(), NULL) == 1;
}
