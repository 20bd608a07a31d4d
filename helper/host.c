// SPDX-License-Identifier: Apache-2.0
/*
 * parsec-host: the process that serves one provider. parsecd starts it as
 *
 *	parsec-host --config-fd FD --config-name FILE --provider NAME --ready-fd FD
 *
 * With --describe it only writes the UUID of the provider's library into the ready fd.
 * It ends with 0 after SIGTERM; 3 when the configuration or the provider is refused, so
 * that starting it again is of no use; 4 when the module is not loaded; 1 otherwise.
 *
 * main() is the list of what happens in which order: the provider is opened without
 * rights and nothing is parsed that comes from an application before the host is locked
 * in.
 */
#include <errno.h>
#include <linux/capability.h>
#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "helper/core_link.h"
#include "helper/device_nodes.h"
#include "helper/host_options.h"
#include "helper/inner.h"
#include "helper/log.h"
#include "helper/privileges.h"
#include "helper/registrar.h"
#include "helper/reload.h"
#include "helper/sandbox.h"
#include "helper/supervisor.h"
#include "helper/uuid_text.h"
#include "helper/worker.h"

enum exit_status {
	EXIT_STOPPED	= 0,
	EXIT_BROKEN	= 1,	/* may be better next time */
	EXIT_REFUSED	= HOST_EXIT_REFUSED,
	EXIT_NO_MODULE	= HOST_EXIT_NO_MODULE,
};

/**
 * struct process - everything that main() has set up
 * @options:	what parsecd wants
 * @config:	the configuration
 * @section:	the provider's part of it, NULL for core
 * @state_dir:	the provider's directory; core has one, too
 * @socket_dir:	directory of its inner socket
 * @library:	path of the provider's library
 * @library_dir: where that is
 * @users:	for core: who each provider's host runs as
 * @sandbox:	what the host is left with
 * @registrar:	keeps the right to register
 * @plugin:	the provider, unless it is core
 * @peers:	other hosts, for core
 * @host:	what is served
 * @pool:	by whom
 * @inner:	the line to the core host
 * @reload:	takes new rules
 */
struct process {
	struct host_options options;
	struct config *config;
	const struct provider_config *section;
	char *state_dir;
	char *socket_dir;
	char *library;
	char *library_dir;
	uid_t *users;
	struct sandbox sandbox;
	struct registrar registrar;
	struct plugin plugin;
	struct core_peers *peers;
	struct host host;
	struct worker_pool pool;
	struct inner_server *inner;
	struct reload *reload;
};

static enum exit_status load_config(struct process *process)
{
	struct config *config;

	log_init(process->options.provider, PARSEC_LOG_INFO, false);
	config = config_read_fd(process->options.config_fd, process->options.config_name);
	if (!config)
		return EXIT_REFUSED;
	log_init(process->options.provider, config->log_level, config->log_details);
	process->config = config;
	process->host = (struct host){
		.config = config,
		.book = rulebook_new(config),
		.name = process->options.provider,
		.id = PARSEC_PROVIDER_CORE,
	};
	if (!process->host.book)
		return EXIT_BROKEN;
	if (!strcmp(process->options.provider, CONFIG_CORE_NAME))
		return EXIT_STOPPED;
	process->section = config_provider(config, process->options.provider);
	if (!process->section) {
		log_error("no provider of this name in %s", process->options.config_name);
		return EXIT_REFUSED;
	}
	process->host.id = process->section->id;
	return EXIT_STOPPED;
}

/* One allocator arena for all threads: they allocate little and share the memory */
static void save_memory(void)
{
	mallopt(M_ARENA_MAX, 1);
	mallopt(M_TRIM_THRESHOLD, 64 * 1024);
}

static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGHUP);
	sigprocmask(SIG_BLOCK, set, NULL);
	sigdelset(set, SIGHUP);		/* parsecd's business */
	signal(SIGPIPE, SIG_IGN);
}

static enum exit_status open_netlink(struct process *process)
{
	unsigned int workers = process->section ? process->section->workers
						: process->config->workers;
	int rc = worker_pool_open(&process->pool, workers);

	/* parsecd says once for all hosts that the module is not loaded */
	if (rc == -ENOENT)
		return EXIT_NO_MODULE;
	return rc ? EXIT_BROKEN : EXIT_STOPPED;
}

