// SPDX-License-Identifier: Apache-2.0
/*
 * A crowd that asks the service.
 */
#include "selftests/floods/crowd.h"

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "selftests/device/device.h"
#include "tools/lib/parsec.h"

#define STACK		(256 * 1024)
#define READY_MS	120000
/* Of a crowd with locked memory */
#define THREADS_LOCKED	64
#define COPY_EXTRA	65536

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_ECDSA,
	.hash = PARSEC_HASH_SHA_256,
};

static const struct parsec_alg rsa = {
	.kind = PARSEC_ALG_SIGNATURE,
	.scheme = PARSEC_SIGN_RSA_PKCS1V15,
	.hash = PARSEC_HASH_SHA_256,
};

/* Of this process, in its child */
static struct crowd *mine;
static struct parsec **files;
static uint8_t *message;
static int starter;

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000 + (uint64_t)now.tv_nsec;
}

static int sign(struct parsec *ctx, const char *key, const struct parsec_alg *alg)
{
	static const uint8_t hash[32] = { 1 };
	uint8_t signature[PARSEC_SIGNATURE_SIZE_MAX];
	size_t len;

	return parsec_psa_sign_hash(ctx, key, alg, hash, sizeof(hash), signature,
				    sizeof(signature), &len);
}

static struct parsec_key_attributes rsa_key(uint32_t bits)
{
	return (struct parsec_key_attributes){
		.type = PARSEC_KEY_TYPE_RSA_KEY_PAIR,
		.bits = bits,
		.usage = PARSEC_USAGE_SIGN_HASH,
		.alg = rsa,
	};
}

static struct parsec_key_attributes p256_key(void)
{
	return (struct parsec_key_attributes){
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
		.family = PARSEC_ECC_SECP_R1,
		.bits = 256,
		.usage = PARSEC_USAGE_SIGN_HASH,
		.alg = ecdsa,
	};
}

static int make_and_destroy(struct parsec *ctx, unsigned int thread, unsigned int nr)
{
	const struct parsec_key_attributes attrs =
		rsa_key(mine->plan.bits ? mine->plan.bits : 2048);
	char name[40];

	snprintf(name, sizeof(name), "flood-%u", thread);
	return nr % 2 ? parsec_psa_destroy_key(ctx, name)
		      : parsec_psa_generate_key(ctx, name, &attrs);
}

static int hash(struct parsec *ctx, size_t bytes)
{
	uint8_t digest[32];
	size_t len;

	return parsec_psa_hash_compute(ctx, PARSEC_HASH_SHA_256, message, bytes, digest,
				       sizeof(digest), &len);
}

static int list(struct parsec *ctx)
{
	struct parsec_key_info *keys;
	size_t count;
	int rc = parsec_list_keys(ctx, &keys, &count);

	if (!rc)
		parsec_free_keys(keys);
	return rc;
}

static int ping(struct parsec *ctx)
{
	uint32_t major, minor;

	return parsec_ping(ctx, &major, &minor);
}

static int mix(struct parsec *ctx, unsigned int nr)
{
	uint8_t random[16];

	switch (nr % 5) {
	case 0:
		return ping(ctx);
	case 1:
		return sign(ctx, "p256", &ecdsa);
	case 2:
		return list(ctx);
	case 3:
		return hash(ctx, mine->plan.bytes);
	default:
		return parsec_psa_generate_random(ctx, random, sizeof(random));
	}
}

static int call(struct parsec *ctx, unsigned int thread, unsigned int nr)
{
	switch (mine->plan.task) {
	case CROWD_PING:
		return ping(ctx);
	case CROWD_SIGN:
		return sign(ctx, "p256", &ecdsa);
	case CROWD_RSA_SIGN:
		return sign(ctx, "rsa", &rsa);
	case CROWD_RSA_KEY:
		return make_and_destroy(ctx, thread, nr);
	case CROWD_HASH:
		return hash(ctx, mine->plan.bytes);
	default:
		return mix(ctx, thread + nr);
	}
}

