// SPDX-License-Identifier: Apache-2.0
/*
 * The provider in the sandbox of a host, with what its section of the configuration opens
 * to it: a key of each row is made and used there. In a process of its own, since nobody
 * gets out again, and one that begins before the provider is loaded, as a host does.
 */
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/config.h"
#include "helper/privileges.h"
#include "helper/sandbox.h"
#include "tools/provider-check/check.h"

/* How the process ends that nobody can lock in; not an end of its facts */
#define NO_LANDLOCK	77

/**
 * struct locked - the process
 * @pid:	its number
 * @go:		it begins when a byte comes here
 * @said:	its facts
 */
struct locked {
	pid_t pid;
	int go;
	FILE *said;
};

static struct locked locked;

/* In the same order as a host: Landlock, the provider, seccomp. Return: exit status */
static int serve(struct check *check, const struct sandbox *sandbox)
{
	void *handle = NULL;
	int rc;

	if (!privileges_lock())
		return 1;
	rc = sandbox_files(sandbox);
	if (rc)
		return rc == -EOPNOTSUPP ? NO_LANDLOCK : 1;
	check->ops = plugin_load(check->library, &handle);
	if (!fact(check->ops && plugin_open(&check->plugin, check->ops, handle, check->options,
					    check->option_count, check->state_dir) ==
					PARSEC_SUCCESS, "it opens"))
		return 1;
	if (!fact(sandbox_calls(sandbox), "system calls can be limited"))
		return 1;
	check_random(check);
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];
		struct material known;
		struct subject subject;
		bool good;

		if (!row_key(check, row, &subject, &known))
			continue;
		good = !subject_load(check, &subject) &&
		       exercise(check, &subject, row, known.pkey);
		good = subject_destroy(check, &subject) == PARSEC_SUCCESS && good;
		fact(good, "%s: made, used and destroyed", name_of_key(row, row->bits[0]));
		material_free(&known);
	}
	plugin_close(&check->plugin);
	return tap_end();
}

/* Directory of a library, which a host may read; malloc()ed */
static char *directory_of(const char *library)
{
	const char *slash = strrchr(library, '/');

	return slash ? strndup(library, (size_t)(slash - library) + 1) : strdup(".");
}

static _Noreturn void run_locked(struct check *check, const struct provider_config *section,
				 int go, int said)
{
	char *directory = directory_of(check->library);
	struct sandbox sandbox = {
		.mode = SANDBOX_REQUIRED,
		.state_dir = check->state_dir,
		.library_dir = directory,
	};
	char byte;

	if (section) {
		sandbox.devices = &section->devices;
		sandbox.paths = &section->paths;
		sandbox.writable = &section->writable;
		sandbox.network = section->network;
	}
	/* Whoever stops early has nothing to ask */
	if (!directory || read(go, &byte, 1) != 1 || dup2(said, STDOUT_FILENO) < 0)
		_exit(0);
	tap_bail = false;
	byte = (char)serve(check, &sandbox);
	fflush(stdout);
	/* No more than a host does: what is looked for at the end of a process needs rights */
	_exit(byte);
}

void sandbox_prepare(struct check *check, const struct provider_config *section)
{
	int go[2], said[2];

	fflush(stdout);
	if (pipe(go) || pipe(said))
		abort();
	locked.pid = fork();
	if (locked.pid < 0)
		abort();
	if (!locked.pid) {
		close(go[1]);
		close(said[0]);
		run_locked(check, section, go[0], said[1]);
	}
	close(go[0]);
	close(said[1]);
	locked.go = go[1];
	locked.said = fdopen(said[0], "r");
	if (!locked.said)
		abort();
}

/* What does not hold there, as notes. Return: how many facts there are */
static unsigned int read_facts(void)
{
	unsigned int facts = 0;
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, locked.said) > 0) {
		line[strcspn(line, "\n")] = '\0';
		facts += !strncmp(line, "ok ", 3) || !strncmp(line, "not ok ", 7);
		if (*line == '#' || *line == 'n')
			because("%s", *line == '#' ? line + 2 : line);
	}
	free(line);
	return facts;
}

void check_sandbox(struct check *check)
{
	static const char what[] = "it does its work in the sandbox of a host";
	unsigned int facts;
	int status;

	(void)check;
	if (!locked.pid)
		return;
	if (write(locked.go, "", 1) != 1)
		abort();
	close(locked.go);
	facts = read_facts();
	fclose(locked.said);
	if (waitpid(locked.pid, &status, 0) != locked.pid)
		abort();
	if (WIFEXITED(status) && WEXITSTATUS(status) == NO_LANDLOCK) {
		fact(true, "%s # SKIP the kernel has no Landlock", what);
		return;
	}
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGSYS)
		because("killed for a system call that no provider makes, after %u facts", facts);
	else if (WIFSIGNALED(status))
		because("killed by signal %d, after %u facts", WTERMSIG(status), facts);
	fact(WIFEXITED(status) && !WEXITSTATUS(status), "%s", what);
}
