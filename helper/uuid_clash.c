// SPDX-License-Identifier: Apache-2.0
/*
 * That no two providers of a configuration have one UUID. What a section does not say
 * only its library knows, which is loaded by a process that does nothing else.
 */
#include "helper/uuid_clash.h"

#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helper/config_keys.h"
#include "helper/log.h"
#include "helper/spawn.h"
#include "helper/uuid_text.h"

/**
 * struct owner - a provider and its UUID
 * @uuid:	the UUID, "" = not known
 * @pid:	process that is to say it, 0 = there is none
 * @fd:		where it says it, -1 = it did, or there is none
 */
struct owner {
	char uuid[UUID_TEXT_LEN + 1];
	pid_t pid;
	int fd;
};

static long now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}


static void take_answer(struct owner *owner)
{
	ssize_t len = recv(owner->fd, owner->uuid, UUID_TEXT_LEN, 0);

	/* It comes from a process with somebody's library in it */
	owner->uuid[len == UUID_TEXT_LEN ? len : 0] = '\0';
	if (*owner->uuid && uuid_text_fault(owner->uuid))
		*owner->uuid = '\0';
	close(owner->fd);
	owner->fd = -1;
}

static void take_answers(struct owner *owners, size_t count)
{
	const long end = now_ms() + UUID_CLASH_PATIENCE;
	struct pollfd fds[CONFIG_PROVIDERS_MAX];
	int waiting;

	for (;;) {
		long left = end - now_ms();

		waiting = 0;
		for (size_t i = 0; i < count; i++) {
			fds[i] = (struct pollfd){ .fd = owners[i].fd, .events = POLLIN };
			waiting += owners[i].fd >= 0;
		}
		if (!waiting || left <= 0)
			return;
		if (poll(fds, count, (int)left) <= 0)
			continue;
		for (size_t i = 0; i < count; i++)
			if (fds[i].revents)
				take_answer(&owners[i]);
	}
}

static void end_processes(struct owner *owners, const struct config *config)
{
	for (size_t i = 0; i < config->provider_count; i++) {
		if (owners[i].fd >= 0) {
			log_warning("host %s does not say its UUID in %d s",
				    config->providers[i].name, UUID_CLASH_PATIENCE / 1000);
			close(owners[i].fd);
		}
		if (!owners[i].pid)
			continue;
		kill(owners[i].pid, SIGKILL);
		waitpid(owners[i].pid, NULL, 0);
	}
}

/* Find out the UUID of each provider */
static bool find_owners(struct owner *owners, struct spawn *spawn)
{
	const struct config *config = spawn->file->config;
	bool asked = true;

	for (size_t i = 0; i < config->provider_count; i++) {
		const struct provider_config *provider = &config->providers[i];
		struct owner *owner = &owners[i];

		*owner = (struct owner){ .fd = -1 };
		spawn->name = provider->name;
		if (*provider->uuid)
			strcpy(owner->uuid, provider->uuid);
		else if (asked)
			asked = spawn_host(spawn, &owner->pid, &owner->fd);
	}
	if (asked)
		take_answers(owners, config->provider_count);
	end_processes(owners, config);
	return asked;
}

/* Complain when an earlier provider has the UUID of number @index */
static bool is_distinct(const struct owner *owners, size_t index,
			const struct config_file *file, FILE *errors)
{
	const struct provider_config *providers = file->config->providers;

	for (size_t i = 0; *owners[index].uuid && i < index; i++) {
		if (strcmp(owners[i].uuid, owners[index].uuid))
			continue;
		fprintf(errors, "%s:%u: [provider %s] has the UUID of [provider %s] in line %u, %s: "
			CONFIG_UUID_REMEDY "\n", file->path, providers[index].line,
			providers[index].name, providers[i].name, providers[i].line,
			owners[i].uuid);
		return false;
	}
	return true;
}

bool uuids_are_distinct(const struct config_file *file, const char *program,
			const char *provider_dir, FILE *errors)
{
	struct spawn spawn = {
		.program = program,
		.file = file,
		.provider_dir = provider_dir,
		.describe = true,
	};
	struct owner owners[CONFIG_PROVIDERS_MAX];
	size_t count = file->config->provider_count;
	bool distinct = true;

	if (count == 1)
		return true;
	if (!find_owners(owners, &spawn))
		return false;
	for (size_t i = 1; i < count; i++)
		distinct &= is_distinct(owners, i, file, errors);
	return distinct;
}
