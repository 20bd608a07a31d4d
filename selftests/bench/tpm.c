// SPDX-License-Identifier: Apache-2.0
/*
 * What an application pays for a signature of a TPM when it asks through /dev/parsec, and not
 * the TPM itself: ECDSA with P-256, in turns, in one machine. Prints a table in
 * reStructuredText; exit status 1 when the target is missed.
 *
 *   tpm TCTI	of the TPM that the provider has as well, in the software stack's words
 *
 * Who asks the TPM has a resource manager's room of its own with one loaded key in it, and
 * either the session that the provider has, salted with a storage key, or sends the
 * authorisation value as it is.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <tss2/tss2_esys.h>
#include <tss2/tss2_tctildr.h>

#include "tools/lib/parsec.h"

#define KEY	"bench-tpm"
#define ROUNDS	21
#define SIGNS	20
#define TARGET	1.1

static const uint8_t hash[32] = { 1 };

/** struct direct - a user of the TPM
 * @link:	to it
 * @esys:	commands on @link
 * @key:	loaded, and nothing else is
 * @session:	for its authorisation, or ESYS_TR_PASSWORD
 */
struct direct {
	TSS2_TCTI_CONTEXT *link;
	ESYS_CONTEXT *esys;
	ESYS_TR key;
	ESYS_TR session;
};

static _Noreturn void fail(const char *what, unsigned int code)
{
	fprintf(stderr, "tpm: %s: %#x\n", what, code);
	exit(2);
}

static void must(const char *what, TSS2_RC rc)
{
	if (rc)
		fail(what, rc);
}

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A storage key, and a key below it that signs */
static TPM2B_PUBLIC area(bool storage)
{
	const TPMA_OBJECT common = TPMA_OBJECT_FIXEDTPM | TPMA_OBJECT_FIXEDPARENT |
		TPMA_OBJECT_SENSITIVEDATAORIGIN | TPMA_OBJECT_USERWITHAUTH | TPMA_OBJECT_NODA;
	TPM2B_PUBLIC public = {
		.publicArea = {
			.type = TPM2_ALG_ECC,
			.nameAlg = TPM2_ALG_SHA256,
			.objectAttributes = common | TPMA_OBJECT_SIGN_ENCRYPT,
			.parameters.eccDetail = {
				.symmetric.algorithm = TPM2_ALG_NULL,
				.scheme = { .scheme = TPM2_ALG_ECDSA,
					    .details.ecdsa.hashAlg = TPM2_ALG_SHA256 },
				.curveID = TPM2_ECC_NIST_P256,
				.kdf.scheme = TPM2_ALG_NULL,
			},
		},
	};
	TPMS_ECC_PARMS *parms = &public.publicArea.parameters.eccDetail;

	if (storage) {
		public.publicArea.objectAttributes = common | TPMA_OBJECT_RESTRICTED |
						     TPMA_OBJECT_DECRYPT;
		parms->symmetric = (TPMT_SYM_DEF_OBJECT){
			.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB };
		parms->scheme.scheme = TPM2_ALG_NULL;
	}
	return public;
}

