// SPDX-License-Identifier: Apache-2.0
/*
 * Datagrams to the service manager.
 */
#include "helper/sd.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper/log.h"

static struct sockaddr_un manager;
static socklen_t manager_len;

void sd_init(void)
{
	const char *path = secure_getenv("NOTIFY_SOCKET");
	size_t len = path ? strlen(path) : 0;

	manager_len = 0;
	if (len > 1 && len < sizeof(manager.sun_path) && strchr("/@", *path)) {
		manager = (struct sockaddr_un){ .sun_family = AF_UNIX };
		memcpy(manager.sun_path, path, len);
		if (*path == '@')	/* abstract */
			manager.sun_path[0] = '\0';
		manager_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len);
	} else if (len) {
		log_warning("NOTIFY_SOCKET is no socket that can be used");
	}
	unsetenv("NOTIFY_SOCKET");
}

void sd_notify(const char *format, ...)
{
	char state[256];
	va_list args;
	int fd, len;

	if (!manager_len)
		return;
	va_start(args, format);
	len = vsnprintf(state, sizeof(state), format, args);
	va_end(args);
	if (len < 0 || len >= (int)sizeof(state))
		return;

	/* Hosts matter more than a manager that does not take its messages */
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || sendto(fd, state, (size_t)len, MSG_NOSIGNAL | MSG_DONTWAIT,
			     (const struct sockaddr *)&manager, manager_len) < 0)
		log_warning("the service manager cannot be told: %m");
	if (fd >= 0)
		close(fd);
}
