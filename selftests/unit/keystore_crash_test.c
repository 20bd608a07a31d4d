// SPDX-License-Identifier: Apache-2.0
/*
 * The key store killed, and its disk full, at every step of everything it does. After
 * the next start each name is usable or free, no backend key is without a name, and
 * no row is unfinished.
 */
#include "kselftest_harness.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEYSTORE_STEPS
#include "helper/keystore_private.h"
#include "helper/log.h"
#include "selftests/unit/fake_provider.h"
#include "selftests/unit/fault_vfs.h"

#define FINISHED	7

static const uint8_t material[32];

void keystore_step(const char *done)
{
	fault_event(done);
}

/* What is done to a store that has the keys "keep" and "old", or at first to none */
enum operation { FIRST_START, CREATE, IMPORT, FAIL_CREATE, DESTROY, FAIL_DESTROY, UNDO, SWEEP };

FIXTURE(crash)
{
	char base[64];	/* how the store is before */
	char dir[64];	/* a copy, in which it happens */
};

FIXTURE_VARIANT(crash)
{
	const struct parsec_provider *provider;
	enum operation operation;
};

#define VARIANT(provider_name, what) \
	FIXTURE_VARIANT_ADD(crash, provider_name##_##what) { \
		.provider = &fake_##provider_name, .operation = what, \
	}

VARIANT(token, FIRST_START);
VARIANT(token, CREATE);
VARIANT(token, IMPORT);
VARIANT(token, FAIL_CREATE);
VARIANT(token, DESTROY);
VARIANT(token, FAIL_DESTROY);
VARIANT(token, UNDO);
VARIANT(token, SWEEP);
VARIANT(software, CREATE);
VARIANT(software, DESTROY);
VARIANT(software, UNDO);

FIXTURE_SETUP(crash)
{
	/* What is provoked here is also logged */
	int null = open("/dev/null", O_WRONLY);

	dup2(null, STDERR_FILENO);
	close(null);
	log_init("test", PARSEC_LOG_ERROR, false);
	fault_install();
	fake.on_effect = fault_event;
	make_dir(self->base);
	make_dir(self->dir);
}

FIXTURE_TEARDOWN(crash)
{
	remove_dir(self->base);
	remove_dir(self->dir);
}

struct opened {
	struct plugin plugin;
	struct keystore *store;
};

static enum parsec_status open_store(struct opened *opened, const char *dir,
				     const struct parsec_provider *provider)
{
	enum parsec_status status;

	status = plugin_open(&opened->plugin, provider, NULL, NULL, 0, dir);
	if (status != PARSEC_SUCCESS)
		return status;
	status = keystore_open(&opened->plugin, "fake", dir, &opened->store);
	if (status != PARSEC_SUCCESS)
		plugin_close(&opened->plugin);
	return status;
}

static void close_store(struct opened *opened)
{
	keystore_close(opened->store);
	plugin_close(&opened->plugin);
}

static enum parsec_status create(struct keystore *store, const char *name)
{
	struct key_identity id = key_named("1000", name);
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];

	return keystore_create(store, &id, &some_attributes, backend);
}

static enum parsec_status operate(struct keystore *store, enum operation operation)
{
	struct key_identity new = key_named("1000", "new"), old = key_named("1000", "old");
	struct parsec_key_attributes attrs = some_attributes;
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];
	struct parsec_span data = { material, sizeof(material) };
	enum parsec_status status = PARSEC_SUCCESS;

	fake.create = operation == FAIL_CREATE ? PARSEC_PSA_ERROR_HARDWARE_FAILURE : 0;
	fake.destroy = operation == FAIL_DESTROY ? PARSEC_PSA_ERROR_HARDWARE_FAILURE : 0;
	switch (operation) {
	case CREATE:
	case FAIL_CREATE:
		status = keystore_create(store, &new, &some_attributes, backend);
		break;
	case IMPORT:
		status = keystore_import(store, &new, &attrs, data, backend);
		break;
	case DESTROY:
	case FAIL_DESTROY:
		status = keystore_destroy(store, &old);
		break;
	case UNDO:
		status = keystore_create(store, &new, &some_attributes, backend);
		keystore_undo(store, &new, backend);
		break;
	default:
		break;
	}
	fake.create = PARSEC_SUCCESS;
	fake.destroy = PARSEC_SUCCESS;
	return status;
}

