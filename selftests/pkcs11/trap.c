// SPDX-License-Identifier: Apache-2.0
/*
 * A PKCS #11 library that is broken on demand. It passes each call on to another library,
 * SoftHSM's or $TRAP_MODULE, but for what the rules say. They are words in $TRAP, or in the
 * file $TRAP_FILE or /etc/softhsm/trap, and are looked up at each call:
 *
 *	C_Sign=0x30	C_Sign() returns this, and does nothing
 *	C_Sign=0x30!	once; only in $TRAP
 *	C_Sign=20ms	it takes so long, and then does what it does
 *	C_Sign=hang	it never returns
 *	C_Sign=crash	the process gets SIGSEGV
 *	C_Sign=lie	the length that it gives is much too long, or the number of things
 *	raw-points	points of curves are not in an OCTET STRING
 *	plain		whether a key can leave the token is nobody's to say
 *	no-private	private and secret keys cannot be brought as they are
 *	no-secret	likewise, not even for a session
 *	no-wrap		there is no AES_KEY_WRAP_PAD
 *	wrapped-peer	the peer's point has to be in an OCTET STRING
 *	final-try	one wrong PIN more, and the token is locked
 *	no-threads	it cannot be called by several threads
 *	two-sessions	there are two
 *	no-curves	named curves are not supported
 *	aes-sizes=16,24	least and greatest size of keys for AES-CTR
 *	rsa-sizes=2048,3072	the same of RSA keys that are generated
 *	ccm		there is AES-CCM
 *	montgomery	keys of Montgomery curves are as in PKCS #11 3.0
 *
 * It counts the calls that it passes on, and how many of them begin a search: trap_calls and
 * trap_searches.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <p11-kit/pkcs11.h>

#include "selftests/pkcs11/ccm.h"
#include "selftests/pkcs11/montgomery.h"

#define SEEN	__attribute__((visibility("default")))

/* Of parsec-provider-check, if that is who we are in */
extern void parsec_check_backend(bool inside) __attribute__((weak));
/* Of a build that looks for leaks: what the other library loses is its own */
extern void __lsan_disable(void) __attribute__((weak));
extern void __lsan_enable(void) __attribute__((weak));

extern _Atomic unsigned long trap_calls, trap_searches;
SEEN _Atomic unsigned long trap_calls, trap_searches;

static CK_FUNCTION_LIST *real;
static CK_FUNCTION_LIST list;

static void inside(bool is)
{
	trap_calls += is;
	if (is && __lsan_disable)
		__lsan_disable();
	if (!is && __lsan_enable)
		__lsan_enable();
	if (parsec_check_backend)
		parsec_check_backend(is);
}

