// SPDX-License-Identifier: Apache-2.0
/*
 * libparsec against a device that is played here: open(), ioctl() and close() of the
 * library are wrapped.
 */
#include "kselftest_harness.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/parsec.h>
#include <malloc.h>
#include <pthread.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "selftests/unit/hex.h"
#include "tools/lib/parsec.h"

#define FD	4711

/* What the device saw, and what it says next */
static struct {
	unsigned int asked;		/* operations */
	uint8_t opcode;			/* of the last one */
	struct parsec_op op;		/* its argument */
	uint8_t body[2 << 20];		/* its body */
	int open_flags, closed;
	int open_error, info_error, error; /* errno */
	uint16_t status;
	const char *answer;		/* hex */
	const uint8_t *long_answer;
	uint32_t long_len, claim_len;
} dev;

/* Answer of ListProviders: software (1), core (0) */
#define PROVIDERS	"0a023801" "0a00"

static size_t mallocs, leaks;

int __real_open(const char *path, int flags, ...);
int __real_close(int fd);
void *__real_malloc(size_t size);
void __real_free(void *memory);
int __wrap_open(const char *path, int flags, ...);
int __wrap_close(int fd);
int __wrap_ioctl(int fd, unsigned long request, void *arg);

int __wrap_open(const char *path, int flags, ...)
{
	if (strcmp(path, PARSEC_DEVICE))
		return __real_open(path, flags);
	dev.open_flags = flags;
	errno = dev.open_error;
	return dev.open_error ? -1 : FD;
}

int __wrap_close(int fd)
{
	dev.closed += fd == FD;
	return fd == FD ? 0 : __real_close(fd);
}

void *__wrap_malloc(size_t size)
{
	mallocs++;
	return __real_malloc(size);
}

/* Secrets in these tests are runs of the letter S */
void __wrap_free(void *memory)
{
	if (memory && memmem(memory, malloc_usable_size(memory), "SSSSSSSS", 8))
		leaks++;
	__real_free(memory);
}

static int answer(struct parsec_op *op)
{
	uint8_t room[HEX_MAX];
	struct parsec_span body = hex(dev.answer ? dev.answer : "", room);

	if (dev.opcode == PARSEC_OP_LIST_PROVIDERS && !dev.answer)
		body = hex(PROVIDERS, room);
	else if (dev.error)
		return dev.error;
	if (dev.long_answer)
		body = (struct parsec_span) { dev.long_answer, dev.long_len };
	op->status = dev.status;
	if (body.len > op->out_len) {
		op->out_len = (uint32_t)body.len;
		return EOVERFLOW;
	}
	memcpy((void *)(uintptr_t)op->out, body.data, body.len);
	op->out_len = dev.claim_len ? dev.claim_len : (uint32_t)body.len;
	return 0;
}

int __wrap_ioctl(int fd, unsigned long request, void *arg)
{
	struct parsec_op *op = arg;

	if (fd != FD || _IOC_TYPE(request) != PARSEC_IOC_MAGIC) {
		errno = ENOTTY;
		return -1;
	}
	if (request == PARSEC_IOC_INFO) {
		*(struct parsec_info *)arg = (struct parsec_info) {
			.abi = PARSEC_ABI, .flags = PARSEC_INFO_HELPER,
			.max_request = 1, .max_response = 2, .session = 3,
		};
		errno = dev.info_error;
		return errno ? -1 : 0;
	}
	__atomic_fetch_add(&dev.asked, 1, __ATOMIC_RELAXED);
	dev.opcode = (uint8_t)_IOC_NR(request);
	dev.op = *op;
	if (op->in_len <= sizeof(dev.body))
		memcpy(dev.body, (const void *)(uintptr_t)op->in, op->in_len);
	errno = answer(op);
	return errno ? -1 : 0;
}

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
	.hash = PARSEC_HASH_SHA_256,
};
static const struct parsec_key_attributes p256 = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_SECP_R1, .bits = 256,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

FIXTURE(libparsec) {
	struct parsec *ctx;
	uint8_t buf[PARSEC_SIGNATURE_SIZE_MAX];
	size_t len;
};

FIXTURE_SETUP(libparsec)
{
	ASSERT_EQ(0, parsec_open(&self->ctx));
	parsec_use_provider(self->ctx, 7);
}