/* In a child, so that it can be killed. True when it got to the end */
static bool operate_in_child(const char *dir, const struct parsec_provider *provider,
			     enum operation operation, struct fault with)
{
	struct opened opened;
	pid_t child = fork();
	int status;

	if (!child) {
		fault = with;
		if (open_store(&opened, dir, provider) != PARSEC_SUCCESS)
			_exit(1);
		operate(opened.store, operation);
		_exit(FINISHED);
	}
	if (waitpid(child, &status, 0) != child)
		abort();
	if (WIFEXITED(status) && WEXITSTATUS(status) == FINISHED)
		return true;
	/* Else it must have been the kill that was asked for */
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
		abort();
	return false;
}

/* Make @to have the files of @from and no others */
static void copy_dir(const char *from, const char *to)
{
	char source[320], target[320], data[4096];
	struct dirent *entry;
	DIR *dir;

	remove_dir(to);
	if (mkdir(to, 0700))
		abort();
	dir = opendir(from);
	while ((entry = readdir(dir))) {
		FILE *in, *out;
		size_t len;

		if (entry->d_name[0] == '.')
			continue;
		snprintf(source, sizeof(source), "%s/%s", from, entry->d_name);
		snprintf(target, sizeof(target), "%s/%s", to, entry->d_name);
		in = fopen(source, "r");
		out = fopen(target, "w");
		if (!in || !out || fchmod(fileno(out), 0600))
			abort();
		while ((len = fread(data, 1, sizeof(data), in)))
			fwrite(data, 1, len, out);
		fclose(in);
		if (fclose(out))
			abort();
	}
	closedir(dir);
}

/* The keys "keep" and "old" */
static void prepare(const char *dir, const struct parsec_provider *provider)
{
	struct opened opened;

	if (open_store(&opened, dir, provider) != PARSEC_SUCCESS ||
	    create(opened.store, "keep") != PARSEC_SUCCESS ||
	    create(opened.store, "old") != PARSEC_SUCCESS)
		abort();
	close_store(&opened);
}

/* Let a child die so many events before it would be done */
static void leave_behind(const char *dir, const char *scratch,
			 const struct parsec_provider *provider, enum operation operation,
			 int events_before_end)
{
	struct fault with = { .kill_at = 1 };

	/* How many events are there in a store like this one? */
	copy_dir(dir, scratch);
	while (!operate_in_child(scratch, provider, operation, with)) {
		copy_dir(dir, scratch);
		with.kill_at++;
	}
	with.kill_at -= events_before_end;
	if (operate_in_child(dir, provider, operation, with))
		abort();
}

static enum parsec_status count_key(void *arg, struct parsec_span name,
				    const struct parsec_key_attributes *attrs)
{
	++*(int *)arg;
	return PARSEC_SUCCESS;
}

static bool is_usable(struct keystore *store, const char *name)
{
	struct key_identity id = key_named("1000", name);
	struct keystore_key *key;

	if (keystore_get(store, &id, &key) != PARSEC_SUCCESS)
		return false;
	keystore_put(store, key);
	return true;
}

