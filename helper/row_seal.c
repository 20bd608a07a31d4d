// SPDX-License-Identifier: Apache-2.0
/*
 * Encryption at rest with AES-256-GCM (format in Documentation/key-store.rst).
 *
 * sealed: version, nonce, encrypted blob, tag. Nonces are random: a store would
 * have to seal 2^32 rows before they wear out.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include "helper/log.h"
#include "helper/row_seal.h"

#define VERSION		1
#define KEY_SIZE	32
#define NONCE_SIZE	12
#define TAG_SIZE	16

#define KEY_FILE	"master.key"
#define NEW_KEY_FILE	"master.key.new"

/**
 * struct row_seal - the master key, in memory of its own that is not swapped or dumped
 * @cipher:	AES-256-GCM
 * @uuid:	the provider's
 * @name:	likewise
 * @key:	master key
 */
struct row_seal {
	EVP_CIPHER *cipher;
	const char *uuid;
	const char *name;
	uint8_t key[KEY_SIZE];
};

static bool write_all(int fd, const uint8_t *data, size_t len)
{
	while (len) {
		ssize_t done = write(fd, data, len);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		len -= (size_t)done;
	}
	return true;
}

/*
 * A new master key. It gets its name once it is on the disk, so that a crash leaves
 * none or a whole one; what a crash left under the other name was never used.
 */
static bool create_key(int dir, struct row_seal *seal)
{
	int fd;
	bool done;

	if (RAND_priv_bytes(seal->key, KEY_SIZE) != 1) {
		errno = EIO;
		return false;
	}
	if (unlinkat(dir, NEW_KEY_FILE, 0) < 0 && errno != ENOENT)
		return false;
	fd = openat(dir, NEW_KEY_FILE, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd < 0)
		return false;
	done = write_all(fd, seal->key, KEY_SIZE) && !fsync(fd);
	done = !close(fd) && done;
	return done && !renameat(dir, NEW_KEY_FILE, dir, KEY_FILE) && !fsync(dir);
}

static bool read_key(int fd, const char *path, struct row_seal *seal)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		log_error("%s/" KEY_FILE ": %s", path, strerror(errno));
		return false;
	}
	if (!S_ISREG(st.st_mode) || st.st_mode & 077 || st.st_uid != geteuid()) {
		log_error("%s/" KEY_FILE ": must be a file of the service's user that nobody "
			  "else can open; chown it and chmod 600", path);
		return false;
	}
	if (st.st_size != KEY_SIZE || read(fd, seal->key, KEY_SIZE) != KEY_SIZE) {
		log_error("%s/" KEY_FILE ": is damaged, a master key has %d bytes; restore it "
			  "from a backup", path, KEY_SIZE);
		return false;
	}
	return true;
}

