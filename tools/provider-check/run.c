// SPDX-License-Identifier: Apache-2.0
/*
 * Calls into the provider as the host makes them: through its gate, with ids of their own,
 * and with guard bytes behind each output.
 */
#include <dlfcn.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tools/provider-check/check.h"

#define GUARD		0xa5
#define GUARD_BYTES	64

static void raise(_Atomic int *most, int now)
{
	int before = *most;

	while (now > before && !atomic_compare_exchange_weak(most, &before, now))
		;
}

/* Wait inside until as many are here as are to meet, or for a while */
static void meet(struct check *check)
{
	static const struct timespec moment = { .tv_nsec = 1000000 };
	struct census *census = &check->census;

	nanosleep(&moment, NULL);
	for (int i = 0; i < 10000 && census->most < census->meet; i++)
		nanosleep(&moment, NULL);
}

/* Each call of a primitive is between these two; with @subject when it is of a loaded key */
static void enter(struct check *check, struct subject *subject)
{
	plugin_enter(&check->plugin, subject ? &subject->lock : NULL);
	if (check->fail_at)
		memory_fail(check->fail_at);
	if (!check->census.meet || !subject)
		return;
	raise(&check->census.most, ++check->census.inside);
	raise(&subject->most, ++subject->inside);
	meet(check);
}

static void leave(struct check *check, struct subject *subject)
{
	memory_fail(0);
	if (check->census.meet && subject) {
		subject->inside--;
		check->census.inside--;
	}
	plugin_leave(&check->plugin, subject ? &subject->lock : NULL);
}

static void new_id(struct check *check, struct subject *subject)
{
	fill(check, subject->id, sizeof(subject->id));
	subject->blob = malloc(PARSEC_BLOB_MAX);
	if (!subject->blob)
		abort();
	subject->blob_len = 0;
	subject->key = NULL;
	pthread_mutex_init(&subject->lock, NULL);
}

static enum parsec_status made(struct subject *subject, enum parsec_status status,
			       const struct parsec_out *blob)
{
	subject->blob_len = blob->len;
	if (status == PARSEC_SUCCESS && blob->len <= blob->size)
		return status;
	free(subject->blob);
	subject->blob = NULL;
	pthread_mutex_destroy(&subject->lock);
	return status ? status : PARSEC_PSA_ERROR_GENERIC_ERROR;
}

enum parsec_status subject_create(struct check *check, struct subject *subject)
{
	struct parsec_out blob = { NULL, PARSEC_BLOB_MAX, 0 };
	enum parsec_status status;

	new_id(check, subject);
	blob.data = subject->blob;
	enter(check, NULL);
	status = check->ops->create(check->plugin.ctx, subject->id, &subject->attrs, &blob);
	leave(check, NULL);
	return made(subject, status, &blob);
}

enum parsec_status subject_import(struct check *check, struct subject *subject,
				  struct parsec_span data)
{
	struct parsec_out blob = { NULL, PARSEC_BLOB_MAX, 0 };
	enum parsec_status status;

	new_id(check, subject);
	blob.data = subject->blob;
	enter(check, NULL);
	status = check->ops->import(check->plugin.ctx, subject->id, &subject->attrs, data,
				    &blob);
	leave(check, NULL);
	return made(subject, status, &blob);
}

static struct parsec_key_ref ref_of(const struct subject *subject)
{
	struct parsec_key_ref ref = { .blob = { subject->blob, subject->blob_len } };

	memcpy(ref.id, subject->id, sizeof(ref.id));
	return ref;
}

enum parsec_status subject_load(struct check *check, struct subject *subject)
{
	struct parsec_key_ref ref = ref_of(subject);
	enum parsec_status status;

	enter(check, subject);
	status = check->ops->load(check->plugin.ctx, &ref, &subject->attrs, &subject->key);
	leave(check, subject);
	if (status)
		subject->key = NULL;
	return status;
}

void subject_unload(struct check *check, struct subject *subject)
{
	if (!subject->key)
		return;
	enter(check, subject);
	check->ops->unload(check->plugin.ctx, subject->key);
	leave(check, subject);
	subject->key = NULL;
}

enum parsec_status subject_exists(struct check *check, struct subject *subject)
{
	struct parsec_key_ref ref = ref_of(subject);
	enum parsec_status status;

	enter(check, NULL);
	status = check->ops->exists(check->plugin.ctx, &ref);
	leave(check, NULL);
	return status;
}

