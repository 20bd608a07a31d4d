// SPDX-License-Identifier: Apache-2.0
/*
 * AES-CCM (NIST SP 800-38C) for a token that has CBC and CTR only, with what PKCS #11 says of its
 * parameter.
 */
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "selftests/pkcs11/ccm.h"

#define BLOCK		16
/* Begun at a time */
#define MOST		64
/* Above it the length of additional data takes more than two bytes */
#define SHORT_AAD	0xff00

/**
 * struct begun - an operation between its two calls
 * @used:	is it one?
 * @session:	in which
 * @key:	with which
 * @encrypts:	or decrypts
 * @params:	with copies of their own
 * @nonce:	of @params
 */
struct begun {
	bool used;
	CK_SESSION_HANDLE session;
	CK_OBJECT_HANDLE key;
	bool encrypts;
	struct ccm params;
	CK_BYTE nonce[13];
};

/* Guards all[] */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct begun all[MOST];

/* With the lock held. @used: one of this session; or one that is free */
static struct begun *find(CK_SESSION_HANDLE session, bool used)
{
	for (size_t i = 0; i < MOST; i++) {
		if (all[i].used == used && (!used || all[i].session == session))
			return &all[i];
	}
	return NULL;
}

CK_RV ccm_begin(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE key, const CK_MECHANISM *mechanism,
		bool encrypts)
{
	const struct ccm *params = mechanism->pParameter;
	struct begun *begun;
	CK_BYTE *aad;

	if (mechanism->ulParameterLen != sizeof(*params) || params->nonce_len < 7 ||
	    params->nonce_len > 13 || params->tag_len < 4 || params->tag_len > 16 ||
	    params->tag_len % 2)
		return CKR_MECHANISM_PARAM_INVALID;
	aad = malloc(params->aad_len + 1);
	if (!aad)
		return CKR_HOST_MEMORY;
	if (params->aad_len)
		memcpy(aad, params->aad, params->aad_len);
	pthread_mutex_lock(&lock);
	begun = find(session, true) ? NULL : find(session, false);
	if (begun) {
		*begun = (struct begun){ .used = true, .session = session, .key = key,
					 .encrypts = encrypts, .params = *params };
		memcpy(begun->nonce, params->nonce, params->nonce_len);
		begun->params.aad = aad;
	}
	pthread_mutex_unlock(&lock);
	if (!begun)
		free(aad);
	return begun ? CKR_OK : CKR_OPERATION_ACTIVE;
}

bool ccm_is_begun(CK_SESSION_HANDLE session)
{
	bool is;

	pthread_mutex_lock(&lock);
	is = find(session, true);
	pthread_mutex_unlock(&lock);
	return is;
}

static size_t padded(size_t len)
{
	return (len + BLOCK - 1) / BLOCK * BLOCK;
}

/* A number in the last bytes of a block */
static void put_number(uint64_t number, size_t bytes, CK_BYTE block[BLOCK])
{
	for (size_t i = 1; i <= bytes && i <= sizeof(number); i++, number >>= 8)
		block[BLOCK - i] = (CK_BYTE)number;
}

/* What the tag is made of (A.2.1, A.2.2), into room for it. Return: bytes */
static size_t format(const struct begun *begun, const CK_BYTE *text, CK_BYTE *to)
{
	const struct ccm *params = &begun->params;
	size_t q = 15 - params->nonce_len, at = BLOCK;

	to[0] = (CK_BYTE)((params->aad_len ? 64 : 0) + 8 * ((params->tag_len - 2) / 2) + q - 1);
	put_number(params->text_len, q, to);
	memcpy(to + 1, begun->nonce, params->nonce_len);
	if (params->aad_len) {
		if (params->aad_len >= SHORT_AAD) {
			to[at++] = 0xff;
			to[at++] = 0xfe;
			to[at++] = (CK_BYTE)(params->aad_len >> 24);
			to[at++] = (CK_BYTE)(params->aad_len >> 16);
		}
		to[at++] = (CK_BYTE)(params->aad_len >> 8);
		to[at++] = (CK_BYTE)params->aad_len;
		memcpy(to + at, params->aad, params->aad_len);
		at = padded(at + params->aad_len);
	}
	if (params->text_len)
		memcpy(to + at, text, params->text_len);
	return padded(at + params->text_len);
}

static CK_RV encrypt(const CK_FUNCTION_LIST *call, const struct begun *begun,
		     CK_MECHANISM_TYPE type, void *param, CK_ULONG param_len, CK_BYTE *data,
		     CK_ULONG len)
{
	CK_MECHANISM mechanism = { type, param, param_len };
	CK_RV rv = call->C_EncryptInit(begun->session, &mechanism, begun->key);

	return rv == CKR_OK ? call->C_Encrypt(begun->session, data, len, data, &len) : rv;
}

