// SPDX-License-Identifier: Apache-2.0
/*
 * Failing every allocation and every copy from or to user memory of one system call.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>
#include "../device/device.h"
#include "fault.h"

#define DEBUG		"/sys/kernel/debug/"

/* More than any call has; a call that never ends without a fault is an error */
#define MOST		2000

/* The kernel takes one off the number of a kind when it injects a fault of that kind */
#define MANY		1000000

static int fail_nth = -1;

static int set(const char *file, const char *value)
{
	int ret = write_file(file, value);

	return ret < 0 ? ret : 0;
}

int fault_start(void)
{
	static const char *const values[][2] = {
		/* Also what can wait for memory and what takes it from anywhere */
		{ DEBUG "failslab/ignore-gfp-wait", "N" },
		{ DEBUG "fail_page_alloc/ignore-gfp-wait", "N" },
		{ DEBUG "fail_page_alloc/ignore-gfp-highmem", "N" },
		{ DEBUG "fail_page_alloc/min-order", "0" },
		{ DEBUG "failslab/verbose", "0" },
		{ DEBUG "fail_page_alloc/verbose", "0" },
		{ DEBUG "fail_usercopy/verbose", "0" },
	};
	int ret = 0;

	for (size_t i = 0; !ret && i < sizeof(values) / sizeof(values[0]); i++)
		ret = set(values[i][0], values[i][1]);
	/* A page that has to be fetched would be one more thing that can fail */
	if (!ret && mlockall(MCL_CURRENT | MCL_FUTURE))
		ret = -errno;
	if (!ret)
		fail_nth = open("/proc/thread-self/fail-nth", O_RDWR | O_CLOEXEC);
	if (!ret && fail_nth < 0)
		ret = -errno;
	return ret;
}

static unsigned int left_of(const char *kind)
{
	char path[64], text[32];

	snprintf(path, sizeof(path), DEBUG "%s/times", kind);
	return read_file(path, text, sizeof(text)) > 0 ? (unsigned int)atoi(text) : 0;
}

static int arm(unsigned int nth)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%u", nth);

	return pwrite(fail_nth, text, (size_t)len, 0) == len ? 0 : -errno;
}

/*
 * Was the fault injected? If not, it may hit what is done here to see that: @own tells.
 */
static bool disarm(bool *own)
{
	char text[16] = "";
	ssize_t len = pread(fail_nth, text, sizeof(text) - 1, 0);
	bool injected = len > 0 && atoi(text) == 0;

	*own = len < 0;
	while (arm(0))
		*own = true;
	return injected;
}

static int reset_counts(void)
{
	char many[16];

	snprintf(many, sizeof(many), "%d", MANY);
	return set(DEBUG "failslab/times", many) ?: set(DEBUG "fail_page_alloc/times", many) ?:
	       set(DEBUG "fail_usercopy/times", many);
}

static bool is_allowed(const int *allowed, int result)
{
	while (*allowed && *allowed != -result)
		allowed++;
	return !result || *allowed;
}

int fault_each(const struct fault_call *call, void *arg, struct fault_count *count,
	       unsigned int *nth)
{
	bool injected = true, own = false;
	int ret = reset_counts();

	*count = (struct fault_count){ 0 };
	for (*nth = 1; !ret && injected; ++*nth) {
		ret = call->prepare(arg);
		if (!ret)
			ret = arm(*nth);
		if (ret)
			return ret;
		ret = call->call(arg);
		injected = disarm(&own);
		ret = call->settle(arg, ret);
		count->failed += ret != 0;
		if (injected && is_allowed(call->allowed, ret))
			ret = 0;
		if (*nth == MOST)
			ret = -ELOOP;
	}
	count->slab = MANY - left_of("failslab");
	count->page = MANY - left_of("fail_page_alloc");
	count->usercopy = MANY - left_of("fail_usercopy") - own;
	return ret;
}
