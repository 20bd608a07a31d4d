// SPDX-License-Identifier: Apache-2.0
/*
 * New rules for a host that serves.
 */
#include "helper/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/thread.h"

struct reload {
	pthread_t thread;
	int fd;
	const char *name;
	struct rulebook *book;
	struct session_cache *sessions;
	char text[CONFIG_TEXT_MAX + 1];
};

struct config *config_read_fd(int fd, const char *name)
{
	char *text = malloc(CONFIG_TEXT_MAX + 1);
	struct config *config = NULL;
	ssize_t got = text ? 0 : -1;
	size_t len = 0;

	do {
		if (text)
			got = read(fd, text + len, CONFIG_TEXT_MAX + 1 - len);
		if (got > 0)
			len += (size_t)got;
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got)
		log_error("%s: the configuration cannot be read: %m", name);
	else
		config = config_load_text(text, len, name, stderr);
	if (text)
		explicit_bzero(text, CONFIG_TEXT_MAX + 1);
	free(text);
	close(fd);
	return config;
}

static char take(struct reload *reload, size_t len)
{
	struct config *config = config_load_text(reload->text, len, reload->name, stderr);

	explicit_bzero(reload->text, len);
	if (!config)
		return RELOAD_REFUSED;
	/* In this order: who is looked up in between is looked up again */
	session_cache_clear(reload->sessions, rulebook_set(reload->book, config));
	log_debug("new rules are in force");
	return RELOAD_TAKEN;
}

static void *run(void *arg)
{
	struct reload *reload = arg;

	for (;;) {
		ssize_t len = recv(reload->fd, reload->text, sizeof(reload->text), 0);
		char answer;

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			break;
		answer = take(reload, (size_t)len);
		if (write(reload->fd, &answer, 1) != 1)
			break;
	}
	return NULL;
}

struct reload *reload_start(int fd, const char *name, struct rulebook *book,
			    struct session_cache *sessions)
{
	struct reload *reload = calloc(1, sizeof(*reload));

	if (!reload) {
		log_error("out of memory");
		return NULL;
	}
	reload->fd = fd;
	reload->name = name;
	reload->book = book;
	reload->sessions = sessions;
	if (!thread_start(&reload->thread, run, reload)) {
		free(reload);
		return NULL;
	}
	return reload;
}

void reload_stop(struct reload *reload)
{
	if (!reload)
		return;
	shutdown(reload->fd, SHUT_RDWR);
	pthread_join(reload->thread, NULL);
	close(reload->fd);
	explicit_bzero(reload->text, sizeof(reload->text));
	free(reload);
}