static ESYS_TR make_parent(ESYS_CONTEXT *esys)
{
	const TPM2B_SENSITIVE_CREATE sensitive = { 0 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPM2B_PUBLIC template = area(true);
	ESYS_TR parent;

	must("CreatePrimary", Esys_CreatePrimary(esys, ESYS_TR_RH_OWNER, ESYS_TR_PASSWORD,
						 ESYS_TR_NONE, ESYS_TR_NONE, &sensitive,
						 &template, &outside, &pcrs, &parent, NULL, NULL,
						 NULL, NULL));
	return parent;
}

static ESYS_TR make_key(ESYS_CONTEXT *esys, ESYS_TR parent)
{
	TPM2B_SENSITIVE_CREATE sensitive = { .sensitive.userAuth.size = 32 };
	const TPML_PCR_SELECTION pcrs = { 0 };
	const TPM2B_DATA outside = { 0 };
	const TPM2B_PUBLIC template = area(false);
	TPM2B_PRIVATE *private;
	TPM2B_PUBLIC *public;
	ESYS_TR key;

	memset(sensitive.sensitive.userAuth.buffer, 1, 32);
	must("Create", Esys_Create(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
				   &sensitive, &template, &outside, &pcrs, &private, &public,
				   NULL, NULL, NULL));
	must("Load", Esys_Load(esys, parent, ESYS_TR_PASSWORD, ESYS_TR_NONE, ESYS_TR_NONE,
			       private, public, &key));
	must("SetAuth", Esys_TR_SetAuth(esys, key, &sensitive.sensitive.userAuth));
	Esys_Free(private);
	Esys_Free(public);
	return key;
}

static void direct_open(struct direct *direct, const char *tcti, bool salted)
{
	const TPMT_SYM_DEF cipher = {
		.algorithm = TPM2_ALG_AES, .keyBits.aes = 128, .mode.aes = TPM2_ALG_CFB,
	};
	ESYS_TR parent;

	must("TCTI", Tss2_TctiLdr_Initialize(tcti, &direct->link));
	must("Esys", Esys_Initialize(&direct->esys, direct->link, NULL));
	parent = make_parent(direct->esys);
	direct->key = make_key(direct->esys, parent);
	direct->session = ESYS_TR_PASSWORD;
	if (salted) {
		must("StartAuthSession",
		     Esys_StartAuthSession(direct->esys, parent, ESYS_TR_NONE, ESYS_TR_NONE,
					   ESYS_TR_NONE, ESYS_TR_NONE, NULL, TPM2_SE_HMAC,
					   &cipher, TPM2_ALG_SHA256, &direct->session));
		must("SetAttributes",
		     Esys_TRSess_SetAttributes(direct->esys, direct->session,
					       TPMA_SESSION_CONTINUESESSION, 0xff));
	}
	must("FlushContext", Esys_FlushContext(direct->esys, parent));
}

static void direct_close(struct direct *direct)
{
	Esys_FlushContext(direct->esys, direct->key);
	if (direct->session != ESYS_TR_PASSWORD)
		Esys_FlushContext(direct->esys, direct->session);
	Esys_Finalize(&direct->esys);
	Tss2_TctiLdr_Finalize(&direct->link);
}

static void direct_sign(void *arg)
{
	const TPMT_TK_HASHCHECK elsewhere = { .tag = TPM2_ST_HASHCHECK,
					      .hierarchy = TPM2_RH_NULL };
	const TPMT_SIG_SCHEME scheme = { .scheme = TPM2_ALG_ECDSA,
					 .details.ecdsa.hashAlg = TPM2_ALG_SHA256 };
	TPM2B_DIGEST digest = { .size = sizeof(hash) };
	struct direct *direct = arg;
	TPMT_SIGNATURE *signature;

	memcpy(digest.buffer, hash, sizeof(hash));
	must("Sign", Esys_Sign(direct->esys, direct->key, direct->session, ESYS_TR_NONE,
			       ESYS_TR_NONE, &digest, &scheme, &elsewhere, &signature));
	Esys_Free(signature);
}

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_ECDSA,
	.hash = PARSEC_HASH_SHA_256,
};

static struct parsec *parsec_ready(void)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
		.usage = PARSEC_USAGE_SIGN_HASH, .alg = ecdsa,
	};
	struct parsec *ctx;
	int status = parsec_open(&ctx);

	if (status)
		fail(parsec_strerror(status), 0);
	parsec_use_provider(ctx, PARSEC_PROVIDER_TPM);
	status = parsec_psa_generate_key(ctx, KEY, &attrs);
	if (status)
		fail(parsec_strerror(status), 0);
	return ctx;
}

static void parsec_sign(void *arg)
{
	uint8_t signature[PARSEC_SIGNATURE_SIZE_MAX];
	size_t len;
	int status = parsec_psa_sign_hash(arg, KEY, &ecdsa, hash, sizeof(hash), signature,
					  sizeof(signature), &len);

	if (status)
		fail(parsec_strerror(status), 0);
}

/* Return: ms for one of them */
static double time_signs(void (*sign)(void *arg), void *arg)
{
	double began = now();

	for (int i = 0; i < SIGNS; i++)
		sign(arg);
	return (now() - began) * 1000 / SIGNS;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values)
{
	qsort(values, ROUNDS, sizeof(*values), by_value);
	return values[ROUNDS / 2];
}

int main(int argc, char **argv)
{
	double through[ROUNDS], salted[ROUNDS], plain[ROUNDS], ratios[ROUNDS], ratio;
	struct direct with_session, with_password;
	struct parsec *ctx;

	if (argc != 2)
		fail("TCTI", 0);
	ctx = parsec_ready();
	direct_open(&with_session, argv[1], true);
	direct_open(&with_password, argv[1], false);
	parsec_sign(ctx);
	for (int i = 0; i < ROUNDS; i++) {
		salted[i] = time_signs(direct_sign, &with_session);
		through[i] = time_signs(parsec_sign, ctx);
		plain[i] = time_signs(direct_sign, &with_password);
		ratios[i] = through[i] / salted[i];
	}
	parsec_psa_destroy_key(ctx, KEY);
	parsec_close(ctx);
	direct_close(&with_session);
	direct_close(&with_password);
	ratio = median(ratios);
	printf("=======================================  =======\n"
	       "ECDSA P-256 of a TPM                          ms\n"
	       "=======================================  =======\n"
	       "through /dev/parsec                      %7.2f\n"
	       "of the TPM itself, the same session      %7.2f\n"
	       "of the TPM itself, no session            %7.2f\n"
	       "first of second (at most %.1f)            %7.2f\n"
	       "=======================================  =======\n",
	       median(through), median(salted), median(plain), TARGET, ratio);
	return ratio > TARGET;
}
