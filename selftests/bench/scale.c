// SPDX-License-Identifier: Apache-2.0
/*
 * What a key costs among 100,000 others, compared with one among ten: the key store
 * with the software provider behind the dispatch, without a kernel in front. Prints a
 * table in reStructuredText; exit status 1 when a target is missed.
 *
 *   scale [FOLDER]	stores are made below FOLDER, /dev/shm unless told
 *   scale --keep STORE	only the store with 100,000 keys is made, as STORE, and stays
 */
#include <ftw.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helper/core_link.h"
#include "helper/inner.h"
#include "helper/log.h"
#include "selftests/bench/process.h"

#define FEW		10
#define MANY		100000
/* Of the many, those of the first application; the others are the second one's */
#define LISTED		10000
#define SIGNS		20000
#define UNLOADED_SIGNS	5000	/* more keys than the store keeps loaded */
#define CREATES		2000
#define RESPONSE_MAX	(1024 * 1024)

#define FIRST_APP	"1000"
#define SECOND_APP	"1001"

static const struct parsec_key_attributes attributes = {
	.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
	.family = PARSEC_ECC_SECP_R1,
	.bits = 256,
	.usage = PARSEC_USAGE_SIGN_HASH,
	.alg = { .kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA,
		 .hash = PARSEC_HASH_SHA_256 },
};

struct bench {
	struct config config;
	struct provider_config section;
	struct plugin plugin;
	struct host few;
	struct host many;
	struct scratch scratch;
	uint8_t *room;
	bool missed;
	char few_dir[300];
	char many_dir[300];
	char socket_dir[300];
};

/* Stores and sockets; removed at exit */
static char dir[256];

static char provider[] = "software";

static void fail(const char *what)
{
	fprintf(stderr, "scale: %s\n", what);
	exit(EXIT_FAILURE);
}

static double now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec * 1e6 + (double)now.tv_nsec / 1e3;
}

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static double median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_value);
	return values[count / 2];
}

static struct parsec_span text(const char *string)
{
	return (struct parsec_span){ (const uint8_t *)string, strlen(string) };
}

static struct identity *identify(void *arg)
{
	return identity_new(AUTH_UNIX_PEER_CREDENTIALS, text(arg));
}

/* One request of @app, the answer in @bench->room. Return: its status */
static enum parsec_status request(struct bench *bench, const struct host *host,
				  const char *app, uint8_t opcode,
				  const struct contract_request *req, size_t *len)
{
	uint8_t body[1024];
	char caller[16];
	struct parsec_out out = { body, sizeof(body), 0 };
	struct call call = {
		.host = host,
		.transport = TRANSPORT_DEVICE,
		.provider = host->id,
		.opcode = opcode,
		.identify = identify,
		.identify_arg = caller,
		.scratch = &bench->scratch,
		.out = { bench->room, RESPONSE_MAX, 0 },
	};
	enum parsec_status status;

	snprintf(caller, sizeof(caller), "%s", app);
	if (contract_encode_request(opcode, req, &out))
		fail("a request cannot be encoded");
	call.body = (struct parsec_span){ body, out.len };
	status = dispatch(&call);
	*len = call.out.len;
	dispatch_end(&call);
	return status;
}

/* A request about one key, which must succeed. Return: how long it took */
static double use_key(struct bench *bench, const struct host *host, uint8_t opcode,
		      const char *prefix, unsigned int number)
{
	static const uint8_t hash[32] = { 1 };
	struct contract_request req = {
		.attrs = attributes,
		.alg = attributes.alg,
		.input = { hash, sizeof(hash) },
	};
	const char *app = number < LISTED ? FIRST_APP : SECOND_APP;
	double start = now_us();
	char name[32];
	size_t len;

	snprintf(name, sizeof(name), "%s-%06u", prefix, number);
	req.key_name = text(name);
	if (request(bench, host, app, opcode, &req, &len))
		fail("a request about a key failed");
	return now_us() - start;
}

static void make_keys(struct bench *bench, const struct host *host, unsigned int count)
{
	for (unsigned int i = 0; i < count; i++)
		use_key(bench, host, PARSEC_OP_PSA_GENERATE_KEY, "key", i);
}

static struct host open_store(struct bench *bench, const char *where)
{
	struct host host = {
		.config = &bench->config,
		.name = bench->section.name,
		.id = bench->section.id,
		.plugin = &bench->plugin,
		.core_user = geteuid(),
	};

	if (keystore_open(&bench->plugin, bench->section.name, where, &host.store))
		fail("a key store cannot be opened");
	return host;
}