/* In front of whatever it is to write about */
static enum exit_status open_audit(struct process *process)
{
	return audit_open(process->config, process->options.provider, process->state_dir,
			  &process->host.audit) ? EXIT_STOPPED : EXIT_BROKEN;
}

static void audit_sweep(const struct process *process)
{
	const struct keystore_swept swept = keystore_swept(process->host.store);
	const struct audit_event events[] = {
		{ .kind = AUDIT_SWEEP, .count = swept.finished,
		  .reason = "keys were being made or removed when the service died" },
		{ .kind = AUDIT_SWEEP, .count = swept.gone,
		  .reason = "the backend does not have these keys any more" },
		{ .kind = AUDIT_CORRUPT, .count = swept.corrupt,
		  .reason = "keys were changed from outside and cannot be used" },
	};

	for (size_t i = 0; i < sizeof(events) / sizeof(*events); i++)
		if (events[i].count)
			audit_note(process->host.audit, &events[i]);
}

/* Path of the provider's library, malloc()ed */
static char *library_path(const struct process *process)
{
	const char *library = process->section->library;
	const char *dir = process->options.provider_dir ?: process->config->provider_dir;
	char *path;

	if (strchr(library, '/'))
		return strdup(library);
	return asprintf(&path, "%s/%s", dir, library) < 0 ? NULL : path;
}

/* Paths of a provider; core has a directory only, for its audit log */
static bool find_paths(struct process *process)
{
	const struct config *config = process->config;
	const char *name = process->options.provider;

	if (asprintf(&process->state_dir, "%s/%s", config->state_dir, name) < 0)
		return false;
	if (!process->section)
		return true;
	process->library = library_path(process);
	if (process->library)
		process->library_dir = strndup(process->library, (size_t)
				(strrchr(process->library, '/') - process->library));
	return process->library_dir &&
	       asprintf(&process->socket_dir, "%s/%s", config->runtime_dir, name) >= 0;
}

/* Users of all hosts, while names of users can be looked up */
static bool find_users(struct process *process)
{
	const struct config *config = process->config;

	process->users = calloc(config->provider_count, sizeof(*process->users));
	if (!process->users)
		return false;
	for (size_t i = 0; i < config->provider_count; i++)
		process->users[i] = user_id(config->providers[i].user);
	return true;
}

/* Only core enters the directory of the socket; it has none itself */
static bool make_directories(const struct process *process, const struct service_user *user,
			     const struct service_user *core)
{
	return directory_make(process->state_dir, 0700, user) &&
	       (!process->socket_dir ||
		(directory_make(process->socket_dir, 0710, user) &&
		 directory_share(process->socket_dir, core->gid)));
}

static enum exit_status become_user(struct process *process)
{
	const struct config *config = process->config;
	const struct provider_config *section = process->section;
	struct service_user user, core;

	if (!user_lookup(config->user, &core) ||
	    !user_lookup(section ? section->user : config->user, &user))
		return EXIT_REFUSED;
	process->host.core_user = core.uid;
	if (!find_paths(process) || (!section && !find_users(process)))
		return EXIT_BROKEN;
	if (!make_directories(process, &user, &core) ||
	    !privileges_become(&user, CAPABILITY(CAP_NET_ADMIN)))
		return EXIT_REFUSED;
	return EXIT_STOPPED;
}

/* From here on this thread, and all that come of it, has no rights and its own files only */
static enum exit_status give_up(struct process *process)
{
	const struct provider_config *section = process->section;
	int rc;

	process->sandbox = (struct sandbox){
		.mode = process->config->sandbox,
		.state_dir = process->state_dir,
		.socket_dir = process->socket_dir,
		.library_dir = process->library_dir,
		.network = NETWORK_UNIX,	/* core asks the others */
	};
	if (section) {
		process->sandbox.devices = &section->devices;
		process->sandbox.paths = &section->paths;
		process->sandbox.writable = &section->writable;
		process->sandbox.network = section->network;
		process->host.devices = device_nodes_new(&section->devices);
		if (!process->host.devices)
			return EXIT_BROKEN;
	}
	if (!memory_lock())
		log_warning("keys may be swapped out: the limit of locked memory "
			    "(RLIMIT_MEMLOCK) is not lifted");
	if (!registrar_start(&process->registrar, &process->pool) || !privileges_lock())
		return EXIT_BROKEN;
	rc = sandbox_files(&process->sandbox);
	if (rc == -EOPNOTSUPP)
		return EXIT_REFUSED;
	/* What is missing may be there later, such as a device */
	return rc ? EXIT_BROKEN : EXIT_STOPPED;
}

