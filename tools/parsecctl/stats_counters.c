// SPDX-License-Identifier: Apache-2.0
/*
 * What the numbers are called, and what they mean.
 */
#include "stats.h"

#define COUNTER(type, member, help_) { \
	#member, help_, offsetof(struct type, member), sizeof(((struct type *)0)->member) \
}

#define PROVIDER(member, help)	COUNTER(parsec_stats_provider, member, help)

const struct stats_counter stats_provider_gauges[] = {
	PROVIDER(start_time, "When the host began to count, seconds since 1970"),
	PROVIDER(workers, "Requests that the host performs at a time"),
	{ 0 }
};

#define QUEUE(member, help)	COUNTER(parsec_stats_queue, member, help)

const struct stats_counter stats_queue_gauges[] = {
	QUEUE(workers, "Sockets that requests are sent to"),
	QUEUE(retired, "Sockets of a host that another one has taken over from"),
	QUEUE(credits, "Requests that may be at workers at a time"),
	QUEUE(queued, "Requests that wait for a worker"),
	QUEUE(in_flight, "Requests at workers"),
	QUEUE(parked, "Requests at workers whose caller has left"),
	{ 0 }
};

const struct stats_counter stats_queue_counters[] = {
	QUEUE(sent, "Requests sent to workers"),
	QUEUE(done, "Answers that a caller took"),
	QUEUE(aborted, "Requests sent whose caller left or got EIO"),
	QUEUE(returned, "Requests sent again as the worker died"),
	{ 0 }
};

#define ACCOUNT(member, help)	COUNTER(parsec_stats_account, member, help)

const struct stats_counter stats_account_gauges[] = {
	ACCOUNT(sessions, "Open files"),
	ACCOUNT(waiting, "Requests that wait for a worker"),
	ACCOUNT(running, "Requests at workers"),
	ACCOUNT(max_waiting, "Requests that may wait, 0 for any number"),
	ACCOUNT(max_running, "Requests that may be at workers, 0 for any number"),
	ACCOUNT(max_open, "Files that may be open, 0 for any number"),
	{ 0 }
};

const struct stats_counter stats_account_counters[] = {
	ACCOUNT(done, "Answers that were taken"),
	ACCOUNT(refused, "Opens and requests above a limit"),
	{ 0 }
};

#define DEVICE(member, help)	COUNTER(parsec_stats_device, member, help)

const struct stats_counter stats_device_gauges[] = {
	DEVICE(sessions, "Open files"),
	DEVICE(accounts, "Accounts, which share limits"),
	{ 0 }
};

const struct stats_counter stats_device_counters[] = {
	DEVICE(opened, "Opens that succeeded"),
	DEVICE(open_refused, "Opens above a limit"),
	DEVICE(eperm, "Requests of others than who opened the file"),
	DEVICE(enotconn, "Requests without a host"),
	DEVICE(eoverflow, "Answers longer than the room for them"),
	DEVICE(edquot, "Requests above a limit"),
	DEVICE(etimedout, "Requests whose time was over"),
	DEVICE(eio, "Requests whose host died"),
	DEVICE(eintr, "Requests whose caller was killed"),
	DEVICE(enomem, "Requests without memory"),
	DEVICE(replayed, "Requests given to a second host"),
	DEVICE(registered, "Sockets that registered"),
	DEVICE(register_refused, "Sockets that were refused though privileged"),
	DEVICE(register_unprivileged, "Attempts of unprivileged processes to register"),
	DEVICE(taken_over, "Providers taken over by another host"),
	DEVICE(query_unprivileged, "Questions that only hosts may ask"),
	DEVICE(reply_unregistered, "Replies of processes that are no host"),
	DEVICE(reply_forged, "Replies to requests that the host does not have"),
	DEVICE(reply_duplicate, "Second replies to a request"),
	DEVICE(reply_late, "Replies that nobody waited for any more"),
	DEVICE(reply_incomplete, "Replies without number or status"),
	DEVICE(reply_oversized, "Replies longer than an answer may be"),
	{ 0 }
};

uint64_t stats_value(const void *from, const struct stats_counter *counter)
{
	const char *at = (const char *)from + counter->offset;

	return counter->size == sizeof(uint64_t) ? *(const uint64_t *)at : *(const uint32_t *)at;
}

const char *stats_callers(uint32_t callers)
{
	static const char *const words[] = {
		[PARSEC_CALLERS_ALL] = "all",
		[PARSEC_CALLERS_APPLICATION] = "application",
		[PARSEC_CALLERS_UNKNOWN] = "unknown",
		[PARSEC_CALLERS_OTHERS] = "others",
	};

	return words[callers];
}

const char *stats_status(uint32_t status)
{
	return parsec_status_name((int)status) ?: "Unknown";
}
