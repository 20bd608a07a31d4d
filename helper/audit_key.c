// SPDX-License-Identifier: Apache-2.0
/*
 * The key of an audit chain: 32 random bytes in a file of their own. Not the master
 * key, so that whoever checks a log need not be trusted with the keys of applications.
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "helper/audit_chain_private.h"
#include "helper/log.h"

#define NEW_KEY_FILE	AUDIT_KEY_FILE ".new"

/* It gets its name by audit_key_keep() */
static bool make_key(struct audit_chain *chain)
{
	bool done;
	int fd;

	if (RAND_priv_bytes(chain->key, sizeof(chain->key)) != 1) {
		errno = EIO;
		return false;
	}
	if (unlinkat(chain->dir, NEW_KEY_FILE, 0) && errno != ENOENT)
		return false;
	fd = openat(chain->dir, NEW_KEY_FILE,
		    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (fd < 0)
		return false;
	done = audit_write_all(fd, chain->key, sizeof(chain->key)) && !fsync(fd);
	return !close(fd) && done;
}

int audit_key_keep(struct audit_chain *chain)
{
	if (renameat(chain->dir, NEW_KEY_FILE, chain->dir, AUDIT_KEY_FILE) ||
	    fsync(chain->dir))
		return -errno;
	return 0;
}

static int read_key(struct audit_chain *chain, int fd)
{
	struct stat st;

	if (fstat(fd, &st))
		return -errno;
	if (!S_ISREG(st.st_mode) || st.st_mode & 077 || st.st_uid != geteuid()) {
		log_error("%s/" AUDIT_KEY_FILE ": must be a file of the service's user that "
			  "nobody else can open; chown it and chmod 600", chain->path);
		return -EPERM;
	}
	if (st.st_size != AUDIT_KEY_SIZE ||
	    read(fd, chain->key, AUDIT_KEY_SIZE) != AUDIT_KEY_SIZE) {
		log_error("%s/" AUDIT_KEY_FILE ": is damaged; restore it, or move it and the "
			  "audit log away to begin a new one", chain->path);
		return -EINVAL;
	}
	return 0;
}

int audit_key_get(struct audit_chain *chain, bool *made)
{
	int fd = openat(chain->dir, AUDIT_KEY_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	int rc = -errno;

	*made = fd < 0 && rc == -ENOENT;
	if (fd >= 0) {
		rc = read_key(chain, fd);
		close(fd);
	} else if (*made) {
		rc = make_key(chain) ? 0 : -errno;
	}
	if (rc)
		log_error("%s/" AUDIT_KEY_FILE ": %s", chain->path, strerror(-rc));
	return rc;
}
