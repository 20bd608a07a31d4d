// SPDX-License-Identifier: Apache-2.0
/*
 * create-csr: a certificate signing request. OpenSSL puts it together here, and the
 * service signs it.
 */
#include <string.h>

#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <openssl/x509v3.h>

#include "parsecctl.h"

/* Longest type of a subject's part, such as "organizationalUnitName" */
#define TYPE_MAX	64

/**
 * struct csr - a request in the making
 * @attrs:	the key
 * @alg:	what it is signed with
 * @hash:	hash of @alg
 * @req:	the request
 */
struct csr {
	struct parsec_key_attributes attrs;
	struct parsec_alg alg;
	uint8_t hash;
	X509_REQ *req;
};

/* Copy up to an unescaped @end or the end of the text; where it stopped, NULL: no room */
static const char *copy_part(const char *from, char end, char *to, size_t size)
{
	for (; *from && *from != end; from++) {
		if (*from == '\\' && from[1])
			from++;
		if (!--size)
			return NULL;
		*to++ = *from;
	}
	*to = '\0';
	return from;
}

/* "/CN=web/O=Example" as openssl req has it; a backslash takes away special meaning */
static int add_subject(struct ctl *ctl, struct csr *csr)
{
	X509_NAME *name = X509_REQ_get_subject_name(csr->req);
	const char *at = ctl->args.subject;
	char type[TYPE_MAX], value[1024];

	if (*at != '/')
		return usage_error(ctl, "--subject \"%s\" does not start with \"/\"", at);
	while (*at) {
		at = copy_part(at + 1, '=', type, sizeof(type));
		if (!at || *at != '=' || strchr(type, '/'))
			return usage_error(ctl, "--subject \"%s\" is not like \"/CN=web/O=Example\"",
					   ctl->args.subject);
		at = copy_part(at + 1, '/', value, sizeof(value));
		if (!at || !value[0] ||
		    !X509_NAME_add_entry_by_txt(name, type, MBSTRING_UTF8,
						(unsigned char *)value, -1, -1, 0))
			return usage_error(ctl, "--subject cannot have such a part \"%s\"", type);
	}
	return EXIT_OK;
}

static const struct {
	const char *prefix;
	int type;
} san_kinds[] = {
	{ "DNS:", GEN_DNS },
	{ "IP:", GEN_IPADD },
	{ "URI:", GEN_URI },
	{ "email:", GEN_EMAIL },
};

static bool add_alternative_name(GENERAL_NAMES *names, const char *text)
{
	GENERAL_NAME *name = NULL;
	size_t i, len;

	for (i = 0; i < sizeof(san_kinds) / sizeof(san_kinds[0]); i++) {
		len = strlen(san_kinds[i].prefix);
		if (!strncasecmp(text, san_kinds[i].prefix, len) && text[len])
			name = a2i_GENERAL_NAME(NULL, NULL, NULL, san_kinds[i].type,
						text + len, 0);
	}
	if (!name)
		return false;
	if (sk_GENERAL_NAME_push(names, name) > 0)
		return true;
	GENERAL_NAME_free(name);
	return false;
}

/* "DNS:example.com,IP:192.0.2.1" as an extension of the request */
static int add_alternative_names(struct ctl *ctl, struct csr *csr)
{
	GENERAL_NAMES *names = GENERAL_NAMES_new();
	STACK_OF(X509_EXTENSION) *extensions = NULL;
	const char *at = ctl->args.san;
	int code = EXIT_OK;
	char name[1024];

	do {
		at = copy_part(at, ',', name, sizeof(name));
		if (!names || !at || !add_alternative_name(names, name)) {
			code = usage_error(ctl, "--san has a name that is not like "
					   "\"DNS:example.com\" (or IP:, URI:, email:)");
			break;
		}
	} while (*at++);
	if (!code && (X509V3_add1_i2d(&extensions, NID_subject_alt_name, names, 0, 0) <= 0 ||
		      !X509_REQ_add_extensions(csr->req, extensions)))
		code = local_error(ctl, "OpenSSL cannot add the alternative names");
	sk_X509_EXTENSION_pop_free(extensions, X509_EXTENSION_free);
	GENERAL_NAMES_free(names);
	return code;
}