FIXTURE_TEARDOWN(libparsec)
{
	parsec_close(self->ctx);
}

static bool body_is(const char *text)
{
	uint8_t room[HEX_MAX];

	return same(hex(text, room), (struct parsec_span) { dev.body, dev.op.in_len });
}

TEST_F(libparsec, opens_for_itself_only_and_closes)
{
	EXPECT_EQ(O_RDWR | O_CLOEXEC, dev.open_flags);
	parsec_close(self->ctx);
	self->ctx = NULL;
	EXPECT_EQ(1, dev.closed);
}

TEST_F(libparsec, says_why_it_cannot_open)
{
	struct parsec *ctx;

	dev.open_error = ENOENT;
	EXPECT_EQ(-ENOENT, parsec_open(&ctx));
	dev.open_error = EACCES;
	EXPECT_EQ(-EACCES, parsec_open(&ctx));
	EXPECT_EQ(-ENOTTY, parsec_open_device("/dev/null", &ctx));
	dev.open_error = 0;
	dev.info_error = EIO;
	EXPECT_EQ(-EIO, parsec_open(&ctx));
	/* A sandbox may allow operations and not what is asked first */
	dev.info_error = EPERM;
	EXPECT_EQ(0, parsec_open(&ctx));
	parsec_close(ctx);
}

TEST_F(libparsec, tells_about_the_device)
{
	struct parsec_device_info info;

	ASSERT_EQ(0, parsec_device_info(self->ctx, &info));
	EXPECT_EQ(PARSEC_ABI, info.abi);
	EXPECT_TRUE(info.helper);
	EXPECT_EQ(1, info.max_request);
	EXPECT_EQ(2, info.max_response);
	EXPECT_EQ(3, info.session);
	EXPECT_EQ(0, dev.asked);
}

TEST_F(libparsec, pings_the_core_with_one_call_and_no_body)
{
	uint32_t major = 9, minor = 9;

	dev.answer = "0801";
	ASSERT_EQ(0, parsec_ping(self->ctx, &major, &minor));
	EXPECT_EQ(1, major);
	EXPECT_EQ(0, minor);
	EXPECT_EQ(1, dev.asked);
	EXPECT_EQ(PARSEC_OP_PING, dev.opcode);
	EXPECT_EQ(PARSEC_PROVIDER_CORE, dev.op.provider);
	EXPECT_EQ(0, dev.op.in_len);
	EXPECT_EQ(0, dev.op.flags | dev.op.reserved0 | dev.op.reserved1);
}

TEST_F(libparsec, signs_with_one_call)
{
	dev.answer = "0a03616263";
	mallocs = 0;
	ASSERT_EQ(0, parsec_psa_sign_hash(self->ctx, "k", &ecdsa, "xyz", 3, self->buf,
					  sizeof(self->buf), &self->len));
	EXPECT_GE(1, mallocs);
	EXPECT_EQ(1, dev.asked);
	EXPECT_EQ(PARSEC_OP_PSA_SIGN_HASH, dev.opcode);
	EXPECT_EQ(7, dev.op.provider);
	EXPECT_TRUE(body_is("0a016b" "120622040a021007" "1a0378797a"));
	EXPECT_EQ(3, self->len);
	EXPECT_EQ(0, memcmp(self->buf, "abc", 3));
	/* Room that must be made clean for each call would be a price */
	EXPECT_GT(4096, dev.op.out_len);
}