/* Applications take an id or a UUID with a meaning of its own at its word */
static bool kind_fits(const struct process *process, const struct parsec_provider *ops)
{
	static const char *const uuids[] = {
		[PARSEC_PROVIDER_SOFTWARE]	= "df93d95d-8086-43a7-a5dd-dc5ef3412819",
		[PARSEC_PROVIDER_PKCS11]	= "db3b312c-ce03-4aa5-9d4b-475ad7ea08e4",
		[PARSEC_PROVIDER_TPM]		= "99bf319e-d3a6-4568-85bb-11795bef8341",
	};
	const struct provider_config *section = process->section;

	for (size_t id = PARSEC_PROVIDER_SOFTWARE; id < sizeof(uuids) / sizeof(*uuids); id++) {
		if (!strcmp(ops->uuid, uuids[id]))
			continue;
		if (section->id == id) {
			log_error("%s:%u: id %u is for another kind of provider, give this one 16 to 255",
				  process->options.config_name, section->line, section->id);
			return false;
		}
		if (!strcmp(section->uuid, uuids[id])) {
			log_error("%s:%u: uuid %s is of another kind of provider, give this one its own",
				  process->options.config_name, section->line, section->uuid);
			return false;
		}
	}
	return true;
}

/* A provider that could be opened without one of its devices might want it later, in vain */
static bool has_devices(const struct process *process)
{
	const char *missing = device_nodes_missing(process->host.devices);

	if (!missing || process->sandbox.mode == SANDBOX_OFF)
		return true;
	log_error("%s cannot be let into the sandbox: it is not there", missing);
	return false;
}

static enum exit_status open_provider(struct process *process)
{
	const struct provider_config *section = process->section;
	const struct parsec_provider *ops;
	enum parsec_status status;
	void *handle;

	ops = plugin_load(process->library, &handle);
	if (!ops || !kind_fits(process, ops))
		return EXIT_REFUSED;
	status = plugin_open(&process->plugin, ops, handle, section->options,
			     section->option_count, process->state_dir);
	if (status == PARSEC_PSA_ERROR_INVALID_ARGUMENT ||
	    status == PARSEC_PSA_ERROR_NOT_SUPPORTED)
		return EXIT_REFUSED;
	if (status)
		return EXIT_BROKEN;
	process->host.plugin = &process->plugin;
	if (!has_devices(process))
		return EXIT_BROKEN;
	if (*section->uuid)
		process->plugin.uuid = section->uuid;
	status = keystore_open(&process->plugin, section->name, process->state_dir,
			       &process->host.store);
	if (status)
		return EXIT_BROKEN;
	audit_sweep(process);
	return EXIT_STOPPED;
}

static enum exit_status open_stats(struct process *process)
{
	process->host.stats = stats_new(process->pool.count);
	return process->host.stats ? EXIT_STOPPED : EXIT_BROKEN;
}

static enum exit_status open_core(struct process *process)
{
	process->peers = core_peers_new(process->config, process->users);
	if (!process->peers)
		return EXIT_REFUSED;
	process->host.core = core_link_start(process->peers, process->config);
	return process->host.core ? EXIT_STOPPED : EXIT_BROKEN;
}

static enum exit_status register_workers(struct process *process)
{
	int rc = registrar_finish(&process->registrar, &process->host);

	if (rc == -EPERM)
		return EXIT_REFUSED;
	return rc ? EXIT_BROKEN : EXIT_STOPPED;
}

/* Open what is open for good, then allow no more than serving takes */
static enum exit_status lock_in(struct process *process)
{
	/* Core is first asked by applications, others by core */
	if (process->section) {
		process->inner = inner_server_listen(&process->host);
		if (!process->inner)
			return EXIT_BROKEN;
	}
	return sandbox_calls(&process->sandbox) ? EXIT_STOPPED : EXIT_REFUSED;
}

