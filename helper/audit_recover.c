// SPDX-License-Identifier: Apache-2.0
/*
 * Opening an audit chain: where was it when the service last ended, and is that where
 * it ends now? A death leaves one of: nothing amiss; a line that the head does not know
 * yet; an unfinished line; a new file without lines. Anything else somebody has done.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>

#include "helper/audit_chain_private.h"
#include "helper/log.h"

#define MAC_MEMBER	",\"mac\":\""

/**
 * struct tail - how a file ends
 * @seq:	number of the last whole line, 0 when there is none
 * @valid:	its authenticator is right
 * @mac:	its authenticator
 * @whole:	bytes up to its end
 * @torn:	bytes behind it
 */
struct tail {
	uint64_t seq;
	bool valid;
	char mac[AUDIT_MAC_SIZE];
	uint64_t whole;
	uint64_t torn;
};

/* Take a line without its end apart */
static void read_line(const struct audit_chain *chain, const char *line, size_t len,
		      struct tail *tail)
{
	const size_t end = sizeof(MAC_MEMBER) - 1 + AUDIT_MAC_SIZE - 1 + 2;
	char mac[AUDIT_MAC_SIZE];

	/* A line that is none has no number of its own, but it is a line */
	tail->seq = UINT64_MAX;
	if (len < end || strncmp(line, "{\"seq\":", 7) ||
	    memcmp(line + len - end, MAC_MEMBER, sizeof(MAC_MEMBER) - 1))
		return;
	if (!audit_mac(chain, line, len - end, mac))
		return;
	memcpy(tail->mac, line + len - end + sizeof(MAC_MEMBER) - 1, AUDIT_MAC_SIZE - 1);
	tail->mac[AUDIT_MAC_SIZE - 1] = '\0';
	tail->valid = !CRYPTO_memcmp(mac, tail->mac, sizeof(mac));
	if (tail->valid)
		tail->seq = strtoull(line + 7, NULL, 10);
}