static void count(unsigned int *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void note(int rc, uint64_t ns)
{
	unsigned int nr = __atomic_fetch_add(&mine->begun, 1, __ATOMIC_RELAXED);

	if (nr < CROWD_TIMES)
		mine->times[nr] = ns;
	if (!rc) {
		count(&mine->answered);
	} else if (rc < 0 && -rc < CROWD_ERRNOS) {
		count(&mine->failed[-rc]);
	} else {
		mine->status = rc;
		count(&mine->refused);
	}
}

/* So that nothing of the library is used for the first time later */
static void warm_up(void)
{
	if (mine->plan.locked)
		call(files[0], 0, 0);
}

static void *run(void *arg)
{
	const struct crowd_plan *plan = &mine->plan;
	unsigned int thread = (unsigned int)(uintptr_t)arg;
	unsigned int seed = thread + 1;
	char byte;

	warm_up();
	count(&mine->ready);
	while (read(starter, &byte, 1) < 0 && errno == EINTR)
		;
	for (unsigned int nr = 0; !plan->calls || nr < plan->calls; nr++) {
		unsigned int file = plan->files ? (unsigned int)rand_r(&seed) % plan->files
						: thread;
		uint64_t start;
		int rc;

		if (__atomic_load_n(&mine->stopping, __ATOMIC_RELAXED))
			break;
		if (plan->pause_us)
			usleep(plan->pause_us);
		start = now_ns();
		rc = call(files[file], thread, nr);
		note(rc, now_ns() - start);
	}
	return NULL;
}

/* DER of a key that all have in common: making one takes long */
static uint8_t *rsa_der;
static int rsa_len;

static void make_rsa(void)
{
	EVP_PKEY *key = rsa_der ? NULL : EVP_RSA_gen(2048);

	if (key)
		rsa_len = i2d_PrivateKey(key, &rsa_der);
	EVP_PKEY_free(key);
}

/* From the first request on the service knows who this is, and what it may */
static int introduce(struct parsec *ctx, enum crowd_task task)
{
	const struct parsec_key_attributes p256 = p256_key(), rsa2048 = rsa_key(2048);
	int rc;

	if (task == CROWD_SIGN || task == CROWD_MIX)
		rc = parsec_psa_generate_key(ctx, "p256", &p256);
	else if (task == CROWD_RSA_SIGN)
		rc = parsec_psa_import_key(ctx, "rsa", &rsa2048, rsa_der, (size_t)rsa_len);
	else
		rc = ping(ctx);
	return rc == PARSEC_PSA_ERROR_ALREADY_EXISTS ? 0 : rc;
}

/* The first has to be opened, of the others as many as can be */
static int open_files(unsigned int wanted)
{
	files = calloc(wanted, sizeof(struct parsec *));
	if (!files)
		return -ENOMEM;
	for (unsigned int i = 0; i < wanted; i++) {
		struct parsec **file = &files[mine->opened];
		int rc = parsec_open(file);

		if (rc && !mine->opened)
			return rc;
		if (rc) {
			count(&mine->not_opened[-rc < CROWD_ERRNOS ? -rc : 0]);
			continue;
		}
		parsec_use_provider(*file, mine->plan.provider ?: PARSEC_PROVIDER_SOFTWARE);
		rc = mine->opened++ ? 0 : introduce(*file, mine->plan.task);
		if (rc)
			return rc;
	}
	return 0;
}

/* One arena for all, which never gives anything back, and has the library's copy of each
 * thread's message already
 */
static int lock_memory(const struct crowd_plan *plan)
{
	void *copies[THREADS_LOCKED];

	mallopt(M_ARENA_MAX, 1);
	mallopt(M_MMAP_THRESHOLD, 32 * 1024 * 1024);
	mallopt(M_TRIM_THRESHOLD, INT32_MAX);
	if (plan->threads > THREADS_LOCKED)
		return -EINVAL;
	if (mlockall(MCL_CURRENT | MCL_FUTURE))
		return -errno;
	for (unsigned int i = 0; i < plan->threads; i++) {
		copies[i] = malloc(plan->bytes + COPY_EXTRA);
		if (!copies[i])
			return -ENOMEM;
		explicit_bzero(copies[i], plan->bytes + COPY_EXTRA);
	}
	for (unsigned int i = 0; i < plan->threads; i++)
		free(copies[i]);
	return 0;
}

/* What takes root, and then be the user */
static int become_crowd(const struct crowd_plan *plan)
{
	const unsigned int wanted = plan->files + plan->threads + 100;
	const struct rlimit open = { wanted, wanted };
	const struct rlimit all = { RLIM_INFINITY, RLIM_INFINITY };
	char procs[200];

	if (plan->cgroup) {
		snprintf(procs, sizeof(procs), "%s/cgroup.procs", plan->cgroup);
		if (write_file(procs, "0") < 0)
			return -ENOENT;
	}
	if (setrlimit(RLIMIT_NOFILE, &open) || setrlimit(RLIMIT_MEMLOCK, &all) ||
	    setrlimit(RLIMIT_NPROC, &all))
		return -errno;
	return become(plan->uid);
}

static int begin(const struct crowd_plan *plan, pthread_t *threads)
{
	pthread_attr_t small;
	int rc = become_crowd(plan);

	if (!rc && plan->locked)
		rc = lock_memory(plan);
	if (!rc)
		rc = open_files(plan->files ?: plan->threads);
	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, STACK);
	for (unsigned int i = 0; !rc && i < plan->threads; i++)
		rc = -pthread_create(&threads[i], &small, run, (void *)(uintptr_t)i);
	return rc;
}

