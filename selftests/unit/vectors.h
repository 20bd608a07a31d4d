/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files of test vectors (Documentation/testing.rst): what a record says, and a reader.
 */
#ifndef UNIT_VECTORS_H
#define UNIT_VECTORS_H

#include "providers/provider.h"

/** enum verdict - what the source says about a record */
enum verdict {
	VERDICT_VALID,
	VERDICT_INVALID,
	VERDICT_ACCEPTABLE,	/* sound, but an implementation may refuse it */
};

/* What the source has said about a record's bytes */
enum vector_field {
	VECTOR_KEY,
	VECTOR_IV,
	VECTOR_AAD,
	VECTOR_LABEL,
	VECTOR_INPUT,
	VECTOR_OUTPUT,
	VECTOR_FIELDS,
};

/**
 * struct vector - one record
 * @path, @line: where it is
 * @source, @test: where it is from
 * @attrs:	the key: type, family, bits or 0, algorithm; no usage
 * @bytes:	by enum vector_field
 * @verdict:	of the source
 * @status:	the contract's
 */
struct vector {
	const char *path;
	unsigned int line;
	char source[256];
	char test[64];
	struct parsec_key_attributes attrs;
	struct parsec_span bytes[VECTOR_FIELDS];
	enum verdict verdict;
	enum parsec_status status;
};

/**
 * vectors_read() - call @each for each record of a file
 *
 * Aborts, with a message that says where, at a line that is not of the format: a record
 * that is skipped unseen would be worse.
 *
 * Return: records.
 */
size_t vectors_read(const char *path, void (*each)(void *arg, const struct vector *vector),
		    void *arg);

#endif /* UNIT_VECTORS_H */