/* Copy of the rules */
static const char *rules(char *room, size_t size)
{
	const char *text = getenv("TRAP"), *path = getenv("TRAP_FILE");
	ssize_t len;
	int fd;

	if (text) {
		snprintf(room, size, "%s", text);
		return room;
	}
	fd = open(path ? path : "/etc/softhsm/trap", O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? 0 : read(fd, room, size - 1);
	if (fd >= 0)
		close(fd);
	room[len > 0 ? len : 0] = '\0';
	return room;
}

/* What stands behind "name=", or "" for the word alone; NULL: no such rule */
static const char *rule(const char *name, char *room, size_t size)
{
	char all[512], *rest = all;
	const char *word;

	rules(all, sizeof(all));
	while ((word = strsep(&rest, " \n"))) {
		size_t len = strlen(name);

		if (strncmp(word, name, len) || (word[len] && word[len] != '='))
			continue;
		snprintf(room, size, "%s", word[len] ? word + len + 1 : "");
		return room;
	}
	return NULL;
}

static bool is_on(const char *quirk)
{
	char room[64];

	return rule(quirk, room, sizeof(room));
}

/* Should the call not take place? */
static bool is_caught(const char *name, CK_RV *rv)
{
	char room[64];
	const char *what = rule(name, room, sizeof(room));
	char *unit;

	if (!what || !strcmp(what, "lie"))
		return false;
	if (!strcmp(what, "hang"))
		for (;;)
			sleep(60);
	if (!strcmp(what, "crash")) {
		signal(SIGSEGV, SIG_DFL);
		raise(SIGSEGV);
	}
	*rv = strtoul(what, &unit, 0);
	if (!strcmp(unit, "ms")) {
		usleep((useconds_t)*rv * 1000);
		return false;
	}
	if (what[strlen(what) - 1] == '!')
		unsetenv("TRAP");
	return true;
}

static bool lies(const char *name)
{
	char room[64];
	const char *what = rule(name, room, sizeof(room));

	return what && !strcmp(what, "lie");
}

#define LIE	(1UL << 20)

/* A function whose last argument is a length, or none that it could lie about; and who does it */
#define PASS_ON_TO(function, name, parameters, arguments, lie) \
	static CK_RV trap_##name parameters \
	{ \
		CK_RV rv; \
		\
		if (is_caught(#name, &rv)) \
			return rv; \
		inside(true); \
		rv = function arguments; \
		inside(false); \
		if (lies(#name)) \
			lie; \
		return rv; \
	}

#define PASS_ON(name, parameters, arguments, lie) \
	PASS_ON_TO(real->name, name, parameters, arguments, lie)

#define NO_LIE	((void)0)

static bool is_ccm(const CK_MECHANISM *mechanism)
{
	return mechanism->mechanism == CKM_AES_CCM && is_on("ccm");
}

static CK_RV encrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return is_ccm(mechanism) ? ccm_begin(session, key, mechanism, true) :
				   real->C_EncryptInit(session, mechanism, key);
}

static CK_RV decrypt_init(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key)
{
	return is_ccm(mechanism) ? ccm_begin(session, key, mechanism, false) :
				   real->C_DecryptInit(session, mechanism, key);
}

static CK_RV encrypt(CK_SESSION_HANDLE session, CK_BYTE *text, CK_ULONG text_len, CK_BYTE *out,
		     CK_ULONG *len)
{
	return ccm_is_begun(session) ? ccm_end(real, session, text, text_len, out, len) :
				       real->C_Encrypt(session, text, text_len, out, len);
}

static CK_RV decrypt(CK_SESSION_HANDLE session, CK_BYTE *text, CK_ULONG text_len, CK_BYTE *out,
		     CK_ULONG *len)
{
	return ccm_is_begun(session) ? ccm_end(real, session, text, text_len, out, len) :
				       real->C_Decrypt(session, text, text_len, out, len);
}

PASS_ON(C_Finalize, (void *reserved), (reserved), NO_LIE)
PASS_ON(C_GetSlotList, (CK_BBOOL present, CK_SLOT_ID *slots, CK_ULONG *count),
	(present, slots, count), *count += LIE)
PASS_ON(C_OpenSession, (CK_SLOT_ID slot, CK_FLAGS flags, void *app, CK_NOTIFY notify,
			CK_SESSION_HANDLE *session),
	(slot, flags, app, notify, session), NO_LIE)
PASS_ON(C_CloseSession, (CK_SESSION_HANDLE session), (session), NO_LIE)
PASS_ON(C_CloseAllSessions, (CK_SLOT_ID slot), (slot), NO_LIE)
PASS_ON(C_GetSessionInfo, (CK_SESSION_HANDLE session, CK_SESSION_INFO *info), (session, info),
	info->state = CKS_RW_PUBLIC_SESSION)
PASS_ON(C_Login, (CK_SESSION_HANDLE session, CK_USER_TYPE user, CK_BYTE *pin, CK_ULONG len),
	(session, user, pin, len), NO_LIE)
PASS_ON(C_DestroyObject, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object),
	(session, object), NO_LIE)
PASS_ON(C_FindObjects, (CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG most,
			CK_ULONG *count),
	(session, objects, most, count), *count += LIE)
PASS_ON(C_FindObjectsFinal, (CK_SESSION_HANDLE session), (session), NO_LIE)
PASS_ON_TO(encrypt_init, C_EncryptInit,
	   (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key),
	   (session, mechanism, key), NO_LIE)
PASS_ON_TO(encrypt, C_Encrypt, (CK_SESSION_HANDLE session, CK_BYTE *text, CK_ULONG text_len,
				CK_BYTE *out, CK_ULONG *len),
	   (session, text, text_len, out, len), *len += LIE)
PASS_ON_TO(decrypt_init, C_DecryptInit,
	   (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key),
	   (session, mechanism, key), NO_LIE)
PASS_ON_TO(decrypt, C_Decrypt, (CK_SESSION_HANDLE session, CK_BYTE *text, CK_ULONG text_len,
				CK_BYTE *out, CK_ULONG *len),
	   (session, text, text_len, out, len), *len += LIE)
PASS_ON(C_SignInit, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key),
	(session, mechanism, key), NO_LIE)
PASS_ON(C_Sign, (CK_SESSION_HANDLE session, CK_BYTE *text, CK_ULONG text_len, CK_BYTE *out,
		 CK_ULONG *len), (session, text, text_len, out, len), *len += LIE)
PASS_ON(C_VerifyInit, (CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
		       CK_OBJECT_HANDLE key), (session, mechanism, key), NO_LIE)
PASS_ON(C_Verify, (CK_SESSION_HANDLE session, CK_BYTE *text, CK_ULONG text_len,
		   CK_BYTE *signature, CK_ULONG len),
	(session, text, text_len, signature, len), NO_LIE)
PASS_ON(C_GenerateRandom, (CK_SESSION_HANDLE session, CK_BYTE *out, CK_ULONG len),
	(session, out, len), NO_LIE)

static const CK_ATTRIBUTE *find(const CK_ATTRIBUTE *template, CK_ULONG count,
				CK_ATTRIBUTE_TYPE type)
{
	for (CK_ULONG i = 0; i < count; i++) {
		if (template[i].type == type)
			return &template[i];
	}
	return NULL;
}

/* What each way to make a key is refused for */
static bool is_refused(const CK_ATTRIBUTE *template, CK_ULONG count, CK_RV *rv)
{
	if (is_on("plain") && (find(template, count, CKA_SENSITIVE) ||
			       find(template, count, CKA_EXTRACTABLE)) &&
	    find(template, count, CKA_ID)) {
		*rv = CKR_ATTRIBUTE_TYPE_INVALID;
		return true;
	}
	if (is_on("no-curves") && find(template, count, CKA_EC_PARAMS)) {
		*rv = CKR_CURVE_NOT_SUPPORTED;
		return true;
	}
	return false;
}

/**
 * struct adapted - a template as the other library wants it
 * @list:	the attributes
 * @type:	value of CKA_KEY_TYPE
 * @point:	value of CKA_EC_POINT
 */
struct adapted {
	CK_ATTRIBUTE list[32];
	CK_KEY_TYPE type;
	CK_BYTE point[64];
};

/* @template: out: what to use. For CCM each key has to encrypt, also one that may only decrypt */
static CK_RV adapt(CK_ATTRIBUTE **template, CK_ULONG count, struct adapted *room)
{
	static CK_BBOOL yes = CK_TRUE;
	CK_RV rv = CKR_OK;

	if (is_on("montgomery"))
		rv = montgomery_template(*template, count, room->list, &room->type, room->point);
	else
		memcpy(room->list, *template, count * sizeof(**template));
	for (CK_ULONG i = 0; i < count; i++) {
		if (is_on("ccm") && room->list[i].type == CKA_ENCRYPT)
			room->list[i].pValue = &yes;
	}
	*template = room->list;
	return rv;
}

static bool is_kept_out(const CK_ATTRIBUTE *template, CK_ULONG count)
{
	const CK_ATTRIBUTE *class = find(template, count, CKA_CLASS);
	const CK_ATTRIBUTE *token = find(template, count, CKA_TOKEN);
	CK_OBJECT_CLASS is;

	memcpy(&is, class->pValue, sizeof(is));
	if (is == CKO_PUBLIC_KEY)
		return false;
	if (is_on("no-secret"))
		return true;
	return is_on("no-private") && *(CK_BBOOL *)token->pValue;
}

/* Of P-256, which is what quirks are tried with: a point, and one in an OCTET STRING */
#define POINT	65
#define WRAPPED	67

/* A copy of the template with the point as SoftHSM wants it */
static CK_RV create_with_point(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template, CK_ULONG count,
			       CK_OBJECT_HANDLE *object)
{
	CK_BYTE wrapped[WRAPPED] = { 0x04, POINT };
	CK_ATTRIBUTE copy[32];

	memcpy(copy, template, count * sizeof(*copy));
	for (CK_ULONG i = 0; i < count; i++) {
		if (copy[i].type != CKA_EC_POINT)
			continue;
		if (copy[i].ulValueLen != POINT)
			return CKR_ATTRIBUTE_VALUE_INVALID;
		memcpy(wrapped + 2, copy[i].pValue, POINT);
		copy[i].pValue = wrapped;
		copy[i].ulValueLen = WRAPPED;
	}
	return real->C_CreateObject(session, copy, count, object);
}

static CK_RV trap_C_CreateObject(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
				 CK_ULONG count, CK_OBJECT_HANDLE *object)
{
	struct adapted room;
	CK_RV rv;

	if (is_caught("C_CreateObject", &rv) || is_refused(template, count, &rv))
		return rv;
	if (is_kept_out(template, count))
		return CKR_ATTRIBUTE_VALUE_INVALID;
	rv = adapt(&template, count, &room);
	if (rv != CKR_OK)
		return rv;
	inside(true);
	rv = is_on("raw-points") ? create_with_point(session, template, count, object) :
				   real->C_CreateObject(session, template, count, object);
	inside(false);
	return rv;
}

static CK_RV trap_C_FindObjectsInit(CK_SESSION_HANDLE session, CK_ATTRIBUTE *template,
				    CK_ULONG count)
{
	CK_RV rv;

	if (is_caught("C_FindObjectsInit", &rv))
		return rv;
	trap_searches++;
	inside(true);
	rv = real->C_FindObjectsInit(session, template, count);
	inside(false);
	return rv;
}

static CK_RV trap_C_GetAttributeValue(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object,
				      CK_ATTRIBUTE *template, CK_ULONG count)
{
	CK_RV rv;

	if (is_caught("C_GetAttributeValue", &rv))
		return rv;
	inside(true);
	rv = real->C_GetAttributeValue(session, object, template, count);
	inside(false);
	if (rv == CKR_OK && lies("C_GetAttributeValue"))
		template[0].ulValueLen += LIE;
	for (CK_ULONG i = 0; rv == CKR_OK && is_on("montgomery") && i < count; i++)
		montgomery_attribute(&template[i]);
	if (rv == CKR_OK && is_on("raw-points") && template[0].type == CKA_EC_POINT &&
	    template[0].ulValueLen == WRAPPED) {
		memmove(template[0].pValue, (CK_BYTE *)template[0].pValue + 2, POINT);
		template[0].ulValueLen = POINT;
	}
	return rv;
}

static CK_RV trap_C_GenerateKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
				CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object)
{
	struct adapted room;
	CK_RV rv;

	if (is_caught("C_GenerateKey", &rv) || is_refused(template, count, &rv))
		return rv;
	rv = adapt(&template, count, &room);
	if (rv != CKR_OK)
		return rv;
	inside(true);
	rv = real->C_GenerateKey(session, mechanism, template, count, object);
	inside(false);
	return rv;
}

static CK_RV trap_C_GenerateKeyPair(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
				    CK_ATTRIBUTE *public, CK_ULONG public_count,
				    CK_ATTRIBUTE *own, CK_ULONG own_count,
				    CK_OBJECT_HANDLE *public_object, CK_OBJECT_HANDLE *own_object)
{
	CK_MECHANISM as = *mechanism;
	CK_RV rv;

	if (is_caught("C_GenerateKeyPair", &rv) || is_refused(public, public_count, &rv) ||
	    is_refused(own, own_count, &rv))
		return rv;
	if (is_on("montgomery"))
		as.mechanism = montgomery_mechanism(as.mechanism);
	inside(true);
	rv = real->C_GenerateKeyPair(session, &as, public, public_count, own, own_count,
				     public_object, own_object);
	inside(false);
	return rv;
}

static CK_RV trap_C_UnwrapKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			      CK_OBJECT_HANDLE with, CK_BYTE *wrapped, CK_ULONG len,
			      CK_ATTRIBUTE *template, CK_ULONG count, CK_OBJECT_HANDLE *object)
{
	struct adapted room;
	CK_RV rv;

	if (is_caught("C_UnwrapKey", &rv) || is_refused(template, count, &rv))
		return rv;
	rv = adapt(&template, count, &room);
	if (rv != CKR_OK)
		return rv;
	inside(true);
	rv = real->C_UnwrapKey(session, mechanism, with, wrapped, len, template, count, object);
	inside(false);
	return rv;
}