TEST_F(libparsec, every_crypto_operation_has_its_opcode_and_body)
{
	struct parsec *ctx = self->ctx;

	ASSERT_EQ(0, parsec_psa_generate_key(ctx, "k", &p256));
	EXPECT_EQ(PARSEC_OP_PSA_GENERATE_KEY, dev.opcode);
	EXPECT_TRUE(body_is("0a016b12170a045a0208021080021a0c0a001208320622040a021007"));
	ASSERT_EQ(0, parsec_psa_import_key(ctx, "k", &p256, "xyz", 3));
	EXPECT_EQ(PARSEC_OP_PSA_IMPORT_KEY, dev.opcode);
	EXPECT_TRUE(body_is("0a016b12170a045a0208021080021a0c0a001208320622040a021007"
			    "1a0378797a"));
	ASSERT_EQ(0, parsec_psa_destroy_key(ctx, "k"));
	EXPECT_EQ(PARSEC_OP_PSA_DESTROY_KEY, dev.opcode);
	EXPECT_TRUE(body_is("0a016b"));
	ASSERT_EQ(0, parsec_psa_verify_hash(ctx, "k", &ecdsa, "xyz", 3, "ab", 2));
	EXPECT_EQ(PARSEC_OP_PSA_VERIFY_HASH, dev.opcode);
	EXPECT_TRUE(body_is("0a016b" "120622040a021007" "1a0378797a" "22026162"));
	ASSERT_EQ(0, parsec_psa_verify_message(ctx, "k", &ecdsa, NULL, 0, "ab", 2));
	EXPECT_EQ(PARSEC_OP_PSA_VERIFY_MESSAGE, dev.opcode);
	EXPECT_TRUE(body_is("0a016b" "120622040a021007" "22026162"));
	ASSERT_EQ(0, parsec_psa_hash_compare(ctx, PARSEC_HASH_SHA_256, "abc", 3, "ab", 2));
	EXPECT_EQ(PARSEC_OP_PSA_HASH_COMPARE, dev.opcode);
	EXPECT_TRUE(body_is("08071203616263" "1a026162"));

	dev.answer = "0a03616263";
	ASSERT_EQ(0, parsec_psa_export_key(ctx, "k", self->buf, 3, &self->len));
	EXPECT_EQ(PARSEC_OP_PSA_EXPORT_KEY, dev.opcode);
	EXPECT_TRUE(body_is("0a016b"));
	ASSERT_EQ(0, parsec_psa_export_public_key(ctx, "k", self->buf, 3, &self->len));
	EXPECT_EQ(PARSEC_OP_PSA_EXPORT_PUBLIC_KEY, dev.opcode);
	EXPECT_TRUE(body_is("0a016b"));
	ASSERT_EQ(0, parsec_psa_sign_message(ctx, "k", &ecdsa, "xyz", 3, self->buf, 3,
					     &self->len));
	EXPECT_EQ(PARSEC_OP_PSA_SIGN_MESSAGE, dev.opcode);
	EXPECT_TRUE(body_is("0a016b" "120622040a021007" "1a0378797a"));
	ASSERT_EQ(0, parsec_psa_hash_compute(ctx, PARSEC_HASH_SHA_256, "abc", 3, self->buf,
					     3, &self->len));
	EXPECT_EQ(PARSEC_OP_PSA_HASH_COMPUTE, dev.opcode);
	EXPECT_TRUE(body_is("08071203616263"));
	ASSERT_EQ(0, parsec_psa_generate_random(ctx, self->buf, 3));
	EXPECT_EQ(PARSEC_OP_PSA_GENERATE_RANDOM, dev.opcode);
	EXPECT_TRUE(body_is("0803"));
	EXPECT_EQ(11, dev.asked);
}

TEST_F(libparsec, asks_once_for_the_preferred_provider)
{
	uint8_t id;

	parsec_use_provider(self->ctx, PARSEC_PROVIDER_CORE);
	ASSERT_EQ(0, parsec_psa_destroy_key(self->ctx, "k"));
	EXPECT_EQ(1, dev.op.provider);
	EXPECT_EQ(2, dev.asked);
	ASSERT_EQ(0, parsec_psa_destroy_key(self->ctx, "k"));
	EXPECT_EQ(3, dev.asked);
	ASSERT_EQ(0, parsec_current_provider(self->ctx, &id));
	EXPECT_EQ(1, id);
	EXPECT_EQ(3, dev.asked);
}

TEST_F(libparsec, has_no_preferred_provider_when_core_is_alone)
{
	uint8_t id;

	parsec_use_provider(self->ctx, PARSEC_PROVIDER_CORE);
	dev.answer = "0a00";
	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED, parsec_current_provider(self->ctx, &id));
	EXPECT_EQ(PARSEC_PROVIDER_NOT_REGISTERED, parsec_psa_destroy_key(self->ctx, "k"));
	EXPECT_EQ(PARSEC_OP_LIST_PROVIDERS, dev.opcode);
}