/* Make the many in a process that is killed when it has them, over one more */
static void make_many(struct bench *bench)
{
	int fds[2];
	char byte;
	pid_t child;

	if (pipe(fds) || (child = fork()) < 0)
		fail("no process");
	if (!child) {
		struct host host = open_store(bench, bench->many_dir);

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		make_keys(bench, &host, MANY);
		if (write(fds[1], "", 1) != 1)
			_exit(EXIT_FAILURE);
		for (unsigned int i = 0;; i++)
			use_key(bench, &host, PARSEC_OP_PSA_GENERATE_KEY, "extra", MANY + i);
	}
	close(fds[1]);
	if (read(fds[0], &byte, 1) != 1)
		fail("the keys could not be made");
	close(fds[0]);
	usleep(20000);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* A row of the table; @target is NULL and @met true where there is none */
static void row(struct bench *bench, const char *what, const char *few, const char *many,
		const char *ratio, const char *target, bool met)
{
	printf("%-34s  %7s  %16s  %5s  %-22s  %s\n", what, few ? few : "-", many,
	       ratio ? ratio : "-", target ? target : "-",
	       !target ? "-" : met ? "met" : "missed");
	if (!met)
		bench->missed = true;
}

static void rule(void)
{
	puts("==================================  =======  ================  =====  "
	     "======================  ======");
}

static void ratio_row(struct bench *bench, const char *what, double few, double many,
		      double limit)
{
	char texts[3][32], target[32];

	snprintf(texts[0], sizeof(texts[0]), "%.1f", few);
	snprintf(texts[1], sizeof(texts[1]), "%.1f", many);
	snprintf(texts[2], sizeof(texts[2]), "%.2f", many / few);
	snprintf(target, sizeof(target), "ratio at most %.1f", limit);
	row(bench, what, texts[0], texts[1], texts[2], target, many / few <= limit);
}

static void figure_row(struct bench *bench, const char *what, double figure, double limit)
{
	char number[32], target[32];

	snprintf(number, sizeof(number), "%.1f", figure);
	snprintf(target, sizeof(target), "below %.0f", limit);
	row(bench, what, NULL, number, NULL, limit > 0 ? target : NULL,
	    limit <= 0 || figure < limit);
}

static void measure_start(struct bench *bench)
{
	double start = now_us();

	bench->many = open_store(bench, bench->many_dir);
	figure_row(bench, "start after a kill, ms", (now_us() - start) / 1e3, 10000);
}

/* One and the other in turn, so that whatever else the machine does meets both */
static void measure_signs(struct bench *bench)
{
	static double few[SIGNS], many[SIGNS];

	for (unsigned int i = 0; i < SIGNS; i++) {
		unsigned int key = i % FEW;

		few[i] = use_key(bench, &bench->few, PARSEC_OP_PSA_SIGN_HASH, "key", key);
		many[i] = use_key(bench, &bench->many, PARSEC_OP_PSA_SIGN_HASH, "key",
				  key * (MANY / FEW));
	}
	ratio_row(bench, "SignHash, P-256, us", median(few, SIGNS), median(many, SIGNS), 1.1);
}

static void measure_unloaded_signs(struct bench *bench)
{
	static double times[UNLOADED_SIGNS];

	for (unsigned int i = 0; i < UNLOADED_SIGNS; i++)
		times[i] = use_key(bench, &bench->many, PARSEC_OP_PSA_SIGN_HASH, "key",
				   i * (MANY / UNLOADED_SIGNS));
	figure_row(bench, "SignHash, key not in memory, us", median(times, UNLOADED_SIGNS), 0);
}

static void measure_creates(struct bench *bench)
{
	static double few[CREATES], many[CREATES];

	for (unsigned int i = 0; i < CREATES; i++) {
		few[i] = use_key(bench, &bench->few, PARSEC_OP_PSA_GENERATE_KEY, "new", i);
		use_key(bench, &bench->few, PARSEC_OP_PSA_DESTROY_KEY, "new", i);
		many[i] = use_key(bench, &bench->many, PARSEC_OP_PSA_GENERATE_KEY, "new", i);
		use_key(bench, &bench->many, PARSEC_OP_PSA_DESTROY_KEY, "new", i);
	}
	ratio_row(bench, "GenerateKey, P-256, us", median(few, CREATES),
		  median(many, CREATES), 1.5);
}

/* All keys, or the status that says that they do not fit: nothing in between */
static void list(struct bench *bench, const struct host *core, const char *app,
		 const char *what, size_t keys)
{
	static const struct contract_request req;
	struct contract_result result = { 0 };
	enum parsec_status status;
	char answer[32];
	size_t len;
	bool met;

	status = request(bench, core, app, PARSEC_OP_LIST_KEYS, &req, &len);
	if (status == PARSEC_SUCCESS) {
		met = !contract_decode_result(PARSEC_OP_LIST_KEYS,
					      (struct parsec_span){ bench->room, len },
					      &result) &&
		      result.count == keys;
		snprintf(answer, sizeof(answer), "%zu in %zu KiB", result.count, len / 1024);
		contract_result_free(&result);
	} else {
		met = status == PARSEC_RESPONSE_TOO_LARGE;
		snprintf(answer, sizeof(answer), met ? "ResponseTooLarge" : "status %u", status);
	}
	row(bench, what, NULL, answer, NULL, "all keys or too large", met);
}

/* As an application asks: the core host, which asks the host with the keys */
static void measure_lists(struct bench *bench)
{
	const uid_t user = geteuid();
	struct inner_server *server = inner_server_listen(&bench->many);
	struct core_peers *peers = core_peers_new(&bench->config, &user);
	struct host core = { .config = &bench->config, .name = CONFIG_CORE_NAME };

	if (!server || !inner_server_start(server) || !peers)
		fail("no core host");
	core.core = core_link_start(peers, &bench->config);
	if (!core.core)
		fail("no core host");
	list(bench, &core, FIRST_APP, "ListKeys, 10,000 keys", LISTED);
	list(bench, &core, SECOND_APP, "ListKeys, 90,000 keys", MANY - LISTED);
	core_free(core.core);
	core_peers_free(peers);
	inner_server_stop(server);
}

/* The most that there was at any time */
static void measure_memory(struct bench *bench)
{
	unsigned long kib = process_peak("self");

	if (!kib)
		fail("/proc/self/status does not tell");
	figure_row(bench, "resident memory at most, MiB", (double)kib / 1024, 64);
}

static int remove_entry(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

static void remove_dir(void)
{
	nftw(dir, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

/* Folders for two stores that are removed in the end */
static void make_folders(struct bench *bench, const char *folder)
{
	snprintf(dir, sizeof(dir), "%s/parsec-scale.XXXXXX", folder);
	if (!mkdtemp(dir))
		fail("cannot make a folder for the stores");
	atexit(remove_dir);
	snprintf(bench->few_dir, sizeof(bench->few_dir), "%s/few", dir);
	snprintf(bench->many_dir, sizeof(bench->many_dir), "%s/many", dir);
	snprintf(bench->socket_dir, sizeof(bench->socket_dir), "%s/%s", dir, provider);
	if (mkdir(bench->few_dir, 0700) || mkdir(bench->many_dir, 0700) ||
	    mkdir(bench->socket_dir, 0700))
		fail("cannot make a folder for a store");
}

static void set_up(struct bench *bench)
{
	/* As parsec-host does */
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
	log_init("scale", PARSEC_LOG_ERROR, false);
	bench->section = (struct provider_config){
		.name = provider, .id = PARSEC_PROVIDER_SOFTWARE };
	bench->config = (struct config){
		.runtime_dir = dir,
		.buffer_size_limit = RESPONSE_MAX,
		.providers = &bench->section,
		.provider_count = 1,
	};
	bench->room = malloc(RESPONSE_MAX);
	if (!bench->room || !scratch_init(&bench->scratch, &bench->config))
		fail("out of memory");
	if (plugin_open(&bench->plugin, &parsec_provider, NULL, NULL, 0, dir))
		fail("the software provider cannot be opened");
}

static void tear_down(struct bench *bench)
{
	keystore_close(bench->few.store);
	keystore_close(bench->many.store);
	plugin_close(&bench->plugin);
	scratch_free(&bench->scratch);
	free(bench->room);
}

static int keep_store(struct bench *bench, const char *store)
{
	snprintf(bench->many_dir, sizeof(bench->many_dir), "%s", store);
	if (mkdir(store, 0700))
		fail("the folder for the store is there, or cannot be made");
	set_up(bench);
	make_many(bench);
	return EXIT_SUCCESS;
}

int main(int argc, char **argv)
{
	static struct bench bench;

	if (argc == 3 && !strcmp(argv[1], "--keep"))
		return keep_store(&bench, argv[2]);
	make_folders(&bench, argc > 1 ? argv[1] : "/dev/shm");
	set_up(&bench);
	make_many(&bench);
	printf("Keys of the software provider:\n\n");
	rule();
	printf("%-34s  %7s  %16s  %5s  %-22s  %s\n", "what", "10 keys", "100,000 keys", "ratio",
	       "target", "result");
	rule();
	measure_start(&bench);
	measure_unloaded_signs(&bench);
	measure_lists(&bench);
	measure_memory(&bench);
	bench.few = open_store(&bench, bench.few_dir);
	make_keys(&bench, &bench.few, FEW);
	measure_signs(&bench);
	measure_creates(&bench);
	rule();
	puts("");
	tear_down(&bench);
	return bench.missed;
}
