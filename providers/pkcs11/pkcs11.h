/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the PKCS#11 provider share.
 *
 * A backend id is the CKA_ID of the objects of a key. What is kept in the blob is what the
 * key is and, where it has one, its public part: so nobody who can write to the token can
 * put another public key in its place.
 */
#ifndef PARSEC_PKCS11_H
#define PARSEC_PKCS11_H

#include <pthread.h>
#include <sys/queue.h>

#include <p11-kit/pkcs11.h>
#include <p11-kit/uri.h>

#include "providers/lib/option.h"

/* Of PKCS #11 3.0, which older headers of p11-kit do not have */
#ifndef CKK_EC_MONTGOMERY
#define CKK_EC_MONTGOMERY		0x41UL
#define CKM_EC_MONTGOMERY_KEY_PAIR_GEN	0x1056UL
#endif

/* CK_CCM_PARAMS of PKCS #11 2.40, which they do not have either: with the standard's names */
struct ccm_params {
	CK_ULONG ulDataLen;
	CK_BYTE *pNonce;
	CK_ULONG ulNonceLen;
	CK_BYTE *pAAD;
	CK_ULONG ulAADLen;
	CK_ULONG ulMACLen;
};

#define ELEMENTS(array)	(sizeof(array) / sizeof((array)[0]))

/* Objects that this provider makes have such a label, and their id behind it */
#define LABEL_PREFIX	"parsec:"
#define LABEL_SIZE	(sizeof(LABEL_PREFIX) - 1 + 2 * PARSEC_BACKEND_ID_SIZE)

/* Bytes of the longest coordinate and modulus */
#define FIELD_MAX	72
#define MODULUS_MAX	512
/* Bytes of the longest public key: RSAPublicKey of 4096 bits, and room */
#define PUBLIC_MAX	600

/* Answers of the module that no module may give: not one of CKR_* */
#define CKR_LIE		(CKR_VENDOR_DEFINED | 0x70617201UL)	/* lengths that cannot be */
#define CKR_FOREIGN	(CKR_VENDOR_DEFINED | 0x70617202UL)	/* an object that is not ours */
#define CKR_ID_TAKEN	(CKR_VENDOR_DEFINED | 0x70617203UL)	/* an object has this id */

/**
 * struct settings - the provider's section of the configuration
 * @module:	path of the PKCS#11 library
 * @uri:	of the token, or NULL; then there is nothing of the following three
 * @serial:	serial number of the token, or NULL
 * @label:	its label, or NULL
 * @has_slot:	is there a @slot?
 * @slot:	number of its slot
 * @has_pin:	is there a @pin? Without one nobody logs in
 * @pin:	of the user
 * @software_public: verify and encrypt here, without the token
 * @allow_export: keys may be made so that they can leave the token
 * @call_timeout: seconds that a call of the module may take, 0 for any
 */
struct settings {
	const char *module;
	P11KitUri *uri;
	const char *serial;
	const char *label;
	bool has_slot;
	CK_SLOT_ID slot;
	bool has_pin;
	struct secret pin;
	bool software_public;
	bool allow_export;
	unsigned int call_timeout;
};

/**
 * struct module - the library of the token's maker
 * @handle:	of dlopen()
 * @call:	its functions
 * @threads:	it may be called by several threads
 */
struct module {
	void *handle;
	CK_FUNCTION_LIST *call;
	bool threads;
};

struct watch;

/**
 * struct watched - a thread that calls the module
 * @watch:	by whom; NULL: it does not
 * @link:	in the order of @began
 * @began:	when it made the call that it is in, in milliseconds, monotonic
 */
struct watched {
	struct watch *watch;
	TAILQ_ENTRY(watched) link;
	int64_t began;
};

/**
 * struct watch - makes an end of a module that hangs, and of this process with it
 * @lock:	guards all below
 * @stop:	wakes the thread
 * @calls:	under way, one for each thread
 * @limit:	milliseconds
 * @stopping:	the thread is to end
 * @running:	there is a thread
 * @thread:	looks at @calls
 * @host:	to say why
 */
struct watch {
	pthread_mutex_t lock;
	pthread_cond_t stop;
	TAILQ_HEAD(watched_list, watched) calls;
	int64_t limit;
	bool stopping;
	bool running;
	pthread_t thread;
	const struct parsec_provider_host *host;
};