static CK_RV trap_C_DeriveKey(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism,
			      CK_OBJECT_HANDLE base, CK_ATTRIBUTE *template, CK_ULONG count,
			      CK_OBJECT_HANDLE *object)
{
	const CK_ECDH1_DERIVE_PARAMS *ecdh = mechanism->pParameter;
	CK_RV rv;

	if (is_caught("C_DeriveKey", &rv))
		return rv;
	if (is_on("wrapped-peer") && ecdh->ulPublicDataLen == POINT)
		return CKR_MECHANISM_PARAM_INVALID;
	inside(true);
	rv = real->C_DeriveKey(session, mechanism, base, template, count, object);
	inside(false);
	return rv;
}

static CK_RV trap_C_Initialize(void *args)
{
	CK_RV rv;

	if (is_caught("C_Initialize", &rv))
		return rv;
	if (args && is_on("no-threads"))
		return CKR_CANT_LOCK;
	inside(true);
	rv = real->C_Initialize(args);
	inside(false);
	return rv;
}

static CK_RV trap_C_GetTokenInfo(CK_SLOT_ID slot, CK_TOKEN_INFO *info)
{
	CK_RV rv;

	if (is_caught("C_GetTokenInfo", &rv))
		return rv;
	inside(true);
	rv = real->C_GetTokenInfo(slot, info);
	inside(false);
	if (is_on("final-try"))
		info->flags |= CKF_USER_PIN_FINAL_TRY;
	if (is_on("two-sessions"))
		info->ulMaxSessionCount = info->ulMaxRwSessionCount = 2;
	return rv;
}