TEST_F(libparsec, passes_the_timeout_on)
{
	parsec_set_timeout(self->ctx, 1500);
	ASSERT_EQ(0, parsec_psa_destroy_key(self->ctx, "k"));
	EXPECT_EQ(1500, dev.op.timeout_ms);
	parsec_set_timeout(self->ctx, 0);
	ASSERT_EQ(0, parsec_psa_destroy_key(self->ctx, "k"));
	EXPECT_EQ(0, dev.op.timeout_ms);
}

TEST_F(libparsec, returns_the_status_of_the_service)
{
	dev.status = PARSEC_PSA_ERROR_ALREADY_EXISTS;
	EXPECT_EQ(PARSEC_PSA_ERROR_ALREADY_EXISTS,
		  parsec_psa_generate_key(self->ctx, "k", &p256));
	dev.status = 65535;
	EXPECT_EQ(65535, parsec_psa_generate_key(self->ctx, "k", &p256));
}

TEST_F(libparsec, returns_the_error_of_the_device)
{
	static const int errors[] = {
		EINVAL, EFAULT, EPERM, ENOTCONN, EDQUOT, ETIMEDOUT, EIO, ENOMEM, EINTR,
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(errors); i++) {
		dev.error = errors[i];
		EXPECT_EQ(-errors[i], parsec_psa_destroy_key(self->ctx, "k"));
	}
	EXPECT_EQ(ARRAY_SIZE(errors), dev.asked);
	dev.error = EMSGSIZE;
	EXPECT_EQ(PARSEC_BODY_SIZE_EXCEEDS_LIMIT, parsec_psa_destroy_key(self->ctx, "k"));
}

TEST_F(libparsec, says_how_much_room_an_output_needs)
{
	dev.answer = "0a03616263";
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  parsec_psa_sign_hash(self->ctx, "k", &ecdsa, "xyz", 3, self->buf, 2,
				       &self->len));
	EXPECT_EQ(3, self->len);
}

TEST_F(libparsec, asks_again_for_an_answer_that_was_longer)
{
	static uint8_t body[5000] = { 0x0a, 0x85, 0x27 };	/* 4997 bytes of data */

	memset(body + 3, 'S', sizeof(body) - 3);
	dev.long_answer = body;
	dev.long_len = sizeof(body);
	leaks = 0;
	EXPECT_EQ(PARSEC_PSA_ERROR_BUFFER_TOO_SMALL,
		  parsec_psa_export_key(self->ctx, "k", self->buf, sizeof(self->buf),
					&self->len));
	EXPECT_EQ(4997, self->len);
	EXPECT_EQ(2, dev.asked);
	EXPECT_EQ(0, leaks);
}

TEST_F(libparsec, never_makes_a_key_twice)
{
	static const uint8_t body[5000];

	dev.long_answer = body;
	dev.long_len = sizeof(body);
	EXPECT_EQ(-EOVERFLOW, parsec_psa_generate_key(self->ctx, "k", &p256));
	EXPECT_EQ(1, dev.asked);
	EXPECT_EQ(-EOVERFLOW, parsec_psa_destroy_key(self->ctx, "k"));
	EXPECT_EQ(2, dev.asked);
}

TEST_F(libparsec, does_not_believe_nonsense)
{
	dev.answer = "0b";
	EXPECT_EQ(-EPROTO, parsec_psa_destroy_key(self->ctx, "k"));
	dev.answer = "0a03616263";
	EXPECT_EQ(-EPROTO, parsec_psa_generate_random(self->ctx, self->buf, 2));
	dev.claim_len = UINT32_MAX;
	EXPECT_EQ(-EPROTO, parsec_psa_export_key(self->ctx, "k", self->buf,
						 sizeof(self->buf), &self->len));
}

TEST_F(libparsec, refuses_names_without_asking)
{
	static char too_long[PARSEC_KEY_NAME_MAX + 2];

	memset(too_long, 'a', PARSEC_KEY_NAME_MAX + 1);
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  parsec_psa_destroy_key(self->ctx, too_long));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT, parsec_psa_destroy_key(self->ctx, ""));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  parsec_psa_destroy_key(self->ctx, NULL));
	EXPECT_EQ(PARSEC_PSA_ERROR_INVALID_ARGUMENT,
		  parsec_psa_destroy_key(self->ctx, "\xff"));
	EXPECT_EQ(0, dev.asked);
	too_long[PARSEC_KEY_NAME_MAX] = '\0';
	EXPECT_EQ(0, parsec_psa_destroy_key(self->ctx, too_long));
}

