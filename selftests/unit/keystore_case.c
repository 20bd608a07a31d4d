// SPDX-License-Identifier: Apache-2.0
/*
 * What the tests of deaths and failures have in common (keystore_case.h).
 */
#include "selftests/unit/keystore_case.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <sqlite3.h>

#include "helper/log.h"

#define FINISHED	7

static const uint8_t material[32];

FILE *case_words;
struct progress *progress;

void keystore_step(const char *done)
{
	fault_event(done);
}

void case_setup(char base[64], char dir[64])
{
	/* What is provoked here is also logged */
	int null = open("/dev/null", O_WRONLY);

	case_words = fdopen(dup(STDERR_FILENO), "w");
	setvbuf(case_words, NULL, _IONBF, 0);
	dup2(null, STDERR_FILENO);
	close(null);
	log_init("test", PARSEC_LOG_ERROR, false);
	fault_install();
	fake.on_effect = fault_event;
	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE,
			MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		abort();
	make_dir(base);
	make_dir(dir);
}

enum parsec_status open_store(struct opened *opened, const char *dir,
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

void close_store(struct opened *opened)
{
	keystore_close(opened->store);
	plugin_close(&opened->plugin);
}

enum parsec_status create(struct keystore *store, const char *name)
{
	struct key_identity id = key_named("1000", name);
	uint8_t backend[PARSEC_BACKEND_ID_SIZE];

	return keystore_create(store, &id, &some_attributes, backend);
}

enum parsec_status operate(struct keystore *store, enum operation operation)
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
	case CLOSE:
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

bool operate_in_child(const char *dir, const struct parsec_provider *provider,
		      enum operation operation, struct fault with)
{
	struct opened opened;
	pid_t child;
	int status;

	memset(progress, 0, sizeof(*progress));
	child = fork();
	if (!child) {
		fault = with;
		if (open_store(&opened, dir, provider) != PARSEC_SUCCESS)
			_exit(1);
		progress->status = operate(opened.store, operation);
		progress->events = fault.events;
		progress->answered = true;
		fault_event("answered");
		if (operation == CLOSE)
			close_store(&opened);
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

void copy_dir(const char *from, const char *to)
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

/* Let a child die so many events before it would be done */
static void leave_behind(const char *dir, const char *scratch,
			 const struct parsec_provider *provider, enum operation operation,
			 int events_before_end)
{
	struct fault with = { 0 };

	copy_dir(dir, scratch);
	if (!operate_in_child(scratch, provider, operation, with))
		abort();
	with.kill_at = progress->events + 1 - events_before_end;
	if (operate_in_child(dir, provider, operation, with))
		abort();
}

void prepare(const char *dir, const char *scratch, const struct parsec_provider *provider,
	     enum operation operation)
{
	struct opened opened;

	if (operation == FIRST_START)
		return;
	if (open_store(&opened, dir, provider) != PARSEC_SUCCESS ||
	    create(opened.store, "keep") != PARSEC_SUCCESS ||
	    create(opened.store, "old") != PARSEC_SUCCESS)
		abort();
	close_store(&opened);
	/* A tombstone and a pending row, both with a key */
	if (operation == SWEEP) {
		leave_behind(dir, scratch, provider, DESTROY, 5);
		leave_behind(dir, scratch, provider, CREATE, 4);
	}
}

static enum parsec_status count_key(void *arg, struct parsec_span name,
				    const struct parsec_key_attributes *attrs)
{
	++*(int *)arg;
	return PARSEC_SUCCESS;
}

bool is_usable(struct keystore *store, const char *name)
{
	struct key_identity id = key_named("1000", name);
	struct keystore_key *key;

	if (keystore_get(store, &id, &key) != PARSEC_SUCCESS)
		return false;
	keystore_put(store, key);
	return true;
}

/* A provider that keeps nothing has no keys that could be without a name */
static bool has_strays(struct keystore *store, const char *dir, int names)
{
	return store->backend_keeps && fake_count(dir) != names;
}

const char *check(struct keystore *store, const char *dir, enum operation operation)
{
	struct key_identity all = key_named("1000", "");
	struct kim_row row;
	int names = 0;

	if (keystore_list(store, &all, count_key, &names) != PARSEC_SUCCESS)
		return "keys cannot be listed";
	if (has_strays(store, dir, names))
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

/* What SQLite says about the file after all that */
static bool is_sound(const char *dir)
{
	sqlite3_stmt *statement = NULL;
	char path[128];
	sqlite3 *db;
	bool sound;

	snprintf(path, sizeof(path), "%s/keys.sqlite", dir);
	/* Not through the faulty file system, which has no shared memory */
	sound = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, "unix") == SQLITE_OK &&
		sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &statement, NULL) ==
			SQLITE_OK &&
		sqlite3_step(statement) == SQLITE_ROW &&
		!strcmp((const char *)sqlite3_column_text(statement, 0), "ok");
	sqlite3_finalize(statement);
	sqlite3_close(db);
	return sound;
}

static const char *check_with(const char *dir, const struct parsec_provider *provider,
			      enum operation operation,
			      const char *(*first)(struct keystore *, enum operation))
{
	struct opened opened;
	const char *wrong;

	memset(&fault, 0, sizeof(fault));
	fake.fail_call = 0;
	if (open_store(&opened, dir, provider) != PARSEC_SUCCESS)
		return "the store does not open";
	wrong = first ? first(opened.store, operation) : NULL;
	if (!wrong)
		wrong = check(opened.store, dir, operation);
	close_store(&opened);
	return wrong || is_sound(dir) ? wrong : "the database is damaged";
}

const char *check_after_start(const char *dir, const struct parsec_provider *provider,
			      enum operation operation)
{
	return check_with(dir, provider, operation, NULL);
}

static const char *check_answer(struct keystore *store, enum operation operation)
{
	if (!progress->answered || progress->status != PARSEC_SUCCESS)
		return NULL;
	if ((operation == CREATE || operation == IMPORT || operation == CLOSE) &&
	    !is_usable(store, "new"))
		return "a key that was made is gone";
	if (operation == UNDO && is_usable(store, "new"))
		return "a key that was undone is back";
	if (operation == DESTROY && is_usable(store, "old"))
		return "a key that was destroyed is back";
	return NULL;
}

const char *check_after_death(const char *dir, const struct parsec_provider *provider,
			      enum operation operation)
{
	return check_with(dir, provider, operation, check_answer);
}
