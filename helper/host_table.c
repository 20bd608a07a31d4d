// SPDX-License-Identifier: Apache-2.0
/*
 * The table of hosts, and what a new configuration means for it.
 */
#include "helper/host_table.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/supervisor.h"

const struct host *host_table_core(const struct host_table *table)
{
	return &table->host[0];
}

struct host *host_table_by_pid(struct host_table *table, pid_t pid)
{
	for (size_t i = 0; i < table->count; i++)
		if (table->host[i].pid == pid)
			return &table->host[i];
	return NULL;
}

size_t host_table_count(const struct host_table *table, enum host_state state)
{
	size_t count = 0;

	for (size_t i = 0; i < table->count; i++)
		count += table->host[i].state == state;
	return count;
}

bool host_table_all_settled(const struct host_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		if (!table->host[i].settled)
			return false;
	return true;
}

static struct host *find(struct host_table *table, const char *name)
{
	for (size_t i = 0; i < table->count; i++)
		if (!strcmp(table->host[i].name, name))
			return &table->host[i];
	return NULL;
}

static void add(struct host_table *table, const char *name)
{
	struct host *host = &table->host[table->count++];

	*host = (struct host){
		.pid = -1,
		.ready_fd = -1,
		.delay = SUPERVISOR_RETRY_MIN,
		.patience = SUPERVISOR_START_TIME,
	};
	snprintf(host->name, sizeof(host->name), "%s", name);
}

void host_mark_changed(struct host *host)
{
	host->changed = true;
	host->settled = false;
	host->updates = 0;
	host->delay = SUPERVISOR_RETRY_MIN;
	host->patience = SUPERVISOR_START_TIME;
}

/* Does what core tells about providers differ? */
static bool lists_differ(const struct config *old, const struct config *new)
{
	if (old->provider_count != new->provider_count)
		return true;
	for (size_t i = 0; i < old->provider_count; i++) {
		const struct provider_config *a = &old->providers[i];
		const struct provider_config *b = &new->providers[i];

		if (strcmp(a->name, b->name) || strcmp(a->library, b->library) ||
		    strcmp(a->user, b->user) || a->id != b->id)
			return true;
	}
	return false;
}

/* What becomes of a host that is there already */
static void update_host(struct host *host, const struct config *old, const struct config *new)
{
	const struct provider_config *before = config_provider(old, host->name);
	const struct provider_config *after = config_provider(new, host->name);
	bool is_core = !strcmp(host->name, CONFIG_CORE_NAME);

	if (!is_core && !after) {
		host->removed = true;
		host->settled = true;	/* nobody waits for it */
		return;
	}
	if (host->removed || !config_core_equal(old, new) ||
	    (is_core ? lists_differ(old, new) : !config_provider_equal(before, after)))
		host_mark_changed(host);
	host->removed = false;
	if (host->state == HOST_REFUSED) {
		host->state = HOST_STOPPED;
		host->settled = false;
	}
}

bool host_table_update(struct host_table *table, const struct config *old,
		       const struct config *new)
{
	size_t added = 0;

	if (!table->count)
		add(table, CONFIG_CORE_NAME);
	for (size_t i = 0; i < new->provider_count; i++)
		added += !find(table, new->providers[i].name);
	if (table->count + added > HOST_TABLE_MAX) {
		log_error("too many hosts have not stopped yet, try again later");
		return false;
	}

	for (size_t i = 0; old && i < table->count; i++)
		update_host(&table->host[i], old, new);
	for (size_t i = 0; i < new->provider_count; i++)
		if (!find(table, new->providers[i].name))
			add(table, new->providers[i].name);
	return true;
}

void host_table_drop_removed(struct host_table *table)
{
	size_t kept = 0;

	for (size_t i = 0; i < table->count; i++)
		if (!table->host[i].removed || table->host[i].state != HOST_STOPPED)
			table->host[kept++] = table->host[i];
	table->count = kept;
}

void host_table_clear(struct host_table *table)
{
	for (size_t i = 0; i < table->count; i++) {
		if (table->host[i].pid > 0)
			kill(table->host[i].pid, SIGKILL);
		if (table->host[i].ready_fd >= 0)
			close(table->host[i].ready_fd);
	}
	table->count = 0;
}