/* Sessions that nobody uses are kept up to this many */
#define IDLE_SESSIONS	16

/**
 * struct token - the connection to the token
 * @use:	held for reading by whoever calls the module, for writing by who connects anew
 * @connected:	there is an @anchor, and a user is logged in if there is a PIN
 * @generation: counts connections
 * @slot:	where the token is
 * @info:	about it
 * @anchor:	a session that is used for nothing, so that the login stays
 * @pin_refused: the token does not take the PIN: not to be tried again
 * @noting:	held by who makes the note of that; before @use
 * @is_noted:	state_dir says which token has the keys
 * @told_missing: the log says that it is not there
 * @told_several: the log says that there are several
 * @told_unread: the log says that the note cannot be read
 * @told_other:	the log says that it is not the one with the keys
 * @told_foreign: the log says that objects on it are not what they should be
 * @lock:	guards the sessions below
 * @returned:	a session has come back, or may be opened
 * @idle:	sessions that nobody uses
 * @idle_count:	how many
 * @open_count:	sessions without @anchor
 * @limit:	of @open_count, as far as it is known
 * @limit_most:	what it is when nobody else has sessions
 * @limited:	when it became less, in milliseconds, monotonic
 */
struct token {
	pthread_rwlock_t use;
	bool connected;
	uint64_t generation;
	CK_SLOT_ID slot;
	CK_TOKEN_INFO info;
	CK_SESSION_HANDLE anchor;
	bool pin_refused;
	pthread_mutex_t noting;
	_Atomic bool is_noted;
	_Atomic bool told_missing;
	_Atomic bool told_several;
	_Atomic bool told_unread;
	_Atomic bool told_other;
	_Atomic bool told_foreign;
	pthread_mutex_t lock;
	pthread_cond_t returned;
	CK_SESSION_HANDLE idle[IDLE_SESSIONS];
	size_t idle_count;
	size_t open_count;
	size_t limit;
	size_t limit_most;
	int64_t limited;
};

/**
 * struct halves - objects of a key on the token, each CK_INVALID_HANDLE when it is missing
 * @own:	private or secret key
 * @public:	public key
 * @doubled:	there is more than one of a kind: somebody else's are among them
 */
struct halves {
	CK_OBJECT_HANDLE own;
	CK_OBJECT_HANDLE public;
	bool doubled;
};

struct object;		/* objects.c */

/**
 * struct objects - which objects have which handles, as far as it is known
 * @lock:	guards all below
 * @buckets:	chains by id
 * @bucket_count: a power of two, or 0
 * @count:	objects in them
 */
struct objects {
	pthread_mutex_t lock;
	struct object **buckets;
	size_t bucket_count;
	size_t count;
};

/**
 * struct parsec_provider_ctx - the provider
 * @host:	what the host offers
 * @software:	the software provider, for public keys: to check, verify and encrypt
 * @settings:	of the configuration
 * @module:	library
 * @watch:	deadline of its calls
 * @token:	connection
 * @objects:	of the token
 * @rows:	what it can do
 * @row_count:	how many
 * @raw_points:	the token takes points of curves as they are, without an OCTET STRING around
 * @raw_montgomery: likewise those of Montgomery curves, as PKCS #11 3.0 has them
 * @plain_templates: it does not let others say whether a key can leave it
 * @oaep_labels: it takes labels of RSA-OAEP
 * @montgomery:	mechanism that makes keys of Montgomery curves, or 0
 */
struct parsec_provider_ctx {
	const struct parsec_provider_host *host;
	struct parsec_provider_ctx *software;
	struct settings settings;
	struct module module;
	struct watch watch;
	struct token token;
	struct objects objects;
	struct parsec_capability *rows;
	size_t row_count;
	_Atomic bool raw_points;
	_Atomic bool raw_montgomery;
	_Atomic bool plain_templates;
	bool oaep_labels;
	CK_MECHANISM_TYPE montgomery;
};

/**
 * struct parsec_key - a key that is ready for use
 * @id:		backend id, and CKA_ID
 * @type:	enum parsec_key_type
 * @family:	of a curve
 * @bits:	size
 * @field:	bytes of the modulus or of a coordinate
 * @public:	its public part in the software provider; NULL for a secret key
 * @checked:	guarded by objects.lock: the halves that are known to be this key's
 * @generation:	guarded by objects.lock: of the connection that @checked is from
 * @known_len:	bytes of @known
 * @known:	its public part in the contract's format
 */