static CK_RV trap_C_GetMechanismInfo(CK_SLOT_ID slot, CK_MECHANISM_TYPE type,
				     CK_MECHANISM_INFO *info)
{
	const char *sizes;
	char room[64];
	char *most;
	CK_RV rv;

	if (is_caught("C_GetMechanismInfo", &rv))
		return rv;
	if (is_on("no-wrap") && type == CKM_AES_KEY_WRAP_PAD)
		return CKR_MECHANISM_INVALID;
	if (is_on("ccm") && type == CKM_AES_CCM) {
		*info = (CK_MECHANISM_INFO){ 16, 32, CKF_ENCRYPT | CKF_DECRYPT };
		return CKR_OK;
	}
	if (is_on("montgomery"))
		type = montgomery_mechanism(type);
	inside(true);
	rv = real->C_GetMechanismInfo(slot, type, info);
	inside(false);
	sizes = type == CKM_AES_CTR ? rule("aes-sizes", room, sizeof(room)) :
		type == CKM_RSA_PKCS_KEY_PAIR_GEN ? rule("rsa-sizes", room, sizeof(room)) : NULL;
	if (sizes) {
		info->ulMinKeySize = strtoul(sizes, &most, 0);
		info->ulMaxKeySize = strtoul(most + 1, NULL, 0);
	}
	return rv;
}