TEST_F(libparsec, refuses_what_has_no_encoding_without_asking)
{
	struct parsec_key_attributes attrs = p256;
	struct parsec_alg alg = ecdsa;

	attrs.type = 0;
	EXPECT_EQ(PARSEC_INVALID_ENCODING, parsec_psa_generate_key(self->ctx, "k", &attrs));
	alg.kind = PARSEC_ALG_HASH;
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  parsec_psa_verify_hash(self->ctx, "k", &alg, "xyz", 3, "ab", 2));
	EXPECT_EQ(PARSEC_INVALID_ENCODING,
		  parsec_psa_hash_compute(self->ctx, 256 + PARSEC_HASH_SHA_256, "abc", 3,
					  self->buf, 64, &self->len));
	EXPECT_EQ(0, dev.asked);
}

TEST_F(libparsec, refuses_inputs_that_no_body_can_carry)
{
	/* Never read: the length alone decides */
	EXPECT_EQ(PARSEC_BODY_SIZE_EXCEEDS_LIMIT,
		  parsec_psa_hash_compute(self->ctx, PARSEC_HASH_SHA_256, "abc", SIZE_MAX,
					  self->buf, 64, &self->len));
	EXPECT_EQ(0, dev.asked);
}

TEST_F(libparsec, wipes_large_bodies_too)
{
	static char input[1 << 20];

	memset(input, 'S', sizeof(input));
	leaks = 0;
	ASSERT_EQ(0, parsec_psa_import_key(self->ctx, "k", &p256, input, sizeof(input)));
	EXPECT_LT(sizeof(input), dev.op.in_len);
	EXPECT_EQ(0, leaks);
}

TEST_F(libparsec, random_bytes_have_exactly_the_room_they_need)
{
	static uint8_t body[4 + (1 << 20)] = { 0x0a, 0x80, 0x80, 0x40 };
	static uint8_t room[1 << 20];

	dev.long_answer = body;
	dev.long_len = sizeof(body);
	ASSERT_EQ(0, parsec_psa_generate_random(self->ctx, room, sizeof(room)));
	EXPECT_EQ(1, dev.asked);
	EXPECT_GT(sizeof(body) + 64, dev.op.out_len);
	dev.long_answer = NULL;
	EXPECT_EQ(0, parsec_psa_generate_random(self->ctx, NULL, 0));
}

TEST_F(libparsec, lists_providers)
{
	struct parsec_provider_info *list;

	dev.answer = "0a19" "0a0475756964" "120477686174" "1a0377686f" "2001" "2802"
		     "3003" "3801" "0a00";
	ASSERT_EQ(0, parsec_list_providers(self->ctx, &list, &self->len));
	ASSERT_EQ(2, self->len);
	EXPECT_STREQ("uuid", list[0].uuid);
	EXPECT_STREQ("what", list[0].description);
	EXPECT_STREQ("who", list[0].vendor);
	EXPECT_EQ(1, list[0].version[0]);
	EXPECT_EQ(3, list[0].version[2]);
	EXPECT_EQ(1, list[0].id);
	EXPECT_STREQ("", list[1].uuid);
	EXPECT_EQ(0, dev.op.provider);
	parsec_free_providers(list);
}

TEST_F(libparsec, lists_opcodes)
{
	uint32_t *list;

	dev.answer = "0a050108090e1a";
	ASSERT_EQ(0, parsec_list_opcodes(self->ctx, 3, &list, &self->len));
	EXPECT_TRUE(body_is("0803"));
	EXPECT_EQ(0, dev.op.provider);
	ASSERT_EQ(5, self->len);
	EXPECT_EQ(26, list[4]);
	parsec_free_opcodes(list);
}

TEST_F(libparsec, lists_authenticators)
{
	struct parsec_authenticator_info *list;

	dev.answer = "0a0a" "0a0470656572" "1801" "2803";
	ASSERT_EQ(0, parsec_list_authenticators(self->ctx, &list, &self->len));
	ASSERT_EQ(1, self->len);
	EXPECT_STREQ("peer", list[0].description);
	EXPECT_EQ(1, list[0].version[1]);
	EXPECT_EQ(3, list[0].id);
	parsec_free_authenticators(list);
}