struct parsec_key {
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	uint8_t type;
	uint8_t family;
	uint32_t bits;
	size_t field;
	struct parsec_key *public;
	struct halves checked;
	uint64_t generation;
	size_t known_len;
	uint8_t known[];
};

/* The provider within this one; the build gives it this name */
extern const struct parsec_provider openssl_provider;

/* status.c */
enum parsec_status status_of(CK_RV rv);
bool is_lost(CK_RV rv);
bool is_stale(CK_RV rv);
bool is_vague(CK_RV rv);
bool is_refusal(CK_RV rv);
enum parsec_status failed(const struct parsec_provider_ctx *ctx, const char *what, CK_RV rv);

/* settings.c */
enum parsec_status settings_read(const struct parsec_provider_host *host,
				 const struct parsec_option *options, size_t count,
				 struct settings *settings);
void settings_free(struct settings *settings);

/* module.c */
enum parsec_status module_load(struct parsec_provider_ctx *ctx);
CK_RV module_start(struct parsec_provider_ctx *ctx);
void module_unload(struct parsec_provider_ctx *ctx);

/* watch.c */
int64_t now_ms(void);
bool watch_start(struct watch *watch, const struct parsec_provider_host *host,
		 unsigned int seconds);
void watch_end(struct watch *watch);
void watch_enter(struct watch *watch);
void watch_touch(void);
void watch_leave(void);

/* The functions of the module, to call one of: each has the time of a call for itself */
static inline const CK_FUNCTION_LIST *cryptoki(const struct parsec_provider_ctx *ctx)
{
	watch_touch();
	return ctx->module.call;
}

/* slot.c */
CK_RV slot_find(struct parsec_provider_ctx *ctx, CK_SLOT_ID *slot, CK_TOKEN_INFO *info);
struct parsec_span padded_text(const unsigned char *text, size_t size);

/* note.c */
bool note_fits(struct parsec_provider_ctx *ctx, const CK_TOKEN_INFO *info);
bool note_token(struct parsec_provider_ctx *ctx);

/* token.c */
void token_init(struct token *token);
void token_free(struct token *token);
CK_RV token_connect(struct parsec_provider_ctx *ctx);
void token_disconnect(struct parsec_provider_ctx *ctx);
CK_RV token_reconnect(struct parsec_provider_ctx *ctx, uint64_t seen);
bool token_is_there(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session);

/* session.c */
/**
 * typedef session_fn - something to be done with a session
 * @again:	a second time, after the token was lost in the middle of the first
 */
typedef CK_RV (*session_fn)(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			    void *arg, bool again);
CK_RV session_run(struct parsec_provider_ctx *ctx, session_fn fn, void *arg);
void sessions_forget(struct token *token);

/* objects.c */
bool objects_init(struct objects *objects);
void objects_free(struct objects *objects);
CK_RV objects_list(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session);
void objects_clear(struct objects *objects);
bool objects_listed(struct objects *objects, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
		    struct halves *halves);
CK_RV objects_find(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		   const uint8_t id[PARSEC_BACKEND_ID_SIZE], struct halves *halves);
CK_RV objects_get(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		  const uint8_t id[PARSEC_BACKEND_ID_SIZE], struct halves *halves);
void objects_set(struct objects *objects, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
		 const struct halves *halves);
CK_RV objects_destroy(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      const uint8_t id[PARSEC_BACKEND_ID_SIZE]);

struct template;
CK_RV objects_search(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		     struct template *template, CK_OBJECT_HANDLE **handles, size_t *count);

/* template.c */
#define TEMPLATE_MAX	24

/**
 * struct template - attributes that an object is made of or looked for with
 * @list:	the attributes; values are somebody else's
 * @count:	how many
 * @label:	of the object
 */
struct template {
	CK_ATTRIBUTE list[TEMPLATE_MAX];
	CK_ULONG count;
	uint8_t label[LABEL_SIZE];
};

void label_of(const uint8_t id[PARSEC_BACKEND_ID_SIZE], uint8_t label[LABEL_SIZE]);
void template_put(struct template *template, CK_ATTRIBUTE_TYPE type, const void *value,
		  size_t len);
