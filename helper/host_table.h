/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The supervisor's hosts: one for core and one for each provider.
 */
#ifndef PARSEC_HOST_TABLE_H
#define PARSEC_HOST_TABLE_H

#include <sys/types.h>

#include "helper/config.h"

/* Core, the providers, and as many again that are on their way out */
#define HOST_TABLE_MAX	(2 * CONFIG_PROVIDERS_MAX + 1)

/**
 * enum host_state - where a host is
 * @HOST_STOPPED:	no process, can be started
 * @HOST_STARTING:	a process that is not ready yet
 * @HOST_RUNNING:	serves
 * @HOST_STOPPING:	told to end
 * @HOST_WAITING:	died, no process until the deadline
 * @HOST_REFUSED:	said that starting it again is of no use
 * @HOST_NO_MODULE:	found that the kernel does not know the device
 */
enum host_state {
	HOST_STOPPED,
	HOST_STARTING,
	HOST_RUNNING,
	HOST_STOPPING,
	HOST_WAITING,
	HOST_REFUSED,
	HOST_NO_MODULE,
};

/**
 * struct host - one host
 * @name:	of its provider, or CONFIG_CORE_NAME
 * @state:	see above
 * @removed:	the configuration has it no more
 * @changed:	its process has an old configuration
 * @updates:	how often it was sent new rules and has not said that they are in force; 0: its
 *		answers do not matter, as another process is to follow
 * @settled:	it has been ready, or has failed, since it was configured like this
 * @pid:	process, or -1
 * @ready_fd:	line to the process, where readiness is told, or -1
 * @ready:	when it last became ready, in milliseconds of the monotonic clock
 * @deadline:	of @state or @updates, likewise
 * @delay:	milliseconds before the next start after a failure
 * @patience:	milliseconds that it has to get ready
 */
struct host {
	char name[CONFIG_NAME_MAX + 1];
	enum host_state state;
	bool removed;
	bool changed;
	bool settled;
	pid_t pid;
	int ready_fd;
	int64_t ready;
	int64_t deadline;
	unsigned int delay;
	unsigned int patience;
	unsigned int updates;
};

/** struct host_table - core is the first */
struct host_table {
	struct host host[HOST_TABLE_MAX];
	size_t count;
};

/**
 * host_table_update() - make the table what a configuration says
 * @old:	configuration so far, NULL at the start
 * @new:	configuration from now on
 *
 * Marks the hosts that a difference concerns: all when [core] differs; a provider's
 * when its section does; core when the list of providers does; none for other rules or
 * administrators, which hosts take as they run. A host that was refused
 * gets another chance.
 *
 * Return: false, after a log line and with nothing changed, when there are too many
 * hosts that have not stopped yet.
 */
bool host_table_update(struct host_table *table, const struct config *old,
		       const struct config *new);

/** host_mark_changed() - its process has to be another one */
void host_mark_changed(struct host *host);

/** host_table_clear() - kill whatever still runs */
void host_table_clear(struct host_table *table);

/** host_table_drop_removed() - forget the removed hosts that have stopped */
void host_table_drop_removed(struct host_table *table);

/** host_table_core() - the core host */
const struct host *host_table_core(const struct host_table *table);

/** host_table_by_pid() - host of a process, or NULL */
struct host *host_table_by_pid(struct host_table *table, pid_t pid);

/** host_table_count() - how many are in a state */
size_t host_table_count(const struct host_table *table, enum host_state state);

/** host_table_all_settled() - is nothing on its way up for the first time? */
bool host_table_all_settled(const struct host_table *table);

#endif /* PARSEC_HOST_TABLE_H */
