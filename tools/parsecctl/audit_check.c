// SPDX-License-Identifier: Apache-2.0
/*
 * Checking an audit log: each line has the authenticator of the one before it and its
 * own, and the head says which is the last. The format is in Documentation/audit.rst.
 */
#include "audit_check.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#define KEY_FILE	"audit.key"
#define HEAD_FILE	"audit.head"
#define LOG_FILE	"audit-%020llu.log"

/* "head", number of the oldest line, of the newest, its authenticator, that of all this */
#define HEAD_SIZE	113
#define HEAD_FIRST	5
#define HEAD_LAST	26
#define HEAD_LAST_MAC	47
#define HEAD_MAC	80

#define KEY_SIZE	32
#define MAC_DIGITS	32
#define LINE_MAX_BYTES	(32 * 1024)
#define MAC_MEMBER	",\"mac\":\""

/* The service may drop its oldest file while we read: then once more */
#define ATTEMPTS	3

/**
 * struct log - what is read
 * @dir:	the directory
 * @key:	of the authenticators
 * @head_first:	oldest line that must be there
 * @head_last:	newest line that must be there
 * @head_mac:	its authenticator
 * @mac:	authenticator of the last line that was read
 * @files:	numbers in the names of the files, ascending
 * @count:	how many
 */
struct log {
	int dir;
	uint8_t key[KEY_SIZE];
	uint64_t head_first;
	uint64_t head_last;
	char head_mac[MAC_DIGITS + 1];
	char mac[MAC_DIGITS + 1];
	uint64_t *files;
	size_t count;
};

