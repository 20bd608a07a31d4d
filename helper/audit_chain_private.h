/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of the chain share.
 */
#ifndef PARSEC_AUDIT_CHAIN_PRIVATE_H
#define PARSEC_AUDIT_CHAIN_PRIVATE_H

#include "helper/audit_chain.h"

#define AUDIT_KEY_SIZE	32

#define AUDIT_KEY_FILE	"audit.key"
#define AUDIT_HEAD_FILE	"audit.head"

/* "audit-", the number of the first line, ".log" */
#define AUDIT_FILE_NAME	"audit-%020llu.log"
#define AUDIT_FILE_NAME_SIZE	sizeof("audit-01234567890123456789.log")

/* The head: "head", oldest line, newest line, its authenticator, that of all this */
#define AUDIT_HEAD_SIZE	113
#define AUDIT_HEAD_FIRST 5
#define AUDIT_HEAD_LAST	26
#define AUDIT_HEAD_MAC	47

/* What stands for the authenticator of the line before the first */
#define AUDIT_MAC_NONE	"00000000000000000000000000000000"

/**
 * struct audit_chain - in memory of its own that is not swapped or dumped
 * @path:	directory, for messages
 * @limits:	see there
 * @dir:	the directory; locked
 * @head:	AUDIT_HEAD_FILE
 * @log:	the file that lines go to
 * @first:	oldest line that is kept
 * @last:	newest line, 0 before the first
 * @mac:	its authenticator
 * @size:	bytes of the lines in @log
 * @allocated:	@log has blocks up to here
 * @promised:	lines that audit_chain_reserve() has promised
 * @torn:	behind @size is what is left of a line that could not be written
 * @key:	of the authenticators
 * @line:	the line that is being written
 */
struct audit_chain {
	char *path;
	struct audit_limits limits;
	int dir;
	int head;
	int log;
	uint64_t first;
	uint64_t last;
	char mac[AUDIT_MAC_SIZE];
	uint64_t size;
	uint64_t allocated;
	unsigned int promised;
	bool torn;
	uint8_t key[AUDIT_KEY_SIZE];
	char line[AUDIT_LINE_MAX];
};

/** struct audit_files - numbers of the files of a chain, ascending */
struct audit_files {
	uint64_t *numbers;
	size_t count;
};

/* audit_chain.c */

/** audit_mac() - authenticate a text. Return: false when OpenSSL fails */
bool audit_mac(const struct audit_chain *chain, const char *text, size_t len,
	       char mac[static AUDIT_MAC_SIZE]);

/** audit_head_text() - what is in the head file. Return: its length, 0 on failure */
size_t audit_head_text(const struct audit_chain *chain, char *text, size_t size);

/** audit_head_write() - make the head say what @chain does. Return: 0 or an errno, < 0 */
int audit_head_write(struct audit_chain *chain);

/**
 * audit_file_create() - a new file for the line after the last
 * @lines:	lines that there must be room for, as far as the file system can tell
 *
 * Return: 0 or a negative errno; then the file before stays in use.
 */
int audit_file_create(struct audit_chain *chain, unsigned int lines);

/** audit_files_list() - @files->numbers is malloc()ed. Return: as above */
int audit_files_list(const struct audit_chain *chain, struct audit_files *files);

/** audit_write_all() - Return: false with errno */
bool audit_write_all(int fd, const void *data, size_t len);

/* audit_key.c */

/**
 * audit_key_get() - the key of a chain, made when there is none
 * @made:	there was none
 *
 * Return: 0 or, after a log line, a negative errno.
 */
int audit_key_get(struct audit_chain *chain, bool *made);

/**
 * audit_key_keep() - a new key is in use from here on
 *
 * The head must have been written with it: a key without a head is somebody's doing.
 *
 * Return: 0 or a negative errno.
 */
int audit_key_keep(struct audit_chain *chain);

#endif /* PARSEC_AUDIT_CHAIN_PRIVATE_H */
