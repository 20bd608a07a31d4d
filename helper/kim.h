/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The key-info manager: rows that say which backend key belongs to which name,
 * kept across crashes and power cuts. It knows neither providers nor secrets;
 * what a row goes through is the key store's business (keystore.c).
 *
 * Safe to call from any number of threads. Results are PARSEC_SUCCESS, what a
 * function says, or PARSEC_KEY_INFO_MANAGER_ERROR after a log line.
 */
#ifndef PARSEC_KIM_H
#define PARSEC_KIM_H

#include "helper/keystore.h"

/* Bytes of key attributes as they are stored and authenticated */
#define KIM_ATTRIBUTES_SIZE	20

struct kim;

/**
 * enum kim_state - life of a row; the numbers are stored
 * @KIM_PENDING: the name is taken, the backend key is being made
 * @KIM_LIVE:	the name stands for the backend key
 * @KIM_DYING:	the name is free, the backend key is still to be destroyed
 */
enum kim_state {
	KIM_PENDING	= 0,
	KIM_LIVE	= 1,
	KIM_DYING	= 2,
};

/**
 * struct kim_row - a row
 * @id:		backend id, unique for ever
 * @state:	its state
 * @key:	authenticator, application and name
 * @attrs:	attributes; those asked for while pending
 * @sealed:	the provider's blob, encrypted; empty while pending
 * @position:	grows from row to row, for kim_next()
 * @memory:	of rows that were read: what the spans point into
 */
struct kim_row {
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	enum kim_state state;
	struct key_identity key;
	struct parsec_key_attributes attrs;
	struct parsec_span sealed;
	int64_t position;
	void *memory;
};

/**
 * kim_open() - open or create the database of a provider
 * @dir:	its directory; the database is created 0600 in it
 * @uuid:	the provider, stored in a new database and compared with an old one
 * @name:	likewise its configured name
 * @kim:	result
 *
 * One process at a time: the second one is refused.
 */
enum parsec_status kim_open(const char *dir, const char *uuid, const char *name,
			    struct kim **kim);
void kim_close(struct kim *kim);

/**
 * kim_reserve() - take a name: insert a pending row
 * @row:	id, key and attrs filled in
 * @durable:	the backend keeps something of its own, so the row must be on the disk
 *		before the backend is asked
 *
 * Return: also PARSEC_PSA_ERROR_ALREADY_EXISTS; nothing is changed then.
 */
enum parsec_status kim_reserve(struct kim *kim, const struct kim_row *row, bool durable);

/**
 * kim_commit() - pending to live
 * @row:	id, attrs and sealed filled in
 */
enum parsec_status kim_commit(struct kim *kim, const struct kim_row *row);

/**
 * kim_get() - live row of a name
 * @row:	to be freed with kim_row_free()
 *
 * Return: also PARSEC_PSA_ERROR_DOES_NOT_EXIST.
 */
enum parsec_status kim_get(struct kim *kim, const struct key_identity *key,
			   struct kim_row *row);

/** kim_find() - as kim_get(), by backend id and in any state */
enum parsec_status kim_find(struct kim *kim, const uint8_t id[PARSEC_BACKEND_ID_SIZE],
			    struct kim_row *row);

/**
 * kim_bury() - make a tombstone of a pending or live row: its name is free
 *
 * Return: also PARSEC_PSA_ERROR_DOES_NOT_EXIST: no such row, or somebody else was first.
 */
enum parsec_status kim_bury(struct kim *kim, const uint8_t id[PARSEC_BACKEND_ID_SIZE]);

/**
 * kim_remove() - delete a pending row or a tombstone; never a live row
 *
 * Not durable by itself: what returns after a power cut is just finished once more.
 */
enum parsec_status kim_remove(struct kim *kim, const uint8_t id[PARSEC_BACKEND_ID_SIZE]);

/**
 * kim_list() - next live row of an application
 * @after:	key of the row before, with an empty name at first
 * @row:	to be freed with kim_row_free()
 *
 * In the order of names. Holds nothing between calls; rows that come and go meanwhile
 * are seen or not.
 *
 * Return: also PARSEC_PSA_ERROR_DOES_NOT_EXIST at the end.
 */
enum parsec_status kim_list(struct kim *kim, const struct key_identity *after,
			    struct kim_row *row);

/**
 * kim_next_app() - a live row of the next application
 * @after:	authenticator, and the application before, empty at first
 * @row:	to be freed with kim_row_free()
 *
 * In the order of applications; else as kim_list().
 */
enum parsec_status kim_next_app(struct kim *kim, const struct key_identity *after,
				struct kim_row *row);

/**
 * kim_next() - next row, for the sweep
 * @live:	live rows, else those that are not
 * @after:	position of the row before, 0 at first
 * @row:	to be freed with kim_row_free()
 *
 * Return: also PARSEC_PSA_ERROR_DOES_NOT_EXIST at the end.
 */
enum parsec_status kim_next(struct kim *kim, bool live, int64_t after, struct kim_row *row);

/** kim_is_empty() - are there no rows at all? */
enum parsec_status kim_is_empty(struct kim *kim, bool *empty);

/**
 * kim_get_note() - a value kept beside the rows
 * @size:	room at @value
 * @len:	its bytes
 *
 * Return: also PARSEC_PSA_ERROR_DOES_NOT_EXIST.
 */
enum parsec_status kim_get_note(struct kim *kim, const char *name, uint8_t *value,
				size_t size, size_t *len);
enum parsec_status kim_set_note(struct kim *kim, const char *name, struct parsec_span value);

/** kim_row_free() - free what a row that was read points to */
void kim_row_free(struct kim_row *row);

/** kim_encode_attributes() - attributes as they are stored and authenticated */
void kim_encode_attributes(const struct parsec_key_attributes *attrs,
			   uint8_t data[KIM_ATTRIBUTES_SIZE]);

#endif /* PARSEC_KIM_H */
