// SPDX-License-Identifier: Apache-2.0
/*
 * Asking the debug kernel's kmemleak for memory that nobody points to any more.
 */

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "guest.h"

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define REPORT SHARE "/leaks"

/* kmemleak takes younger memory for memory whose owner has not noted it yet */
#define AGE_SECONDS 6
#define SCANS 3

bool can_find_leaks(void)
{
	return !access(KMEMLEAK, F_OK);
}

/* It goes through all memory before write() returns */
static void scan(void)
{
	int fd = open(KMEMLEAK, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, "scan", 4) != 4)
		fail("kmemleak: %s (it switches itself off when it has no memory)",
		     strerror(errno));
	close(fd);
}

void find_leaks(bool wait)
{
	char text[4096];
	int from;
	int to;
	ssize_t n;

	if (wait)
		sleep(AGE_SECONDS);
	/*
	 * The first time it sees an object it only notes what is in it. And what was moved
	 * from list to list while it looked, it may have missed: that is found by the next scan.
	 */
	for (int i = 0; i < SCANS; i++)
		scan();
	from = open(KMEMLEAK, O_RDONLY | O_CLOEXEC);
	to = open(REPORT, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
	if (from < 0 || to < 0)
		fail("%s: %s", from < 0 ? KMEMLEAK : REPORT, strerror(errno));
	while ((n = read(from, text, sizeof(text))) > 0)
		if (write(to, text, (size_t)n) != n)
			fail("%s: %s", REPORT, strerror(errno));
	if (n < 0)
		fail("%s: %s", KMEMLEAK, strerror(errno));
	close(from);
	close(to);
}
