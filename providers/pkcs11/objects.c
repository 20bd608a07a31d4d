// SPDX-License-Identifier: Apache-2.0
/*
 * Which objects the token has, by CKA_ID. All of them are listed once for each connection,
 * and a key is looked for by itself only when it is not in the list: a search goes through
 * the whole token, so one for each key would take time that grows with the square of their
 * number.
 */
#include <stdlib.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/* Handles that a search gives at a time */
#define BATCH		256
#define BUCKETS_MIN	256
/* More objects of one id than anybody has made by mistake */
#define ROUNDS		64

/**
 * struct object - what is known of a key
 * @chain:	next one of the bucket
 * @id:		CKA_ID
 * @halves:	its objects
 */
struct object {
	struct object *chain;
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	struct halves halves;
};

bool objects_init(struct objects *objects)
{
	pthread_mutex_init(&objects->lock, NULL);
	objects->buckets = calloc(BUCKETS_MIN, sizeof(struct object *));
	objects->bucket_count = objects->buckets ? BUCKETS_MIN : 0;
	return objects->buckets;
}

void objects_clear(struct objects *objects)
{
	pthread_mutex_lock(&objects->lock);
	for (size_t i = 0; i < objects->bucket_count; i++) {
		struct object *object;

		while ((object = objects->buckets[i])) {
			objects->buckets[i] = object->chain;
			free(object);
		}
	}
	objects->count = 0;
	pthread_mutex_unlock(&objects->lock);
}

void objects_free(struct objects *objects)
{
	if (objects->buckets)
		objects_clear(objects);
	free(objects->buckets);
	pthread_mutex_destroy(&objects->lock);
}

/* Ids of keys are random, and of others nobody promises anything but that they are few */
static size_t bucket_of(const struct objects *objects, const uint8_t *id)
{
	uint64_t hash;

	memcpy(&hash, id, sizeof(hash));
	return hash & (objects->bucket_count - 1);
}

static struct object **find(struct objects *objects, const uint8_t *id)
{
	struct object **link = &objects->buckets[bucket_of(objects, id)];

	while (*link && memcmp((*link)->id, id, PARSEC_BACKEND_ID_SIZE))
		link = &(*link)->chain;
	return link;
}

/* Without memory for it chains become longer, and that is all */
static void grow(struct objects *objects)
{
	struct objects bigger = { .bucket_count = 4 * objects->bucket_count };

	bigger.buckets = calloc(bigger.bucket_count, sizeof(struct object *));
	if (!bigger.buckets)
		return;
	for (size_t i = 0; i < objects->bucket_count; i++) {
		struct object *object;

		while ((object = objects->buckets[i])) {
			struct object **to = &bigger.buckets[bucket_of(&bigger, object->id)];

			objects->buckets[i] = object->chain;
			object->chain = *to;
			*to = object;
		}
	}
	free(objects->buckets);
	objects->buckets = bigger.buckets;
	objects->bucket_count = bigger.bucket_count;
}

/* With the lock held: the entry of @id, made if need be; NULL without memory */
static struct object *entry(struct objects *objects, const uint8_t *id)
{
	struct object *object = *find(objects, id);

	if (object)
		return object;
	if (objects->count >= 2 * objects->bucket_count)
		grow(objects);
	object = calloc(1, sizeof(*object));
	if (!object)
		return NULL;
	memcpy(object->id, id, sizeof(object->id));
	object->chain = objects->buckets[bucket_of(objects, id)];
	objects->buckets[bucket_of(objects, id)] = object;
	objects->count++;
	return object;
}

/**
 * objects_set() - remember the objects of a key, or forget them
 * @halves:	NULL: they are gone, or were never there
 */
void objects_set(struct objects *objects, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
		 const struct halves *halves)
{
	struct object *object, **link;

	pthread_mutex_lock(&objects->lock);
	if (halves) {
		object = entry(objects, id);
		/* What is not remembered is looked for */
		if (object)
			object->halves = *halves;
	} else {
		link = find(objects, id);
		object = *link;
		if (object) {
			*link = object->chain;
			objects->count--;
			free(object);
		}
	}
	pthread_mutex_unlock(&objects->lock);
}

/* An object more of a key */
static void add(struct halves *halves, CK_OBJECT_CLASS class, CK_OBJECT_HANDLE handle)
{
	CK_OBJECT_HANDLE *half;

	if (class == CKO_PUBLIC_KEY)
		half = &halves->public;
	else if (class == CKO_PRIVATE_KEY || class == CKO_SECRET_KEY)
		half = &halves->own;
	else
		return;
	halves->doubled = halves->doubled || *half != CK_INVALID_HANDLE;
	*half = handle;
}

/* Also an object that cannot be read, such as one that has just been removed, is none of ours */
static CK_RV list_one(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      CK_OBJECT_HANDLE handle)
{
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	CK_OBJECT_CLASS class = 0;
	CK_ATTRIBUTE attributes[] = {
		{ CKA_CLASS, &class, sizeof(class) },
		{ CKA_ID, id, sizeof(id) },
	};
	struct objects *objects = &ctx->objects;
	struct object *object;
	CK_RV rv;

	rv = cryptoki(ctx)->C_GetAttributeValue(session, handle, attributes,
						ELEMENTS(attributes));
	if (is_lost(rv))
		return rv;
	if (rv != CKR_OK || attributes[0].ulValueLen != sizeof(class) ||
	    attributes[1].ulValueLen != sizeof(id))
		return CKR_OK;
	pthread_mutex_lock(&objects->lock);
	object = entry(objects, id);
	if (object)
		add(&object->halves, class, handle);
	pthread_mutex_unlock(&objects->lock);
	return object ? CKR_OK : CKR_HOST_MEMORY;
}