static void override(void)
{
#define OVERRIDE(name)	(list.name = trap_##name)
	OVERRIDE(C_Initialize);
	OVERRIDE(C_Finalize);
	OVERRIDE(C_GetSlotList);
	OVERRIDE(C_GetTokenInfo);
	OVERRIDE(C_GetMechanismInfo);
	OVERRIDE(C_OpenSession);
	OVERRIDE(C_CloseSession);
	OVERRIDE(C_CloseAllSessions);
	OVERRIDE(C_GetSessionInfo);
	OVERRIDE(C_Login);
	OVERRIDE(C_CreateObject);
	OVERRIDE(C_DestroyObject);
	OVERRIDE(C_GetAttributeValue);
	OVERRIDE(C_FindObjectsInit);
	OVERRIDE(C_FindObjects);
	OVERRIDE(C_FindObjectsFinal);
	OVERRIDE(C_EncryptInit);
	OVERRIDE(C_Encrypt);
	OVERRIDE(C_DecryptInit);
	OVERRIDE(C_Decrypt);
	OVERRIDE(C_SignInit);
	OVERRIDE(C_Sign);
	OVERRIDE(C_VerifyInit);
	OVERRIDE(C_Verify);
	OVERRIDE(C_GenerateKey);
	OVERRIDE(C_GenerateKeyPair);
	OVERRIDE(C_UnwrapKey);
	OVERRIDE(C_DeriveKey);
	OVERRIDE(C_GenerateRandom);
#undef OVERRIDE
}

/* The other library stays, so that what it has lost can be told from what others have */
SEEN CK_RV C_GetFunctionList(CK_FUNCTION_LIST **functions)
{
	const char *path = getenv("TRAP_MODULE");
	CK_C_GetFunctionList get;
	void *handle;
	CK_RV rv;

	if (is_caught("C_GetFunctionList", &rv))
		return rv;
	inside(true);
	handle = dlopen(path ? path : "/usr/lib/softhsm/libsofthsm2.so",
			RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	get = handle ? (CK_C_GetFunctionList)(uintptr_t)dlsym(handle, "C_GetFunctionList") : NULL;
	rv = get ? get(&real) : CKR_LIBRARY_LOAD_FAILED;
	inside(false);
	if (rv != CKR_OK)
		return rv;
	list = *real;
	override();
	*functions = &list;
	return CKR_OK;
}