static void broken(struct audit_check *check, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* The first fault counts */
static void broken(struct audit_check *check, const char *format, ...)
{
	va_list args;

	if (check->broken || check->error)
		return;
	check->broken = true;
	va_start(args, format);
	vsnprintf(check->what, sizeof(check->what), format, args);
	va_end(args);
}

static bool make_mac(const struct log *log, const char *text, size_t len,
		     char mac[static MAC_DIGITS + 1])
{
	uint8_t full[EVP_MAX_MD_SIZE];
	unsigned int full_len;

	if (!HMAC(EVP_sha256(), log->key, KEY_SIZE, (const uint8_t *)text, len, full, &full_len))
		return false;
	for (size_t i = 0; i < MAC_DIGITS / 2; i++)
		snprintf(mac + 2 * i, 3, "%02x", full[i]);
	return true;
}

/* Is @mac, not ended by a NUL, the authenticator of the text? */
static bool is_authentic(const struct log *log, const char *text, size_t len, const char *mac)
{
	char right[MAC_DIGITS + 1];

	return make_mac(log, text, len, right) && !CRYPTO_memcmp(right, mac, MAC_DIGITS);
}

/* Read a small file. Return: bytes, or a negative errno */
static ssize_t read_small(const struct log *log, const char *name, void *data, size_t size)
{
	int fd = openat(log->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	ssize_t got;

	if (fd < 0)
		return -errno;
	got = read(fd, data, size);
	if (got < 0)
		got = -errno;
	close(fd);
	return got;
}

static void read_key(struct log *log, struct audit_check *check)
{
	ssize_t got = read_small(log, KEY_FILE, log->key, KEY_SIZE);

	snprintf(check->file, sizeof(check->file), "%s", KEY_FILE);
	if (got == KEY_SIZE)
		*check->file = '\0';
	else if (got == -ENOENT)
		broken(check, "is missing, nothing can be checked");
	else if (got < 0)
		check->error = (int)-got;
	else
		broken(check, "is damaged, nothing can be checked");
}

static void read_head(struct log *log, struct audit_check *check)
{
	char text[160] = "";
	ssize_t got = read_small(log, HEAD_FILE, text, sizeof(text) - 1);

	snprintf(check->file, sizeof(check->file), "%s", HEAD_FILE);
	log->head_first = log->head_last = 0;
	if (got == -ENOENT)
		broken(check, "is missing");
	else if (got < 0)
		check->error = (int)-got;
	else if (got != HEAD_SIZE || text[HEAD_SIZE - 1] != '\n' ||
		 !is_authentic(log, text, HEAD_MAC - 1, text + HEAD_MAC))
		broken(check, "was changed");
	if (check->broken || check->error)
		return;
	*check->file = '\0';
	log->head_first = strtoull(text + HEAD_FIRST, NULL, 10);
	log->head_last = strtoull(text + HEAD_LAST, NULL, 10);
	memcpy(log->head_mac, text + HEAD_LAST_MAC, MAC_DIGITS);
}

static int compare_numbers(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

/* Return: the number in the name of a file of lines, 0 for any other name */
static uint64_t file_number(const char *name)
{
	char again[64];
	unsigned long long number;

	if (strncmp(name, "audit-", 6))
		return 0;
	number = strtoull(name + 6, NULL, 10);
	snprintf(again, sizeof(again), LOG_FILE, number);
	return strcmp(name, again) ? 0 : number;
}

static int is_file(const struct dirent *entry)
{
	return file_number(entry->d_name) != 0;
}

static void list_files(struct log *log, struct audit_check *check)
{
	struct dirent **entries;
	int count = scandirat(log->dir, ".", &entries, is_file, NULL), i;

	free(log->files);
	log->files = NULL;
	log->count = 0;
	if (count < 0) {
		check->error = errno;
		return;
	}
	log->files = calloc((size_t)count + 1, sizeof(*log->files));
	if (!log->files)
		check->error = ENOMEM;
	for (i = 0; i < count; i++) {
		if (log->files)
			log->files[log->count++] = file_number(entries[i]->d_name);
		free(entries[i]);
	}
	free(entries);
	if (log->count)
		qsort(log->files, log->count, sizeof(*log->files), compare_numbers);
}

/* Parts of a line that the service wrote; where they are is part of the format */
struct line {
	uint64_t seq;
	char prev[MAC_DIGITS + 1];
	char event[32];
	const char *mac;
};

static bool take_apart(const struct log *log, const char *text, size_t len, struct line *line)
{
	const size_t end = sizeof(MAC_MEMBER) - 1 + MAC_DIGITS + 2;	/* "} */
	static const char prev[] = ",\"prev\":\"", event[] = "\"event\":\"";
	char *at;

	if (len < end || len > LINE_MAX_BYTES || strlen(text) != len ||
	    strncmp(text + len - end, MAC_MEMBER, sizeof(MAC_MEMBER) - 1) ||
	    strcmp(text + len - 2, "\"}"))
		return false;
	line->mac = text + len - 2 - MAC_DIGITS;
	if (!is_authentic(log, text, len - end, line->mac))
		return false;
	/* From here on it is the service's own: the time follows, then the event */
	line->seq = strtoull(text + strlen("{\"seq\":"), &at, 10);
	if (strncmp(at, prev, sizeof(prev) - 1) || strlen(at) < sizeof(prev) + MAC_DIGITS)
		return false;
	memcpy(line->prev, at + sizeof(prev) - 1, MAC_DIGITS);
	line->prev[MAC_DIGITS] = '\0';
	at = strstr(at, event);
	snprintf(line->event, sizeof(line->event), "%.*s",
		 at ? (int)strcspn(at + sizeof(event) - 1, "\"") : 0,
		 at ? at + sizeof(event) - 1 : "");
	return true;
}

/* The service has seen it and has gone on; what it found ends up in @what */
static void found_at_start(struct audit_check *check, const char *text)
{
	static const char member[] = "\"reason\":\"";
	const char *reason = strstr(text, member);

	if (reason)
		reason += sizeof(member) - 1;
	broken(check, "the service found when it started: %.*s",
	       reason ? (int)strcspn(reason, "\"") : 9, reason ?: "a fault");
}

static void check_line(struct log *log, struct audit_check *check, const char *text, size_t len)
{
	static const char none[] = "00000000000000000000000000000000";
	struct line line;

	if (!take_apart(log, text, len, &line)) {
		broken(check, "was changed");
		return;
	}
	if (!check->lines) {
		check->first = line.seq;
		if (line.seq != log->files[0])
			broken(check, "is line %" PRIu64 ": not the first of this file", line.seq);
		if (line.seq == 1 && strcmp(line.prev, none))
			broken(check, "does not begin a log");
	} else if (line.seq > check->last + 1) {
		broken(check, "lines %" PRIu64 " to %" PRIu64 " are missing before it",
		       check->last + 1, line.seq - 1);
	} else if (line.seq <= check->last) {
		broken(check, "is line %" PRIu64 ", which does not belong here", line.seq);
	} else if (strcmp(line.prev, log->mac)) {
		broken(check, "does not follow the line before it");
	}
	if (!strcmp(line.event, "broken"))
		found_at_start(check, text);
	if (check->broken)
		return;
	memcpy(log->mac, line.mac, MAC_DIGITS);
	if (line.seq == log->head_last && memcmp(line.mac, log->head_mac, MAC_DIGITS))
		broken(check, "is not the one that " HEAD_FILE " knows");
	check->last = line.seq;
	check->lines++;
	check->denied += !strcmp(line.event, "denied");
}

/* @last: the file that the service writes to, which may end in the middle of a line */
static void check_file(struct log *log, struct audit_check *check, uint64_t number, bool last)
{
	FILE *file = NULL;
	char *text = NULL;
	size_t size = 0;
	ssize_t len;
	int fd;

	snprintf(check->file, sizeof(check->file), LOG_FILE, (unsigned long long)number);
	check->line = 0;
	fd = openat(log->dir, check->file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file) {
		check->error = errno;
		if (fd >= 0)
			close(fd);
		return;
	}
	while (!check->broken && (len = getline(&text, &size, file)) > 0) {
		check->line++;
		if (text[len - 1] == '\n') {
			text[len - 1] = '\0';
			check_line(log, check, text, (size_t)len - 1);
		} else if (last) {
			check->torn = (uint64_t)len;
		} else {
			broken(check, "has no end");
		}
	}
	if (ferror(file))
		check->error = errno;
	else
		check->files++;
	free(text);
	fclose(file);
}

static void check_ends(const struct log *log, struct audit_check *check)
{
	if (check->broken || check->error)
		return;
	*check->file = '\0';
	check->line = 0;
	if (log->head_last > check->last)
		broken(check, "lines %" PRIu64 " to %" PRIu64 " are missing at the end",
		       check->last + 1, log->head_last);
	else if (check->lines && log->head_first < check->first)
		broken(check, "lines %" PRIu64 " to %" PRIu64 " are missing at the beginning",
		       log->head_first, check->first - 1);
}

static void check_once(struct log *log, struct audit_check *check)
{
	*check = (struct audit_check){};
	read_key(log, check);
	if (check->broken || check->error)
		return;
	read_head(log, check);
	if (check->broken || check->error)
		return;
	list_files(log, check);
	for (size_t i = 0; i < log->count && !check->broken && !check->error; i++)
		check_file(log, check, log->files[i], i == log->count - 1);
	check_ends(log, check);
}

void audit_check(const char *directory, struct audit_check *check)
{
	struct log log = { .dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	struct audit_check ignored;
	uint64_t first;
	int attempt;

	*check = (struct audit_check){};
	if (log.dir < 0) {
		check->error = errno;
		return;
	}
	for (attempt = 0; attempt < ATTEMPTS; attempt++) {
		check_once(&log, check);
		if (!check->broken && check->error != ENOENT)
			break;
		/* Has the beginning moved meanwhile? */
		first = log.head_first;
		ignored = (struct audit_check){};
		read_head(&log, &ignored);
		if (log.head_first == first)
			break;
	}
	OPENSSL_cleanse(log.key, sizeof(log.key));
	free(log.files);
	close(log.dir);
}

bool audit_is_there(const char *directory)
{
	struct audit_check ignored = {};
	struct log log = { .dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC) };
	bool found;

	if (log.dir < 0)
		return false;
	list_files(&log, &ignored);
	found = log.count || !faccessat(log.dir, KEY_FILE, F_OK, 0) ||
		!faccessat(log.dir, HEAD_FILE, F_OK, 0);
	free(log.files);
	close(log.dir);
	return found;
}
