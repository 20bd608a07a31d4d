// SPDX-License-Identifier: Apache-2.0
/*
 * Appending to an audit chain. Each line has the authenticator of the one before it
 * and its own; the head, a file beside them, says which line is the last. A line is
 * written first and the head afterwards, so that a death in between leaves a line more
 * than the head knows, never one less.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "helper/audit_chain_private.h"
#include "helper/log.h"

/* Bytes of an authenticator: HMAC-SHA-256, cut */
#define MAC_BYTES	(AUDIT_MAC_SIZE / 2)

/* Blocks are allocated in steps of this many lines of full length */
#define RESERVE_LINES	8

bool audit_write_all(int fd, const void *data, size_t len)
{
	const char *pos = data;

	while (len) {
		ssize_t done = write(fd, pos, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		pos += done;
		len -= (size_t)done;
	}
	return true;
}

bool audit_mac(const struct audit_chain *chain, const char *text, size_t len,
	       char mac[static AUDIT_MAC_SIZE])
{
	uint8_t full[EVP_MAX_MD_SIZE];
	unsigned int full_len = 0;

	if (!HMAC(EVP_sha256(), chain->key, sizeof(chain->key), (const uint8_t *)text, len,
		  full, &full_len) || full_len < MAC_BYTES)
		return false;
	for (size_t i = 0; i < MAC_BYTES; i++)
		snprintf(mac + 2 * i, 3, "%02x", full[i]);
	return true;
}

size_t audit_head_text(const struct audit_chain *chain, char *text, size_t size)
{
	char mac[AUDIT_MAC_SIZE];
	int len;

	/* Always of the same length, so that it is replaced in place by one write */
	len = snprintf(text, size, "head %020llu %020llu %s", (unsigned long long)chain->first,
		       (unsigned long long)chain->last, chain->mac);
	if (len < 0 || !audit_mac(chain, text, (size_t)len, mac))
		return 0;
	len += snprintf(text + len, size - (size_t)len, " %s\n", mac);
	return (size_t)len < size ? (size_t)len : 0;
}

int audit_head_write(struct audit_chain *chain)
{
	char text[160];
	size_t len = audit_head_text(chain, text, sizeof(text));
	ssize_t done;

	if (!len)
		return -EIO;
	do
		done = pwrite(chain->head, text, len, 0);
	while (done < 0 && errno == EINTR);
	if (done < 0)
		return -errno;
	return (size_t)done == len ? 0 : -EIO;
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Return: the number in the name of a chain's file, 0 for any other name */
static uint64_t file_number(const char *name)
{
	char again[AUDIT_FILE_NAME_SIZE];
	unsigned long long number;

	if (strncmp(name, "audit-", 6))
		return 0;
	number = strtoull(name + 6, NULL, 10);
	snprintf(again, sizeof(again), AUDIT_FILE_NAME, number);
	return strcmp(again, name) ? 0 : number;
}

static int is_file(const struct dirent *entry)
{
	return file_number(entry->d_name) != 0;
}

int audit_files_list(const struct audit_chain *chain, struct audit_files *files)
{
	struct dirent **entries;
	int count = scandirat(chain->dir, ".", &entries, is_file, NULL);

	*files = (struct audit_files){ 0 };
	if (count < 0)
		return -errno;
	files->numbers = calloc((size_t)count + 1, sizeof(*files->numbers));
	for (int i = 0; i < count; i++) {
		if (files->numbers)
			files->numbers[files->count++] = file_number(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (!files->numbers)
		return -ENOMEM;
	qsort(files->numbers, files->count, sizeof(*files->numbers), compare_numbers);
	return 0;
}

/* Close the file in use, as it is to stay */
static void finish_file(struct audit_chain *chain)
{
	if (chain->log < 0)
		return;
	/* Gives back the blocks behind its end, too */
	if (ftruncate(chain->log, (off_t)chain->size) || fdatasync(chain->log))
		log_warning("%s: the audit log cannot be brought to the disk: %m", chain->path);
	close(chain->log);
	chain->log = -1;
}

/* A file system that cannot do this gives no promise: append() may fail */
static int allocate(int fd, uint64_t size, uint64_t end, uint64_t *allocated)
{
	if (!fallocate(fd, FALLOC_FL_KEEP_SIZE, (off_t)size, (off_t)(end - size)))
		*allocated = end;
	else if (errno != EOPNOTSUPP && errno != ENOSYS)
		return -errno;
	return 0;
}

int audit_file_create(struct audit_chain *chain, unsigned int lines)
{
	char name[AUDIT_FILE_NAME_SIZE];
	uint64_t allocated = 0;
	int fd, rc = 0;

	snprintf(name, sizeof(name), AUDIT_FILE_NAME, (unsigned long long)chain->last + 1);
	fd = openat(chain->dir, name,
		    O_WRONLY | O_APPEND | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return -errno;
	/* While the old file still has the blocks that were promised */
	if (lines)
		rc = allocate(fd, 0, lines * (uint64_t)AUDIT_LINE_MAX, &allocated);
	/* If it cannot be removed, use it: left empty it would look like tampering */
	if (rc && !unlinkat(chain->dir, name, 0)) {
		close(fd);
		return rc;
	}
	finish_file(chain);
	chain->log = fd;
	chain->size = 0;
	chain->allocated = allocated;
	if (fsync(chain->dir))
		log_warning("%s: %m", chain->path);
	return 0;
}

/* The head comes first: what it does not ask for may be there, but not the reverse */
static void drop_oldest(struct audit_chain *chain, unsigned int keep)
{
	char name[AUDIT_FILE_NAME_SIZE];
	struct audit_files files;

	if (audit_files_list(chain, &files))
		return;
	for (size_t i = 0; files.count - i > keep; i++) {
		chain->first = files.numbers[i + 1];
		snprintf(name, sizeof(name), AUDIT_FILE_NAME,
			 (unsigned long long)files.numbers[i]);
		if (audit_head_write(chain) || unlinkat(chain->dir, name, 0)) {
			log_warning("%s/%s: the oldest part of the audit log cannot be removed: %m",
				    chain->path, name);
			break;
		}
	}
	free(files.numbers);
}

/* Begin the next file when this one is full; when that fails it goes on growing */
static void rotate(struct audit_chain *chain)
{
	int rc;

	if (chain->size < chain->limits.file_size)
		return;
	rc = audit_file_create(chain, chain->promised + 1);
	/* The file that is to go anyway makes room for the next one */
	if (rc == -ENOSPC || rc == -EDQUOT) {
		drop_oldest(chain, chain->limits.files - 1);
		rc = audit_file_create(chain, chain->promised + 1);
	}
	if (!rc)
		drop_oldest(chain, chain->limits.files);
}

/* Remove what is left of a line that could not be written */
static int mend(struct audit_chain *chain)
{
	if (!chain->torn)
		return 0;
	if (ftruncate(chain->log, (off_t)chain->size))
		return -errno;
	chain->allocated = chain->size;
	chain->torn = false;
	return 0;
}

int audit_chain_reserve(struct audit_chain *chain)
{
	uint64_t end;
	int rc = mend(chain);

	if (rc)
		return rc;
	rotate(chain);
	end = chain->size + (chain->promised + 1) * (uint64_t)AUDIT_LINE_MAX;
	if (end > chain->allocated) {
		end += (uint64_t)RESERVE_LINES * AUDIT_LINE_MAX;
		rc = allocate(chain->log, chain->size, end, &chain->allocated);
		if (rc)
			return rc;
	}
	chain->promised++;
	return 0;
}

void audit_chain_release(struct audit_chain *chain)
{
	chain->promised--;
}

/* Put the line together. Return: its length, 0 when it is too long or OpenSSL fails */
static size_t make_line(struct audit_chain *chain, const char *members, size_t len,
			char mac[static AUDIT_MAC_SIZE])
{
	const size_t tail = sizeof(",\"mac\":\"\"}\n") + AUDIT_MAC_SIZE;
	int used = snprintf(chain->line, sizeof(chain->line), "{\"seq\":%llu,\"prev\":\"%s\",",
			    (unsigned long long)chain->last + 1, chain->mac);
	size_t end = (size_t)used + len;

	if (used < 0 || len > sizeof(chain->line) || end + tail > sizeof(chain->line))
		return 0;
	memcpy(chain->line + used, members, len);
	if (!audit_mac(chain, chain->line, end, mac))
		return 0;
	return end + (size_t)snprintf(chain->line + end, tail, ",\"mac\":\"%s\"}\n", mac);
}

int audit_chain_append(struct audit_chain *chain, const char *members, size_t len)
{
	char mac[AUDIT_MAC_SIZE], old[AUDIT_MAC_SIZE];
	int rc = mend(chain);
	size_t line_len;

	if (rc)
		return rc;
	rotate(chain);
	line_len = make_line(chain, members, len, mac);
	if (!line_len)
		return -EMSGSIZE;
	if (!audit_write_all(chain->log, chain->line, line_len) ||
	    (chain->limits.sync && fdatasync(chain->log))) {
		rc = -errno;
	} else {
		memcpy(old, chain->mac, sizeof(old));
		memcpy(chain->mac, mac, sizeof(mac));
		chain->last++;
		rc = audit_head_write(chain);
		if (rc) {
			memcpy(chain->mac, old, sizeof(old));
			chain->last--;
		}
	}
	if (rc) {
		chain->torn = true;
		mend(chain);
		return rc;
	}
	chain->size += line_len;
	return 0;
}

uint64_t audit_chain_last(const struct audit_chain *chain, const char **mac)
{
	*mac = chain->mac;
	return chain->last;
}

void audit_chain_close(struct audit_chain *chain)
{
	if (!chain)
		return;
	mend(chain);
	finish_file(chain);
	if (chain->head >= 0) {
		fdatasync(chain->head);
		close(chain->head);
	}
	if (chain->dir >= 0)
		close(chain->dir);
	free(chain->path);
	OPENSSL_cleanse(chain, sizeof(*chain));
	munmap(chain, sizeof(*chain));
}