enum parsec_status list_keys(struct check *check,
			     enum parsec_status (*each)(void *arg,
							const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
			     void *arg)
{
	enum parsec_status status;

	enter(check, NULL);
	status = check->ops->list(check->plugin.ctx, each, arg);
	leave(check, NULL);
	return status;
}

/* Also of what is not there, with an empty blob: then @subject has only an id */
enum parsec_status subject_destroy(struct check *check, struct subject *subject)
{
	struct parsec_key_ref ref = ref_of(subject);
	enum parsec_status status;

	subject_unload(check, subject);
	enter(check, NULL);
	status = check->ops->destroy(check->plugin.ctx, &ref);
	leave(check, NULL);
	if (subject->blob) {
		free(subject->blob);
		pthread_mutex_destroy(&subject->lock);
	}
	subject->blob = NULL;
	subject->blob_len = 0;
	return status;
}

static enum parsec_status call(struct check *check, struct parsec_key *key,
			       enum primitive primitive, const struct input *in,
			       struct parsec_out *out)
{
	struct parsec_provider_ctx *ctx = check->plugin.ctx;
	const struct parsec_provider *ops = check->ops;

	switch (primitive) {
	case EXPORT:
		return ops->export(ctx, key, out);
	case EXPORT_PUBLIC:
		return ops->export_public(ctx, key, out);
	case SIGN:
		return ops->sign(ctx, key, &in->alg, in->text, out);
	case VERIFY:
		return ops->verify(ctx, key, &in->alg, in->text, in->signature);
	case ASYMMETRIC_ENCRYPT:
		return ops->asymmetric_encrypt(ctx, key, &in->alg, in->first, in->text, out);
	case ASYMMETRIC_DECRYPT:
		return ops->asymmetric_decrypt(ctx, key, &in->alg, in->first, in->text, out);
	case CIPHER_ENCRYPT:
		return ops->cipher_encrypt(ctx, key, &in->alg, in->first, in->text, out);
	case CIPHER_DECRYPT:
		return ops->cipher_decrypt(ctx, key, &in->alg, in->first, in->text, out);
	case AEAD_ENCRYPT:
		return ops->aead_encrypt(ctx, key, &in->alg, in->first, in->additional,
					 in->text, out);
	case AEAD_DECRYPT:
		return ops->aead_decrypt(ctx, key, &in->alg, in->first, in->additional,
					 in->text, out);
	case MAC:
		return ops->mac(ctx, key, &in->alg, in->text, out);
	case AGREE:
		return ops->agree(ctx, key, &in->alg, in->first, out);
	case ATTEST_PREPARE:
		return call_prepare(check, key, in, out);
	default:
		return ops->attest_activate(ctx, key, in->attesting, in->text, in->first, out);
	}
}

/**
 * run() - a primitive into exactly @size bytes
 *
 * Return: its status; PARSEC_PSA_ERROR_CORRUPTION_DETECTED when it wrote, or claims to
 * have written, beyond them.
 */
enum parsec_status run(struct check *check, struct subject *subject, enum primitive primitive,
		       const struct input *input, uint8_t *out, size_t size, size_t *len)
{
	uint8_t *room = malloc(size + GUARD_BYTES);
	struct parsec_out output = { room, size, 0 };
	enum parsec_status status;

	if (!room)
		abort();
	memset(room, GUARD, size + GUARD_BYTES);
	enter(check, subject);
	status = call(check, subject->key, primitive, input, &output);
	leave(check, subject);
	for (size_t i = size; i < size + GUARD_BYTES; i++) {
		if (room[i] != GUARD)
			status = PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	}
	for (size_t i = 0; status && i + 8 <= check->secret.len && i + 8 <= size; i++) {
		if (!memcmp(room + i, check->secret.data + i, 8))
			status = PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	}
	if (status == PARSEC_SUCCESS && output.len > size)
		status = PARSEC_PSA_ERROR_CORRUPTION_DETECTED;
	if (status == PARSEC_SUCCESS) {
		if (output.len)
			memcpy(out, room, output.len);
		*len = output.len;
	}
	free(room);
	return status;
}

/* After plugin_close(): all that stays is the ids, the blobs and the state directory */
enum parsec_status open_again(struct check *check)
{
	enum parsec_status status;
	void *handle = NULL;

	check->ops = plugin_load(check->library, &handle);
	if (!check->ops)
		return PARSEC_PSA_ERROR_NOT_SUPPORTED;
	status = plugin_open(&check->plugin, check->ops, handle, check->options,
			     check->option_count, check->state_dir);
	if (status)
		dlclose(handle);
	return status;
}

bool reopen(struct check *check)
{
	plugin_close(&check->plugin);
	return open_again(check) == PARSEC_SUCCESS;
}