static void __attribute__((noreturn)) be_crowd(struct crowd *crowd, int pipe_end)
{
	const struct crowd_plan *plan = &crowd->plan;
	pthread_t *threads;

	mine = crowd;
	starter = dup2(pipe_end, STDERR_FILENO + 1);
	close_range(STDERR_FILENO + 2, ~0U, 0);
	message = calloc(1, plan->bytes + 1);
	threads = calloc(plan->threads, sizeof(*threads));
	crowd->trouble = message && threads ? begin(plan, threads) : -ENOMEM;
	if (crowd->trouble)
		_exit(1);
	for (unsigned int i = 0; i < plan->threads; i++)
		pthread_join(threads[i], NULL);
	_exit(0);
}

/* One that cannot begin has ended */
static void await_ready(struct crowd *crowd)
{
	const int64_t end = clock_ms() + READY_MS;

	while (!crowd->trouble && !crowd_await(&crowd->ready, crowd->plan.threads, 20))
		if (clock_ms() > end)
			crowd->trouble = -ETIME;
}

struct crowd *crowd_prepare(const struct crowd_plan *plan)
{
	struct crowd *crowd = mmap(NULL, sizeof(*crowd), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int ends[2];
	pid_t pid;

	if (crowd == MAP_FAILED || pipe2(ends, O_CLOEXEC))
		abort();
	if (plan->task == CROWD_RSA_SIGN)
		make_rsa();
	crowd->plan = *plan;
	crowd->go = ends[1];
	pid = fork();	/* not into memory that the child has, too */
	if (pid < 0)
		abort();
	if (!pid)
		be_crowd(crowd, ends[0]);
	crowd->pid = pid;
	close(ends[0]);
	await_ready(crowd);
	return crowd;
}

void crowd_go(struct crowd *crowd)
{
	close(crowd->go);
	crowd->go = -1;
}

bool crowd_join(struct crowd *crowd, int ms)
{
	const int64_t end = clock_ms() + ms;
	int status;

	while (waitpid(crowd->pid, &status, WNOHANG) != crowd->pid) {
		if (clock_ms() > end)
			return false;
		sleep_ms(2);
	}
	crowd->pid = 0;
	return WIFEXITED(status) && !WEXITSTATUS(status);
}

bool crowd_stop(struct crowd *crowd, int ms)
{
	__atomic_store_n(&crowd->stopping, true, __ATOMIC_RELAXED);
	return crowd_join(crowd, ms);
}

bool crowd_await(const unsigned int *number, unsigned int wanted, int ms)
{
	const int64_t end = clock_ms() + ms;

	while (__atomic_load_n(number, __ATOMIC_RELAXED) < wanted) {
		if (clock_ms() > end)
			return false;
		sleep_ms(2);
	}
	return true;
}

void crowd_end(struct crowd *crowd)
{
	if (!crowd)
		return;
	if (crowd->pid) {
		kill(crowd->pid, SIGKILL);
		waitpid(crowd->pid, NULL, 0);
	}
	if (crowd->go >= 0)
		close(crowd->go);
	munmap(crowd, sizeof(*crowd));
}

unsigned int crowd_results(const struct crowd *crowd)
{
	unsigned int results = crowd->answered + crowd->refused;

	for (int i = 0; i < CROWD_ERRNOS; i++)
		results += crowd->failed[i];
	return results;
}

bool crowd_only(const struct crowd *crowd, const int *errnos)
{
	unsigned int others = crowd_results(crowd) - crowd->answered;

	for (; *errnos; errnos++)
		others -= crowd->failed[*errnos];
	return !others;
}

static int by_value(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

uint64_t crowd_percentile(struct crowd *crowd, unsigned int percent)
{
	const unsigned int n = crowd->begun < CROWD_TIMES ? crowd->begun : CROWD_TIMES;

	qsort(crowd->times, n, sizeof(crowd->times[0]), by_value);
	return n ? crowd->times[(n * percent + 99) / 100 - 1] : 0;
}