TEST_F(libparsec, lists_keys)
{
	struct parsec_key_info *list;

	dev.answer = "0a1e" "0801" "12016b" "1a17" "0a045a020802" "108002" "1a0c0a00"
		     "1208320622040a021007";
	ASSERT_EQ(0, parsec_list_keys(self->ctx, &list, &self->len));
	ASSERT_EQ(1, self->len);
	EXPECT_STREQ("k", list[0].name);
	EXPECT_EQ(1, list[0].provider);
	EXPECT_EQ(0, memcmp(&p256, &list[0].attrs, sizeof(p256)));
	parsec_free_keys(list);
	dev.answer = "";
	ASSERT_EQ(0, parsec_list_keys(self->ctx, &list, &self->len));
	EXPECT_EQ(0, self->len);
	parsec_free_keys(list);
}

static void *ping_many(void *arg)
{
	uint32_t major, minor;
	long failed = 0;
	int i;

	for (i = 0; i < 2000; i++)
		failed += parsec_ping(arg, &major, &minor) || major != 1;
	return (void *)failed;
}

TEST_F(libparsec, one_context_serves_many_threads)
{
	pthread_t threads[8];
	void *failed;
	size_t i;

	dev.answer = "0801";
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		ASSERT_EQ(0, pthread_create(&threads[i], NULL, ping_many, self->ctx));
	}
	for (i = 0; i < ARRAY_SIZE(threads); i++) {
		ASSERT_EQ(0, pthread_join(threads[i], &failed));
		EXPECT_EQ(NULL, failed);
	}
	EXPECT_EQ(2000 * ARRAY_SIZE(threads), dev.asked);
}

TEST_F(libparsec, a_child_may_go_on_using_it)
{
	int status;
	pid_t pid;

	dev.answer = "0801";
	pid = fork();
	if (!pid)
		_exit(ping_many(self->ctx) != NULL);
	ASSERT_EQ(pid, waitpid(pid, &status, 0));
	EXPECT_EQ(0, status);
}

TEST(every_status_has_a_name_and_words)
{
	static const int statuses[] = {
#define STATUS_NUMBER(number, constant, name, text) number,
		PARSEC_STATUS_LIST(STATUS_NUMBER)
	};
	int status, known = 0;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		EXPECT_LT(3, strlen(parsec_status_name(statuses[i])));
		EXPECT_LT(3, strlen(parsec_status_message(statuses[i])));
		EXPECT_STREQ(parsec_status_message(statuses[i]),
			     parsec_strerror(statuses[i]));
	}
	for (status = -1; status < 70000; status++) {
		known += !!parsec_status_name(status);
		EXPECT_NE(NULL, parsec_strerror(status));
	}
	EXPECT_EQ(ARRAY_SIZE(statuses), known);
	/* 0 to 22 and 1132 to 1153 without 1144, as in the contract */
	EXPECT_EQ(23 + 21, known);
	EXPECT_EQ(NULL, parsec_status_name(1144));
	EXPECT_STREQ("PsaErrorDoesNotExist", parsec_status_name(1140));
}

TEST(every_error_has_words)
{
	int error;

	for (error = 1; error < 5000; error++) {
		EXPECT_LT(0, strlen(parsec_strerror(-error)));
	}
	EXPECT_STREQ("the service does not run", parsec_strerror(-ENOTCONN));
	EXPECT_NE(NULL, strstr(parsec_strerror(-EDQUOT), "waiting"));
	EXPECT_NE(NULL, strstr(parsec_strerror(-EDQUOT), "files open"));
}

TEST(opcodes_have_names)
{
	EXPECT_STREQ("Ping", parsec_opcode_name(1));
	EXPECT_STREQ("CanDoCrypto", parsec_opcode_name(32));
	EXPECT_EQ(NULL, parsec_opcode_name(0));
	EXPECT_EQ(NULL, parsec_opcode_name(0x1d));
	EXPECT_EQ(NULL, parsec_opcode_name(UINT32_MAX));
}

TEST_HARNESS_MAIN