/* What RSA-PSS as the contract has it is to X.509: MGF1 and a salt, both of the hash */
static bool set_pss(X509_ALGOR *to, const EVP_MD *md)
{
	RSA_PSS_PARAMS *pss = RSA_PSS_PARAMS_new();
	X509_ALGOR *hash = X509_ALGOR_new();
	ASN1_STRING *packed_hash = NULL, *packed = NULL;
	bool done = false;

	if (!pss || !hash)
		goto out;
	X509_ALGOR_set_md(hash, md);
	packed_hash = ASN1_item_pack(hash, ASN1_ITEM_rptr(X509_ALGOR), NULL);
	pss->maskGenAlgorithm = X509_ALGOR_new();
	pss->saltLength = ASN1_INTEGER_new();
	if (!packed_hash || !pss->maskGenAlgorithm || !pss->saltLength ||
	    !ASN1_INTEGER_set(pss->saltLength, EVP_MD_get_size(md)) ||
	    !X509_ALGOR_set0(pss->maskGenAlgorithm, OBJ_nid2obj(NID_mgf1), V_ASN1_SEQUENCE,
			     packed_hash))
		goto out;
	packed_hash = NULL;
	pss->hashAlgorithm = hash;
	hash = NULL;
	packed = ASN1_item_pack(pss, ASN1_ITEM_rptr(RSA_PSS_PARAMS), NULL);
	done = packed && X509_ALGOR_set0(to, OBJ_nid2obj(NID_rsassaPss), V_ASN1_SEQUENCE, packed);
	if (!done)
		ASN1_STRING_free(packed);
out:
	ASN1_STRING_free(packed_hash);
	X509_ALGOR_free(hash);
	RSA_PSS_PARAMS_free(pss);
	return done;
}

/* Name in the request what it is signed with; false when X.509 has no name for it */
static bool set_algorithm(struct csr *csr)
{
	int key = key_is_ecc(&csr->attrs) ? NID_X9_62_id_ecPublicKey : NID_rsaEncryption;
	X509_ALGOR *alg = X509_ALGOR_new();
	EVP_MD *md = hash_fetch(csr->hash);
	bool done = false;
	int nid;

	if (!alg || !md)
		goto out;
	if (csr->alg.scheme == PARSEC_SIGN_RSA_PSS)
		done = set_pss(alg, md);
	else if (OBJ_find_sigid_by_algs(&nid, EVP_MD_get_type(md), key))
		done = X509_ALGOR_set0(alg, OBJ_nid2obj(nid), key == NID_rsaEncryption ?
				       V_ASN1_NULL : V_ASN1_UNDEF, NULL);
	done = done && X509_REQ_set1_signature_algo(csr->req, alg);
out:
	X509_ALGOR_free(alg);
	EVP_MD_free(md);
	return done;
}

/* Sign what is to be signed, hashed here unless the key takes only messages */
static int sign_input(struct ctl *ctl, struct csr *csr, const struct bytes *tbs,
		      struct bytes *signature)
{
	bool message = !(csr->attrs.usage & PARSEC_USAGE_SIGN_HASH);
	uint8_t digest[EVP_MAX_MD_SIZE], *room;
	EVP_MD *md = hash_fetch(csr->hash);
	unsigned int len = 0;
	bool hashed;
	int error;

	hashed = md && EVP_Digest(tbs->data, tbs->len, digest, &len, md, NULL);
	EVP_MD_free(md);
	room = bytes_room(signature, PARSEC_SIGNATURE_SIZE_MAX);
	if (!hashed || !room)
		return local_error(ctl, "OpenSSL cannot hash with %s", hash_name(csr->hash));
	error = (message ? parsec_psa_sign_message : parsec_psa_sign_hash)
		(ctl->parsec, ctl->args.key_name, &csr->alg, message ? tbs->data : digest,
		 message ? tbs->len : len, room, PARSEC_SIGNATURE_SIZE_MAX, &signature->len);
	return error ? parsec_failure(ctl, error) : EXIT_OK;
}