static enum exit_status start_serving(struct process *process)
{
	if (process->inner && !inner_server_start(process->inner))
		return EXIT_BROKEN;
	return worker_pool_start(&process->pool) ? EXIT_STOPPED : EXIT_BROKEN;
}

static enum exit_status say_ready(struct process *process)
{
	if (process->options.ready_fd < 0)
		return EXIT_STOPPED;
	if (write(process->options.ready_fd, "R", 1) != 1)
		log_warning("nobody reads that this host is ready");
	process->reload = reload_start(process->options.ready_fd, process->options.config_name,
				       process->host.book, process->pool.sessions);
	return process->reload ? EXIT_STOPPED : EXIT_BROKEN;
}

static enum exit_status wait_for_end(struct process *process, const sigset_t *set)
{
	int failure;

	while (sigwaitinfo(set, NULL) < 0)
		;
	failure = __atomic_load_n(&process->pool.failure, __ATOMIC_ACQUIRE);
	if (failure == NETLINK_GONE)
		return EXIT_NO_MODULE;
	return failure ? EXIT_BROKEN : EXIT_STOPPED;
}

/* The library's own code runs in the end: with no rights but the user's, and locked in */
static const struct parsec_provider *load_for_description(struct process *process)
{
	struct sandbox *sandbox = &process->sandbox;
	struct service_user user;
	void *handle;

	if (!find_paths(process) ||
	    (!geteuid() && (!user_lookup(process->section->user, &user) ||
			    !privileges_become(&user, 0))) ||
	    !privileges_lock())
		return NULL;
	*sandbox = (struct sandbox){
		.mode = process->config->sandbox, .library_dir = process->library_dir,
	};
	return sandbox_files(sandbox) || !sandbox_calls(sandbox) ? NULL :
	       plugin_load(process->library, &handle);
}

static enum exit_status describe(struct process *process)
{
	enum exit_status status = load_config(process);
	const struct parsec_provider *ops = NULL;

	if (!status && process->section)
		ops = load_for_description(process);
	return ops && write(process->options.ready_fd, ops->uuid, UUID_TEXT_LEN) == UUID_TEXT_LEN
	       ? EXIT_STOPPED : EXIT_REFUSED;
}

/* In the reverse order of main() */
static void close_all(struct process *process)
{
	reload_stop(process->reload);
	worker_pool_stop(&process->pool);
	inner_server_stop(process->inner);
	worker_pool_close(&process->pool);
	core_free(process->host.core);
	core_peers_free(process->peers);
	if (process->host.store)
		keystore_close(process->host.store);
	if (process->host.plugin)
		plugin_close(process->host.plugin);
	audit_close(process->host.audit);
	stats_free(process->host.stats);
	device_nodes_free(process->host.devices);
	rulebook_free(process->host.book);
	config_free(process->config);
	free(process->state_dir);
	free(process->socket_dir);
	free(process->library);
	free(process->library_dir);
	free(process->users);
}

int main(int argc, char **argv)
{
	struct process process = { 0 };
	enum exit_status status;
	sigset_t stop;

	umask(077);
	save_memory();
	block_signals(&stop);
	if (!host_options_parse(&process.options, argc, argv))
		return EXIT_REFUSED;
	if (process.options.describe) {
		status = describe(&process);
		close_all(&process);
		return status;
	}
	status = load_config(&process);
	if (!status)
		status = open_netlink(&process);	/* large buffers need rights */
	if (!status)
		status = become_user(&process);		/* keeps CAP_NET_ADMIN */
	if (!status)
		status = give_up(&process);		/* but for one thread */
	if (!status)
		status = open_audit(&process);
	if (!status)
		status = process.section ? open_provider(&process) : open_core(&process);
	if (!status)
		status = open_stats(&process);
	if (!status)
		status = register_workers(&process);	/* by that thread, which ends */
	if (!status)
		status = lock_in(&process);
	if (!status)
		status = start_serving(&process);
	if (!status)
		status = say_ready(&process);
	if (!status)
		status = wait_for_end(&process, &stop);
	close_all(&process);
	return status;
}