void template_span(struct template *template, CK_ATTRIBUTE_TYPE type, struct parsec_span value);
void template_flag(struct template *template, CK_ATTRIBUTE_TYPE type, bool value);
void template_identity(struct template *template,
		       const uint8_t id[PARSEC_BACKEND_ID_SIZE]);
void template_own(struct template *template, const struct parsec_key_attributes *attrs,
		  bool plain);
void template_public(struct template *template, const struct parsec_key_attributes *attrs);
bool template_exports(const struct parsec_key_attributes *attrs);
CK_RV attribute_get(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		    CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, struct parsec_out *value);
CK_RV attribute_number(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		       CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type, CK_ULONG *value);

/* curve.c */
/**
 * struct curve - a named curve
 * @family:	enum parsec_ecc_family
 * @bits:	size
 * @oid:	DER of its object identifier, the value of CKA_EC_PARAMS
 * @oid_len:	bytes of it
 */
struct curve {
	uint8_t family;
	uint32_t bits;
	uint8_t oid[12];
	uint8_t oid_len;
};

extern const struct curve curves[];
extern const size_t curve_count;
const struct curve *curve_find(uint8_t family, uint32_t bits);
CK_MECHANISM_TYPE curve_mechanism(const struct parsec_provider_ctx *ctx, uint8_t family);
CK_KEY_TYPE curve_key_type(const struct parsec_provider_ctx *ctx, uint8_t family);
bool point_unwrap(struct parsec_span value, uint8_t family, size_t field,
		  struct parsec_span *point);
struct parsec_span point_wrap(struct parsec_span point, uint8_t *to);

/* hash.c */
/**
 * struct hash - a hash in the terms of PKCS#11
 * @size:	bytes
 * @digest:	mechanism; 0: PKCS#11 2.40 has none
 * @mgf:	mask generation with it
 * @hmac:	its HMAC
 * @pss:	RSA-PSS with it
 * @info:	what PKCS#1 v1.5 puts in front of the hash
 * @info_len:	bytes of it
 */
struct hash {
	uint8_t size;
	CK_MECHANISM_TYPE digest;
	CK_RSA_PKCS_MGF_TYPE mgf;
	CK_MECHANISM_TYPE hmac;
	CK_MECHANISM_TYPE pss;
	uint8_t info[19];
	uint8_t info_len;
};

extern const struct hash hashes[PARSEC_HASH_LAST + 1];

/* caps.c */
enum parsec_status caps_read(struct parsec_provider_ctx *ctx);
bool caps_cover(const struct parsec_provider_ctx *ctx,
		const struct parsec_key_attributes *attrs, uint32_t can);
void provider_capabilities(struct parsec_provider_ctx *ctx, struct parsec_capabilities *caps);

/* probe.c */
bool probe_labels(struct parsec_provider_ctx *ctx);
uint32_t probe_hashes(struct parsec_provider_ctx *ctx, CK_MECHANISM_TYPE mechanism,
		      uint32_t candidates);
bool probe_curve(struct parsec_provider_ctx *ctx, const struct curve *curve);

/* blob.c */
/**
 * struct record - what a blob says
 * @type:	enum parsec_key_type
 * @public:	the public key in the contract's format; empty for a secret key
 */
struct record {
	uint8_t type;
	struct parsec_span public;
};

enum parsec_status record_write(const struct record *record, struct parsec_out *blob);
bool record_read(struct parsec_span blob, struct record *record);
bool is_pair(uint8_t type);
bool is_public(uint8_t type);
uint8_t public_type(uint8_t type);

/* public.c */
CK_RV public_read(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		  CK_OBJECT_HANDLE object, const struct parsec_key_attributes *attrs,
		  struct parsec_out *public);
enum parsec_status public_load(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_attributes *attrs,
			       struct parsec_span public, struct parsec_key **key);

/* key.c */
CK_RV make_free(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		const uint8_t id[PARSEC_BACKEND_ID_SIZE], bool again);
enum parsec_status key_create(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      const struct parsec_key_attributes *attrs,
			      struct parsec_out *blob);
enum parsec_status key_destroy(struct parsec_provider_ctx *ctx,
			       const struct parsec_key_ref *ref);
