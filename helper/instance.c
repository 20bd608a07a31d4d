// SPDX-License-Identifier: Apache-2.0
/*
 * One parsecd at a time for a state directory. A second one would start hosts that fight
 * with those of the first for key stores and registrations.
 *
 * The lock is of the kind that belongs to a process: hosts do not inherit it, and the kernel
 * tells who has it.
 */
#include "helper/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/privileges.h"

#define LOCK_FILE	"lock"
/* Between looks whether the other one has ended */
#define LOOK_AGAIN_MS	20

static int open_lock(const char *state_dir)
{
	const struct service_user root = { .name = "root" };
	char *path;
	int fd;

	if (!directory_make(state_dir, 0755, &root) ||
	    asprintf(&path, "%s/" LOCK_FILE, state_dir) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		log_error("%s: %m", path);
	free(path);
	return fd;
}

/*
 * Return: is it ours? If not, @holder is the process that has it, 0 for one that has no id in
 * our pid namespace, or -1 with errno.
 */
static bool try_lock(int fd, pid_t *holder)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

	if (!fcntl(fd, F_SETLK, &lock))
		return true;
	*holder = -1;
	if ((errno != EAGAIN && errno != EACCES) || fcntl(fd, F_GETLK, &lock))
		return false;
	/* It may have ended between the two */
	if (lock.l_type == F_UNLCK)
		return try_lock(fd, holder);
	*holder = lock.l_pid > 0 ? lock.l_pid : 0;
	return false;
}

static bool replace(int fd, pid_t other)
{
	const struct timespec pause = { .tv_nsec = LOOK_AGAIN_MS * 1000000L };
	pid_t holder;

	log_info("parsecd with process id %d is asked to end", other);
	if (kill(other, SIGTERM) && errno != ESRCH) {
		log_error("process %d cannot be asked to end: %m", other);
		return false;
	}
	for (int i = 0; i < INSTANCE_END_S * 1000 / LOOK_AGAIN_MS; i++) {
		if (try_lock(fd, &holder))
			return true;
		nanosleep(&pause, NULL);
	}
	log_error("parsecd with process id %d does not end", other);
	return false;
}

bool instance_claim(const char *state_dir, bool takeover)
{
	int fd = open_lock(state_dir);
	pid_t other;

	if (fd < 0)
		return false;
	if (try_lock(fd, &other))
		return true;	/* open for as long as there is this process */
	if (other < 0)
		log_error("%s/" LOCK_FILE ": %m", state_dir);
	else if (!other)
		log_error("parsecd runs already, in another pid namespace: end it there, or set "
			  "another state_dir in [core]");
	else if (takeover)
		return replace(fd, other);
	else
		log_error("parsecd runs already, with process id %d; takeover = true in [core] "
			  "would replace it", other);
	close(fd);
	return false;
}