/* What must hold in a store whatever happened before; NULL or what does not */
static const char *check(struct keystore *store, const char *dir, enum operation operation)
{
	struct key_identity all = key_named("1000", "");
	struct kim_row row;
	int names = 0;

	if (keystore_list(store, &all, count_key, &names) != PARSEC_SUCCESS)
		return "keys cannot be listed";
	if (fake_count(dir) != names)
		return "backend keys and names are not as many";
	if (kim_next(store->kim, false, 0, &row) != PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		return "a row is unfinished";
	if (operation != FIRST_START && !is_usable(store, "keep"))
		return "a key that nobody touched is not usable";
	if (operation != FIRST_START && operation != DESTROY && operation != FAIL_DESTROY &&
	    operation != SWEEP && !is_usable(store, "old"))
		return "another key that nobody touched is not usable";
	for (int i = 0; i < 2; i++) {
		const char *name = i ? "new" : "old";

		if (!is_usable(store, name) && create(store, name) != PARSEC_SUCCESS)
			return "a name is neither usable nor free";
		if (!is_usable(store, name))
			return "a name that was free is not usable";
	}
	return NULL;
}

static const char *check_after_start(const char *dir, const struct parsec_provider *provider,
				     enum operation operation)
{
	struct opened opened;
	const char *wrong;

	memset(&fault, 0, sizeof(fault));
	if (open_store(&opened, dir, provider) != PARSEC_SUCCESS)
		return "the store does not open";
	wrong = check(opened.store, dir, operation);
	close_store(&opened);
	return wrong;
}

TEST_F(crash, killed_at_every_step)
{
	enum operation operation = variant->operation;
	struct fault with = { .kill_at = 1 };
	const char *wrong;
	bool finished;

	if (operation != FIRST_START)
		prepare(self->base, variant->provider);
	/* What one death left; clearing it up, the helper dies again */
	if (operation == SWEEP) {
		leave_behind(self->base, self->dir, variant->provider, DESTROY, 5);
		leave_behind(self->base, self->dir, variant->provider, CREATE, 4);
	}
	do {
		copy_dir(self->base, self->dir);
		finished = operate_in_child(self->dir, variant->provider, operation, with);
		wrong = check_after_start(self->dir, variant->provider, operation);
		ASSERT_EQ(NULL, wrong) {
			TH_LOG("killed at event %d: %s", with.kill_at, wrong);
		}
		with.kill_at++;
	} while (!finished);
	/* The steps were really counted */
	EXPECT_GT(with.kill_at, 8) {
		TH_LOG("only %d events", with.kill_at);
	}
}

/*
 * Here the process lives: the store must be right again as soon as the disk is, and
 * also after a start. With @on the disk stays full until the operation has ended.
 */
static const char *fail_at(const char *base, const char *dir,
			   const struct parsec_provider *provider,
			   enum operation operation, int at, bool on, bool *failed)
{
	struct opened opened;
	const char *wrong;
	int events;

	copy_dir(base, dir);
	if (open_store(&opened, dir, provider) != PARSEC_SUCCESS)
		return "the store does not open";
	fault = (struct fault){ .fail_at = at, .fail_on = on };
	operate(opened.store, operation);
	events = fault.events;
	*failed = events >= at;
	memset(&fault, 0, sizeof(fault));

	/* What was remembered is due */
	keystore_retry(opened.store, true);
	if (operation == UNDO && is_usable(opened.store, "new"))
		wrong = "a key was not undone";
	else
		wrong = check(opened.store, dir, operation);
	close_store(&opened);
	return wrong ? wrong : check_after_start(dir, provider, operation);
}

TEST_F(crash, disk_full_at_every_step)
{
	const char *wrong;
	bool failed;

	if (variant->operation == SWEEP || variant->operation == FIRST_START)
		return;
	prepare(self->base, variant->provider);
	for (int on = 0; on < 2; on++) {
		int at = 1;

		do {
			wrong = fail_at(self->base, self->dir, variant->provider,
					variant->operation, at, on, &failed);
			ASSERT_EQ(NULL, wrong) {
				TH_LOG("disk full at event %d%s: %s", at, on ? " and on" : "",
				       wrong);
			}
			at++;
		} while (failed);
		EXPECT_GT(at, 4);
	}
}

TEST_HARNESS_MAIN