static bool set_signature(struct csr *csr, const struct bytes *raw)
{
	ASN1_BIT_STRING *bits = ASN1_BIT_STRING_new();
	const struct bytes *data = raw;
	struct bytes der = {};
	bool done;

	if (key_is_ecc(&csr->attrs) && ecdsa_to_der(raw, &der))
		data = &der;
	done = bits && (data == &der || !key_is_ecc(&csr->attrs)) &&
	       ASN1_BIT_STRING_set(bits, data->data, (int)data->len);
	if (done) {
		/* A signature is whole bytes, even where the last ones are 0 bits */
		bits->flags &= ~(ASN1_STRING_FLAG_BITS_LEFT | 0x07);
		bits->flags |= ASN1_STRING_FLAG_BITS_LEFT;
		X509_REQ_set0_signature(csr->req, bits);
	} else {
		ASN1_BIT_STRING_free(bits);
	}
	bytes_free(&der);
	return done;
}

static int sign_request(struct ctl *ctl, struct csr *csr)
{
	struct bytes tbs = {}, signature = {};
	int len = i2d_re_X509_REQ_tbs(csr->req, &tbs.data);
	int code;

	if (len <= 0)
		return local_error(ctl, "OpenSSL cannot encode the request");
	tbs.len = (size_t)len;
	code = sign_input(ctl, csr, &tbs, &signature);
	if (!code && (!set_algorithm(csr) || !set_signature(csr, &signature)))
		code = local_error(ctl, "requests cannot be signed like this: try another hash");
	OPENSSL_free(tbs.data);
	bytes_free(&signature);
	return code;
}

static int write_request(struct ctl *ctl, struct csr *csr)
{
	struct json json = { .to = ctl->result };
	BIO *bio = BIO_new(BIO_s_mem());
	struct bytes text = {};
	int code = EXIT_OK;
	bool done;

	done = bio && (ctl->args.der ? i2d_X509_REQ_bio(bio, csr->req) :
				       PEM_write_bio_X509_REQ(bio, csr->req)) &&
	       bytes_add_bio(&text, bio);
	BIO_free(bio);
	if (!done) {
		code = local_error(ctl, "OpenSSL cannot encode the request");
	} else if (ctl->args.json) {
		json_key_start(ctl, &json, &csr->alg);
		json_string_len(&json, "pem", (char *)text.data, text.len);
		json_close(&json, '}');
	} else {
		code = data_write(ctl, &text, ctl->args.der);
	}
	bytes_free(&text);
	return code;
}

/* The request without a signature */
static int make_request(struct ctl *ctl, struct csr *csr)
{
	uint8_t data[PARSEC_PUBLIC_KEY_SIZE_MAX];
	struct bytes key = { .data = data };
	EVP_PKEY *pkey;
	int code, error;
	bool done;

	csr->req = X509_REQ_new();
	if (!csr->req)
		return local_error(ctl, "out of memory");
	code = add_subject(ctl, csr);
	if (!code && ctl->args.san)
		code = add_alternative_names(ctl, csr);
	if (code)
		return code;
	error = parsec_psa_export_public_key(ctl->parsec, ctl->args.key_name, data,
					     sizeof(data), &key.len);
	if (error)
		return parsec_failure(ctl, error);
	pkey = public_key(&csr->attrs, &key);
	done = pkey && X509_REQ_set_pubkey(csr->req, pkey);
	EVP_PKEY_free(pkey);
	return done ? EXIT_OK : local_error(ctl, "OpenSSL cannot use a key like this");
}

int cmd_create_csr(struct ctl *ctl)
{
	uint8_t asked = PARSEC_HASH_NONE;
	struct csr csr = {};
	int code = hash_asked_for(ctl, &asked);

	if (!code && ctl->args.der && ctl->args.json)
		code = usage_error(ctl, "--der and --json exclude each other");
	if (!code)
		code = ctl_open(ctl, false);
	if (!code)
		code = ctl_find_key(ctl, &csr.attrs);
	if (!code)
		code = signing_algorithm(ctl, &csr.attrs, asked, &csr.alg, &csr.hash);
	if (!code)
		code = make_request(ctl, &csr);
	if (!code)
		code = sign_request(ctl, &csr);
	if (!code)
		code = write_request(ctl, &csr);
	X509_REQ_free(csr.req);
	return code;
}