/* The last block of CBC without an IV */
static CK_RV make_tag(const CK_FUNCTION_LIST *call, const struct begun *begun,
		      const CK_BYTE *text, CK_BYTE tag[BLOCK])
{
	CK_BYTE iv[BLOCK] = { 0 };
	CK_BYTE *room = calloc(1, 4 * BLOCK + padded(begun->params.aad_len) +
				  padded(begun->params.text_len));
	CK_RV rv = CKR_HOST_MEMORY;
	size_t len;

	if (room) {
		len = format(begun, text, room);
		rv = encrypt(call, begun, CKM_AES_CBC, iv, sizeof(iv), room, len);
		memcpy(tag, room + len - BLOCK, BLOCK);
	}
	free(room);
	return rv;
}

/* A tag and the text behind it, both ways: the first block of the key stream is for the tag */
static CK_RV apply_stream(const CK_FUNCTION_LIST *call, const struct begun *begun, CK_BYTE *data,
			  CK_ULONG len)
{
	size_t q = 15 - begun->params.nonce_len;
	CK_AES_CTR_PARAMS counter = { .ulCounterBits = 8 * q };

	counter.cb[0] = (CK_BYTE)(q - 1);
	memcpy(counter.cb + 1, begun->nonce, begun->params.nonce_len);
	return encrypt(call, begun, CKM_AES_CTR, &counter, sizeof(counter), data, len);
}

static CK_RV seal(const CK_FUNCTION_LIST *call, const struct begun *begun, const CK_BYTE *in,
		  CK_BYTE *room, CK_BYTE *out)
{
	size_t len = begun->params.text_len;
	CK_RV rv = make_tag(call, begun, in, room);

	memcpy(room + BLOCK, in, len);
	if (rv == CKR_OK)
		rv = apply_stream(call, begun, room, BLOCK + len);
	memcpy(out, room + BLOCK, len);
	memcpy(out + len, room, begun->params.tag_len);
	return rv;
}

static CK_RV unseal(const CK_FUNCTION_LIST *call, const struct begun *begun, const CK_BYTE *in,
		    CK_BYTE *room, CK_BYTE *out)
{
	size_t len = begun->params.text_len;
	CK_BYTE tag[BLOCK];
	CK_RV rv;

	memcpy(room, in + len, begun->params.tag_len);
	memcpy(room + BLOCK, in, len);
	rv = apply_stream(call, begun, room, BLOCK + len);
	if (rv == CKR_OK)
		rv = make_tag(call, begun, room + BLOCK, tag);
	if (rv == CKR_OK && memcmp(tag, room, begun->params.tag_len))
		rv = CKR_ENCRYPTED_DATA_INVALID;
	if (rv == CKR_OK)
		memcpy(out, room + BLOCK, len);
	return rv;
}

static CK_RV run(const CK_FUNCTION_LIST *call, const struct begun *begun, const CK_BYTE *in,
		 CK_ULONG in_len, CK_BYTE *out, CK_ULONG *len)
{
	const struct ccm *params = &begun->params;
	CK_ULONG sealed = params->text_len + params->tag_len;
	CK_ULONG out_len = begun->encrypts ? sealed : params->text_len;
	CK_BYTE *room;
	CK_RV rv;

	if (in_len != (begun->encrypts ? params->text_len : sealed))
		return begun->encrypts ? CKR_DATA_LEN_RANGE : CKR_ENCRYPTED_DATA_LEN_RANGE;
	if (*len < out_len)
		return CKR_BUFFER_TOO_SMALL;
	room = calloc(1, BLOCK + params->text_len);
	if (!room)
		return CKR_HOST_MEMORY;
	rv = begun->encrypts ? seal(call, begun, in, room, out) :
			       unseal(call, begun, in, room, out);
	free(room);
	*len = out_len;
	return rv;
}

CK_RV ccm_end(const CK_FUNCTION_LIST *call, CK_SESSION_HANDLE session, const CK_BYTE *in,
	      CK_ULONG in_len, CK_BYTE *out, CK_ULONG *len)
{
	struct begun begun, *mine;
	CK_RV rv;

	pthread_mutex_lock(&lock);
	mine = find(session, true);
	begun = *mine;
	mine->used = false;
	pthread_mutex_unlock(&lock);
	rv = run(call, &begun, in, in_len, out, len);
	free(begun.params.aad);
	return rv;
}