enum parsec_status key_exists(struct parsec_provider_ctx *ctx,
			      const struct parsec_key_ref *ref);
enum parsec_status key_load(struct parsec_provider_ctx *ctx, const struct parsec_key_ref *ref,
			    const struct parsec_key_attributes *attrs,
			    struct parsec_key **key);
void key_unload(struct parsec_provider_ctx *ctx, struct parsec_key *key);

/* list.c */
enum parsec_status key_list(struct parsec_provider_ctx *ctx,
			    enum parsec_status (*each)(void *arg,
						       const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
			    void *arg);

/* import.c */
enum parsec_status key_import(struct parsec_provider_ctx *ctx,
			      const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			      struct parsec_key_attributes *attrs, struct parsec_span data,
			      struct parsec_out *blob);

/* unwrap.c */
CK_RV unwrap_key(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		 const struct parsec_key_attributes *attrs, struct parsec_span data,
		 struct template *template, CK_OBJECT_HANDLE *object);

/* export.c */
enum parsec_status key_export_public(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				     struct parsec_out *data);
enum parsec_status key_export(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			      struct parsec_out *data);

/* use.c */
enum half { OWN_HALF, PUBLIC_HALF };
enum work { WORK_SIGN, WORK_VERIFY, WORK_ENCRYPT, WORK_DECRYPT };

/**
 * struct use - one cryptographic operation of the token
 * @work:	which
 * @half:	of the key
 * @mechanism:	with its parameter
 * @in:		what is signed, verified, encrypted, decrypted
 * @out:	signature, ciphertext, plaintext
 * @signature:	WORK_VERIFY
 * @begun:	set: the token has taken mechanism and key
 */
struct use {
	enum work work;
	enum half half;
	CK_MECHANISM mechanism;
	struct parsec_span in;
	struct parsec_out *out;
	struct parsec_span signature;
	bool begun;
};

/**
 * typedef key_fn - something to be done with an object of a key
 */
typedef CK_RV (*key_fn)(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			CK_OBJECT_HANDLE object, void *arg);
CK_RV key_run(struct parsec_provider_ctx *ctx, struct parsec_key *key, enum half half,
	      key_fn fn, void *arg);
CK_RV key_use(struct parsec_provider_ctx *ctx, struct parsec_key *key, struct use *use);
CK_BYTE *bytes_of(struct parsec_span span);

/* sign.c */
enum parsec_status sign_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span hash,
			     struct parsec_out *signature);
enum parsec_status verify_hash(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span hash,
			       struct parsec_span signature);

/* asymmetric.c */
enum parsec_status asymmetric_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span plaintext,
				      struct parsec_out *ciphertext);
enum parsec_status asymmetric_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				      const struct parsec_alg *alg, struct parsec_span label,
				      struct parsec_span ciphertext,
				      struct parsec_out *plaintext);

/* cipher.c */
enum parsec_status cipher_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span plaintext, struct parsec_out *ciphertext);
enum parsec_status cipher_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				  const struct parsec_alg *alg, struct parsec_span iv,
				  struct parsec_span ciphertext, struct parsec_out *plaintext);

/* aead.c */
enum parsec_status aead_encrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span plaintext, struct parsec_out *ciphertext);
enum parsec_status aead_decrypt(struct parsec_provider_ctx *ctx, struct parsec_key *key,
				const struct parsec_alg *alg, struct parsec_span nonce,
				struct parsec_span additional_data,
				struct parsec_span ciphertext, struct parsec_out *plaintext);

/* mac.c */
enum parsec_status mac_compute(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			       const struct parsec_alg *alg, struct parsec_span input,
			       struct parsec_out *mac);

/* agree.c */
enum parsec_status key_agree(struct parsec_provider_ctx *ctx, struct parsec_key *key,
			     const struct parsec_alg *alg, struct parsec_span peer,
			     struct parsec_out *secret);

/* scratch.c */
bool scratch_get(struct parsec_out *scratch, size_t size);
void scratch_put(struct parsec_out *scratch);
enum parsec_status scratch_give(struct parsec_out *scratch, enum parsec_status status,
				struct parsec_out *out);

/* random.c */
enum parsec_status random_bytes(struct parsec_provider_ctx *ctx, struct parsec_out *out);

#endif /* PARSEC_PKCS11_H */