static int read_tail(const struct audit_chain *chain, uint64_t number, struct tail *tail)
{
	const size_t size = 2 * (size_t)AUDIT_LINE_MAX;
	char name[AUDIT_FILE_NAME_SIZE], *text, *end, *start;
	struct stat st;
	ssize_t got = -1;
	off_t from = 0;
	int fd, rc;

	*tail = (struct tail){ 0 };
	snprintf(name, sizeof(name), AUDIT_FILE_NAME, (unsigned long long)number);
	fd = openat(chain->dir, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	text = malloc(size + 1);
	if (!text) {
		close(fd);
		return -ENOMEM;
	}
	if (!fstat(fd, &st)) {
		from = st.st_size > (off_t)size ? st.st_size - (off_t)size : 0;
		got = pread(fd, text, size, from);
	}
	rc = got < 0 ? -errno : 0;
	close(fd);
	if (!rc) {
		text[got] = '\0';
		end = memrchr(text, '\n', (size_t)got);
		tail->whole = end ? (uint64_t)from + (uint64_t)(end - text) + 1 : 0;
		tail->torn = (uint64_t)from + (uint64_t)got - tail->whole;
		if (end) {
			*end = '\0';
			start = memrchr(text, '\n', (size_t)(end - text));
			start = start ? start + 1 : text;
			read_line(chain, start, (size_t)(end - start), tail);
		}
	}
	free(text);
	return rc;
}

/* Fill in what the head says. Return: false when there is none that can be believed */
static bool read_head(struct audit_chain *chain)
{
	char text[160], should[160];
	ssize_t got = pread(chain->head, text, sizeof(text) - 1, 0);

	if (got != AUDIT_HEAD_SIZE)
		return false;
	text[got] = '\0';
	chain->first = strtoull(text + AUDIT_HEAD_FIRST, NULL, 10);
	chain->last = strtoull(text + AUDIT_HEAD_LAST, NULL, 10);
	memcpy(chain->mac, text + AUDIT_HEAD_MAC, AUDIT_MAC_SIZE - 1);
	chain->mac[AUDIT_MAC_SIZE - 1] = '\0';
	/* Whatever was read, it must be what would be written */
	return audit_head_text(chain, should, sizeof(should)) == AUDIT_HEAD_SIZE &&
	       !CRYPTO_memcmp(text, should, AUDIT_HEAD_SIZE);
}

/* Compare the head with how the lines end. Return: false after saying what is wrong */
static bool check_tail(struct audit_chain *chain, const struct tail *tail,
		       struct audit_finding *finding)
{
	bool valid = tail->valid || !tail->seq;

	if (!valid) {
		snprintf(finding->broken, sizeof(finding->broken), "the last line was changed");
		return false;
	}
	if (tail->seq < chain->last) {
		snprintf(finding->broken, sizeof(finding->broken),
			 "lines %llu to %llu are missing", (unsigned long long)tail->seq + 1,
			 (unsigned long long)chain->last);
		return false;
	}
	if (tail->seq && tail->seq == chain->last && strcmp(tail->mac, chain->mac)) {
		snprintf(finding->broken, sizeof(finding->broken),
			 "the last line is not that of the head");
		return false;
	}
	/* Lines that the head does not know yet: a death, and nobody else could make them */
	if (tail->seq > chain->last) {
		chain->last = tail->seq;
		memcpy(chain->mac, tail->mac, sizeof(chain->mac));
	}
	return true;
}

/* There is no head to go by: go on behind what there is */
static void guess_head(struct audit_chain *chain, const struct tail *tail)
{
	chain->first = 1;
	chain->last = tail->valid ? tail->seq : 0;
	memcpy(chain->mac, tail->valid ? tail->mac : AUDIT_MAC_NONE, sizeof(chain->mac));
}

/* How the lines end: in the newest file, or the one before that when it has none yet */
static int find_tail(const struct audit_chain *chain, const struct audit_files *files,
		     struct tail *tail, struct tail *newest)
{
	int rc = 0;

	*tail = *newest = (struct tail){ 0 };
	for (size_t i = files->count; !rc && i-- > 0 && !tail->seq;) {
		rc = read_tail(chain, files->numbers[i], tail);
		if (i == files->count - 1)
			*newest = *tail;
	}
	return rc;
}

/* Go on in the newest file */
static int reopen_file(struct audit_chain *chain, uint64_t number, const struct tail *newest)
{
	char name[AUDIT_FILE_NAME_SIZE];

	snprintf(name, sizeof(name), AUDIT_FILE_NAME, (unsigned long long)number);
	chain->log = openat(chain->dir, name, O_WRONLY | O_APPEND | O_NOFOLLOW | O_CLOEXEC);
	if (chain->log < 0)
		return -errno;
	chain->size = chain->allocated = newest->whole;
	/* Also the blocks that were reserved and not used */
	return ftruncate(chain->log, (off_t)newest->whole) ? -errno : 0;
}

static int recover(struct audit_chain *chain, struct audit_finding *finding)
{
	struct tail tail, newest;
	struct audit_files files;
	bool made, known, whole;
	uint64_t number = 0;
	int rc = audit_files_list(chain, &files);

	if (rc) {
		log_error("%s: %s", chain->path, strerror(-rc));
		return rc;
	}
	rc = audit_key_get(chain, &made);
	if (!rc)
		rc = find_tail(chain, &files, &tail, &newest);
	if (files.count)
		number = files.numbers[files.count - 1];
	free(files.numbers);
	if (rc)
		goto out;

	known = read_head(chain);
	if (!known)
		guess_head(chain, &tail);
	if (made && tail.seq)
		snprintf(finding->broken, sizeof(finding->broken),
			 AUDIT_KEY_FILE " is missing: earlier lines cannot be checked");
	else if (!known && !made)
		snprintf(finding->broken, sizeof(finding->broken),
			 AUDIT_HEAD_FILE " is missing or was changed");
	whole = !*finding->broken && (!known || check_tail(chain, &tail, finding));

	/* Whatever somebody has done stays as it is, for those who look into it */
	if (whole && number) {
		finding->torn = newest.torn;
		rc = reopen_file(chain, number, &newest);
	} else {
		if (chain->last < number)
			chain->last = number;
		/* Nothing is promised yet, and a full disk does not stop the start */
		rc = audit_file_create(chain, 0);
	}
	if (!rc)
		rc = audit_head_write(chain);
	if (!rc && made)
		rc = audit_key_keep(chain);
out:
	if (rc)
		log_error("%s: the audit log cannot be opened: %s", chain->path, strerror(-rc));
	return rc;
}

static int open_files(struct audit_chain *chain)
{
	chain->dir = open(chain->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (chain->dir < 0)
		return -errno;
	/* Two writers would tear the chain apart */
	if (flock(chain->dir, LOCK_EX | LOCK_NB))
		return errno == EWOULDBLOCK ? -EAGAIN : -errno;
	chain->head = openat(chain->dir, AUDIT_HEAD_FILE,
			     O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	return chain->head < 0 ? -errno : 0;
}

int audit_chain_open(const char *dir, const struct audit_limits *limits,
		     struct audit_chain **result, struct audit_finding *finding)
{
	struct audit_chain *chain;
	int rc;

	*result = NULL;
	*finding = (struct audit_finding){ 0 };
	chain = mmap(NULL, sizeof(*chain), PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chain == MAP_FAILED)
		return -ENOMEM;
	/* As well as the system allows */
	mlock(chain, sizeof(*chain));
	madvise(chain, sizeof(*chain), MADV_DONTDUMP);
	chain->limits = *limits;
	chain->dir = chain->head = chain->log = -1;
	chain->path = strdup(dir);
	rc = chain->path ? open_files(chain) : -ENOMEM;
	if (rc)
		log_error("%s: the audit log cannot be opened: %s", dir, rc == -EAGAIN ?
			  "another process has it" : strerror(-rc));
	else
		rc = recover(chain, finding);
	if (rc) {
		audit_chain_close(chain);
		return rc;
	}
	*result = chain;
	return 0;
}