static bool get_key(const char *path, bool create, struct row_seal *seal)
{
	int dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int fd = dir < 0 ? -1 : openat(dir, KEY_FILE, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	bool done = false;

	if (fd >= 0) {
		done = read_key(fd, path, seal);
		close(fd);
	} else if (dir < 0 || errno != ENOENT) {
		log_error("%s/" KEY_FILE ": %s", path, strerror(errno));
	} else if (!create) {
		log_error("%s/" KEY_FILE ": is missing, and the keys beside it cannot be used "
			  "without it; restore it from a backup, or move keys.sqlite away to "
			  "start without keys", path);
	} else {
		done = create_key(dir, seal);
		if (!done)
			log_error("%s/" KEY_FILE ": cannot be created: %s", path,
				  strerror(errno));
	}
	if (dir >= 0)
		close(dir);
	return done;
}

enum parsec_status row_seal_open(const char *dir, bool create, const char *uuid,
				 const char *name, struct row_seal **result)
{
	struct row_seal *seal;

	seal = mmap(NULL, sizeof(*seal), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		    -1, 0);
	if (seal == MAP_FAILED) {
		log_error("%s: out of memory", dir);
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	}
	/* As well as the system allows: neither is needed to work */
	mlock(seal, sizeof(*seal));
	madvise(seal, sizeof(*seal), MADV_DONTDUMP);

	seal->uuid = uuid;
	seal->name = name;
	seal->cipher = EVP_CIPHER_fetch(NULL, "AES-256-GCM", NULL);
	if (!seal->cipher)
		log_error("%s: OpenSSL has no AES-256-GCM; check the machine's openssl.cnf",
			  dir);
	if (!seal->cipher || !get_key(dir, create, seal)) {
		row_seal_close(seal);
		return PARSEC_KEY_INFO_MANAGER_ERROR;
	}
	*result = seal;
	return PARSEC_SUCCESS;
}

void row_seal_close(struct row_seal *seal)
{
	if (!seal)
		return;
	EVP_CIPHER_free(seal->cipher);
	OPENSSL_cleanse(seal, sizeof(*seal));
	munmap(seal, sizeof(*seal));
}

static bool add(EVP_CIPHER_CTX *ctx, const void *data, size_t len)
{
	int ignored;

	return EVP_CipherUpdate(ctx, NULL, &ignored, data, (int)len) == 1;
}

/* With its length in front, so that no two rows give the same bytes */
static bool add_string(EVP_CIPHER_CTX *ctx, const void *data, size_t len)
{
	const uint8_t size[] = {
		(uint8_t)(len >> 24), (uint8_t)(len >> 16), (uint8_t)(len >> 8), (uint8_t)len,
	};

	return add(ctx, size, sizeof(size)) && (!len || add(ctx, data, len));
}

/* Everything that a row says about a key, except its state and its blob */
static bool add_row(EVP_CIPHER_CTX *ctx, const struct row_seal *seal,
		    const struct kim_row *row)
{
	const uint32_t auth_id = row->key.auth_id;
	const uint8_t head[] = {
		VERSION, (uint8_t)(auth_id >> 24), (uint8_t)(auth_id >> 16),
		(uint8_t)(auth_id >> 8), (uint8_t)auth_id,
	};
	uint8_t attributes[KIM_ATTRIBUTES_SIZE];

	kim_encode_attributes(&row->attrs, attributes);
	return add(ctx, head, sizeof(head)) &&
	       add_string(ctx, row->key.app.data, row->key.app.len) &&
	       add_string(ctx, seal->uuid, strlen(seal->uuid)) &&
	       add_string(ctx, seal->name, strlen(seal->name)) &&
	       add_string(ctx, row->key.name.data, row->key.name.len) &&
	       add(ctx, row->id, sizeof(row->id)) &&
	       add(ctx, attributes, sizeof(attributes));
}

enum parsec_status row_seal(const struct row_seal *seal, const struct kim_row *row,
			    struct parsec_span blob, struct parsec_out *sealed)
{
	uint8_t *nonce = sealed->data + 1, *text = nonce + NONCE_SIZE;
	EVP_CIPHER_CTX *ctx;
	int len = 0;
	bool done;

	if (sealed->size < blob.len + ROW_SEAL_OVERHEAD)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;

	ctx = EVP_CIPHER_CTX_new();
	sealed->data[0] = VERSION;
	done = ctx && RAND_bytes(nonce, NONCE_SIZE) == 1 &&
	       EVP_EncryptInit_ex2(ctx, seal->cipher, seal->key, nonce, NULL) == 1 &&
	       add_row(ctx, seal, row) &&
	       (!blob.len || EVP_EncryptUpdate(ctx, text, &len, blob.data,
					       (int)blob.len) == 1) &&
	       EVP_EncryptFinal_ex(ctx, text + blob.len, &len) == 1 &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_GET_TAG, TAG_SIZE,
				   text + blob.len) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!done) {
		ERR_clear_error();
		log_error("a key cannot be encrypted: OpenSSL failed");
		return PARSEC_PSA_ERROR_GENERIC_ERROR;
	}
	sealed->len = blob.len + ROW_SEAL_OVERHEAD;
	return PARSEC_SUCCESS;
}

enum parsec_status row_unseal(const struct row_seal *seal, const struct kim_row *row,
			      struct parsec_out *blob)
{
	const uint8_t *sealed = row->sealed.data;
	uint8_t tag[TAG_SIZE];
	EVP_CIPHER_CTX *ctx;
	int written = 0;
	size_t len;
	bool done;

	if (row->sealed.len < ROW_SEAL_OVERHEAD || sealed[0] != VERSION)
		return PARSEC_PSA_ERROR_DATA_CORRUPT;
	len = row->sealed.len - ROW_SEAL_OVERHEAD;
	if (blob->size < len)
		return PARSEC_PSA_ERROR_BUFFER_TOO_SMALL;
	memcpy(tag, sealed + 1 + NONCE_SIZE + len, TAG_SIZE);

	ctx = EVP_CIPHER_CTX_new();
	if (!ctx)
		return PARSEC_PSA_ERROR_INSUFFICIENT_MEMORY;
	done = EVP_DecryptInit_ex2(ctx, seal->cipher, seal->key, sealed + 1, NULL) == 1 &&
	       add_row(ctx, seal, row) &&
	       (!len || EVP_DecryptUpdate(ctx, blob->data, &written,
					  sealed + 1 + NONCE_SIZE, (int)len) == 1) &&
	       EVP_CIPHER_CTX_ctrl(ctx, EVP_CTRL_AEAD_SET_TAG, TAG_SIZE, tag) == 1 &&
	       EVP_DecryptFinal_ex(ctx, blob->data + len, &written) == 1;
	EVP_CIPHER_CTX_free(ctx);
	if (!done) {
		ERR_clear_error();
		OPENSSL_cleanse(blob->data, len);
		return PARSEC_PSA_ERROR_DATA_CORRUPT;
	}
	blob->len = len;
	return PARSEC_SUCCESS;
}