/**
 * objects_search() - objects of the token that are like a template
 * @handles:	to be freed, also after a failure
 * @count:	how many
 *
 * A search is over before objects are asked about: not every token can do both at a time.
 */
CK_RV objects_search(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		     struct template *template, CK_OBJECT_HANDLE **handles, size_t *count)
{
	CK_RV rv = cryptoki(ctx)->C_FindObjectsInit(session, template->list, template->count);
	CK_ULONG got = 1;
	CK_RV end;

	*handles = NULL;
	*count = 0;
	if (rv != CKR_OK)
		return rv;
	while (rv == CKR_OK && got) {
		CK_OBJECT_HANDLE *more = realloc(*handles, (*count + BATCH) * sizeof(**handles));

		rv = CKR_HOST_MEMORY;
		if (!more)
			break;
		*handles = more;
		rv = cryptoki(ctx)->C_FindObjects(session, more + *count, BATCH, &got);
		if (rv == CKR_OK && got > BATCH)
			rv = CKR_LIE;
		*count += rv == CKR_OK ? got : 0;
	}
	end = cryptoki(ctx)->C_FindObjectsFinal(session);
	return rv == CKR_OK ? end : rv;
}

/* All objects of the token, into the list */
CK_RV objects_list(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session)
{
	struct template template = { .count = 0 };
	CK_OBJECT_HANDLE *handles;
	size_t count;
	CK_RV rv;

	objects_clear(&ctx->objects);
	template_flag(&template, CKA_TOKEN, true);
	rv = objects_search(ctx, session, &template, &handles, &count);
	for (size_t i = 0; rv == CKR_OK && i < count; i++)
		rv = list_one(ctx, session, handles[i]);
	free(handles);
	return rv;
}

/**
 * objects_find() - the objects of a key, by a search of the token
 * @halves:	set also when there are none
 *
 * CKR_TOKEN_NOT_PRESENT rather than nothing when it cannot be told.
 */
CK_RV objects_find(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		   const uint8_t id[PARSEC_BACKEND_ID_SIZE], struct halves *halves)
{
	struct template template = { .count = 0 };
	CK_OBJECT_HANDLE *handles;
	size_t count;
	CK_RV rv;

	memset(halves, 0, sizeof(*halves));
	template_flag(&template, CKA_TOKEN, true);
	template_put(&template, CKA_ID, id, PARSEC_BACKEND_ID_SIZE);
	rv = objects_search(ctx, session, &template, &handles, &count);
	for (size_t i = 0; rv == CKR_OK && i < count; i++) {
		CK_OBJECT_CLASS class;

		rv = attribute_number(ctx, session, handles[i], CKA_CLASS, &class);
		if (rv == CKR_OK)
			add(halves, class, handles[i]);
		else if (!is_lost(rv))
			rv = CKR_OK;
	}
	free(handles);
	if (rv == CKR_OK && !halves->own && !token_is_there(ctx, session))
		rv = CKR_TOKEN_NOT_PRESENT;
	if (rv == CKR_OK)
		objects_set(&ctx->objects, id, halves->own || halves->public ? halves : NULL);
	return rv;
}

/* Is there an object of this id in the list? @halves: what is there */
bool objects_listed(struct objects *objects, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
		    struct halves *halves)
{
	const struct object *object;

	pthread_mutex_lock(&objects->lock);
	object = *find(objects, id);
	if (object)
		*halves = object->halves;
	pthread_mutex_unlock(&objects->lock);
	return object;
}

/* As objects_find(), but out of the list if they are in it */
CK_RV objects_get(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		  const uint8_t id[PARSEC_BACKEND_ID_SIZE], struct halves *halves)
{
	return objects_listed(&ctx->objects, id, halves) ? CKR_OK :
		       objects_find(ctx, session, id, halves);
}

/* @stale: it was not there, so the list is out of date */
static CK_RV destroy_half(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
			  CK_OBJECT_HANDLE half, bool *stale)
{
	CK_RV rv = half ? cryptoki(ctx)->C_DestroyObject(session, half) : CKR_OK;

	*stale = *stale || is_stale(rv);
	return is_stale(rv) ? CKR_OK : rv;
}

/**
 * objects_destroy() - remove all objects of a key
 *
 * Success when none is left, whichever half was missing before. What is in the list is
 * removed; if that is not all of it, what a search finds.
 */
CK_RV objects_destroy(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		      const uint8_t id[PARSEC_BACKEND_ID_SIZE])
{
	struct halves halves;
	CK_RV rv = objects_get(ctx, session, id, &halves);

	for (int i = 0; i < ROUNDS; i++) {
		bool stale = false;

		if (rv != CKR_OK || (!halves.own && !halves.public))
			return rv;
		rv = destroy_half(ctx, session, halves.own, &stale);
		if (rv == CKR_OK)
			rv = destroy_half(ctx, session, halves.public, &stale);
		if (rv == CKR_OK && !stale && !halves.doubled) {
			objects_set(&ctx->objects, id, NULL);
			return CKR_OK;
		}
		if (rv == CKR_OK)
			rv = objects_find(ctx, session, id, &halves);
	}
	return rv == CKR_OK ? CKR_LIE : rv;
}
