// SPDX-License-Identifier: Apache-2.0
/*
 * The supervisor. One thread, one loop: signals and readiness change the state of
 * hosts, and steps bring each host nearer to what the configuration says.
 *
 * Order. Providers start first and core once each of them is ready or has failed, so
 * that core sees them all from its first answer on. Core stops first, for the same
 * reason: a core that outlives its providers would answer that they do not exist.
 * Whoever asks meanwhile waits in the kernel, for the grace period.
 */
#include "helper/supervisor.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "helper/host_table.h"
#include "helper/log.h"
#include "helper/sd.h"
#include "helper/spawn.h"
#include "helper/uuid_clash.h"

/**
 * struct supervisor - everything there is to know
 * @file:	configuration in effect
 * @program:	parsec-host
 * @provider_dir: see supervisor_run()
 * @hosts:	one for each provider, and core
 * @signals:	signalfd
 * @stopping:	SIGTERM or SIGINT came
 * @announced:	the service manager was told that we are ready
 * @stale:	the file was read again and not taken
 * @served:	a host has been ready, ever
 * @no_module:	the kernel does not know the device: hosts are started one at a time
 * @module_delay: and so many milliseconds apart
 * @module_next: when the next may be started
 */
struct supervisor {
	struct config_file *file;
	const char *program;
	const char *provider_dir;
	struct host_table hosts;
	int signals;
	bool stopping;
	bool announced;
	bool stale;
	bool served;
	bool no_module;
	unsigned int module_delay;
	int64_t module_next;
};

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static unsigned int longer(unsigned int delay, unsigned int limit)
{
	return delay > limit / 2 ? limit : delay * 2;
}

/* What becomes of a host */

static void wait_before_start(struct host *host, int64_t now)
{
	host->state = HOST_WAITING;
	host->deadline = now + host->delay;
	host->delay = longer(host->delay, SUPERVISOR_RETRY_MAX);
}

static void start(struct supervisor *supervisor, struct host *host, int64_t now)
{
	const struct spawn spawn = {
		.program = supervisor->program,
		.name = host->name,
		.file = supervisor->file,
		.provider_dir = supervisor->provider_dir,
	};

	host->changed = false;
	host->updates = 0;
	if (!spawn_host(&spawn, &host->pid, &host->ready_fd)) {
		host->settled = true;
		wait_before_start(host, now);
		return;
	}
	log_debug("host %s is started as process %d", host->name, host->pid);
	host->state = HOST_STARTING;
	host->deadline = now + host->patience;
}

static void stop(struct host *host, int64_t now)
{
	log_debug("host %s is stopped", host->name);
	kill(host->pid, SIGTERM);
	host->state = HOST_STOPPING;
	host->updates = 0;	/* what it still answers says nothing of its successor */
	host->deadline = now + SUPERVISOR_STOP_TIME;
}

static void module_is_back(struct supervisor *supervisor)
{
	if (!supervisor->no_module)
		return;
	supervisor->no_module = false;
	log_info("module parsec is loaded now");
	for (size_t i = 0; i < supervisor->hosts.count; i++) {
		struct host *host = &supervisor->hosts.host[i];

		if (host->state == HOST_NO_MODULE)
			host->state = HOST_STOPPED;
	}
	supervisor->announced = false;	/* there is a better status to tell */
}

static void module_is_missing(struct supervisor *supervisor, struct host *host, int64_t now)
{
	if (!supervisor->no_module) {
		supervisor->no_module = true;
		supervisor->module_delay = SUPERVISOR_MODULE_MIN;
		supervisor->announced = false;
		log_error("module parsec is not loaded: modprobe parsec; the hosts start once it is");
	}
	supervisor->module_next = now + supervisor->module_delay;
	supervisor->module_delay = longer(supervisor->module_delay, SUPERVISOR_MODULE_MAX);
	host->state = HOST_NO_MODULE;
	host->settled = false;
}

static void host_is_ready(struct supervisor *supervisor, struct host *host)
{
	log_debug("host %s is ready", host->name);
	host->state = HOST_RUNNING;
	host->settled = !host->updates && !host->changed;
	host->ready = now_ms();
	host->deadline = host->ready + SUPERVISOR_UPDATE_TIME;
	supervisor->served = true;
	module_is_back(supervisor);
}

/* Send the new configuration to a host, or have it started anew */
static void update(struct supervisor *supervisor, struct host *host, int64_t now)
{
	size_t len = 0;
	char *text = config_file_text(supervisor->file, host->name, &len);
	bool sent = text && send(host->ready_fd, text, len, MSG_DONTWAIT | MSG_NOSIGNAL) ==
			    (ssize_t)len;

	if (text)
		explicit_bzero(text, len);
	free(text);
	host->settled = false;
	if (!sent) {
		log_warning("host %s cannot be sent new rules, it starts again: %m", host->name);
		host_mark_changed(host);
		return;
	}
	host->updates++;
	if (host->state == HOST_RUNNING)
		host->deadline = now + SUPERVISOR_UPDATE_TIME;
}

/* Those that stay as they are get the rules of the new configuration */
static void update_all(struct supervisor *supervisor)
{
	int64_t now = now_ms();

	for (size_t i = 0; i < supervisor->hosts.count; i++) {
		struct host *host = &supervisor->hosts.host[i];

		if ((host->state == HOST_STARTING || host->state == HOST_RUNNING) &&
		    !host->changed && !host->removed)
			update(supervisor, host, now);
	}
}

static void host_is_updated(struct host *host, char answer)
{
	if (!host->updates)
		return;
	host->updates--;
	if (answer != 'R') {
		log_warning("host %s refuses new rules, it starts again", host->name);
		host_mark_changed(host);
	} else if (!host->updates) {
		log_debug("host %s has new rules", host->name);
		host->settled = true;
	}
}

static void host_has_failed(struct host *host, int status, int64_t now)
{
	/* One that takes long to fail is no better for that */
	if (host->state == HOST_RUNNING && now - host->ready >= SUPERVISOR_ALIVE)
		host->delay = SUPERVISOR_RETRY_MIN;
	if (WIFSIGNALED(status))
		log_warning("host %s was killed by signal %d (%s), it starts again in %u ms",
			    host->name, WTERMSIG(status), strsignal(WTERMSIG(status)),
			    host->delay);
	else
		log_warning("host %s ended with status %d, it starts again in %u ms",
			    host->name, WEXITSTATUS(status), host->delay);
	wait_before_start(host, now);
}

static void host_has_ended(struct supervisor *supervisor, struct host *host, int status)
{
	int64_t now = now_ms();
	int code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;

	if (host->ready_fd >= 0)
		close(host->ready_fd);
	host->ready_fd = -1;
	host->pid = -1;

	if (host->state == HOST_STOPPING || supervisor->stopping) {
		host->state = HOST_STOPPED;
		host->delay = SUPERVISOR_RETRY_MIN;
		return;
	}
	host->settled = true;
	if (code == HOST_EXIT_NO_MODULE) {
		module_is_missing(supervisor, host, now);
	} else if (code == HOST_EXIT_REFUSED) {
		log_error("host %s stays off until the configuration is read again",
			  host->name);
		host->state = HOST_REFUSED;
	} else {
		host_has_failed(host, status, now);
	}
}

/* Towards what the configuration says */

/* Is the host, as it is, not what should be there? */
static bool is_out_of_place(const struct supervisor *supervisor, const struct host *host)
{
	return supervisor->stopping || host->removed || host->changed;
}

static bool may_stop(const struct supervisor *supervisor, const struct host *host)
{
	const struct host *core = host_table_core(&supervisor->hosts);

	return host == core || core->pid < 0 || !is_out_of_place(supervisor, core);
}

static bool may_start(const struct supervisor *supervisor, const struct host *host,
		      int64_t now)
{
	const struct host_table *hosts = &supervisor->hosts;

	if (supervisor->stopping || host->removed)
		return false;
	for (size_t i = 0; i < hosts->count; i++) {
		const struct host *other = &hosts->host[i];

		/* One of them looks whether the module is there */
		if (supervisor->no_module &&
		    (other->state == HOST_STARTING || now < supervisor->module_next))
			return false;
		if (host == host_table_core(hosts) && other != host && !other->settled)
			return false;
	}
	return true;
}

/*
 * The next one has more time: on a machine that has too much to do, all hosts that are killed and
 * started again would keep each other from ever getting ready.
 */
static void host_is_late(struct host *host, int64_t now)
{
	log_error("host %s is not ready after %g s, it is killed", host->name,
		  host->patience / 1000.0);
	kill(host->pid, SIGKILL);
	host->patience = longer(host->patience, SUPERVISOR_START_MAX);
	host->deadline = now + host->patience;
}

static void step(struct supervisor *supervisor, struct host *host, int64_t now)
{
	switch (host->state) {
	case HOST_STARTING:
		if (now >= host->deadline)
			host_is_late(host, now);
		/* fall through */
	case HOST_RUNNING:
		if (host->state == HOST_RUNNING && host->updates && now >= host->deadline) {
			log_warning("host %s does not take new rules, it starts again", host->name);
			host_mark_changed(host);
		}
		if (is_out_of_place(supervisor, host) && may_stop(supervisor, host))
			stop(host, now);
		break;
	case HOST_STOPPING:
		if (now >= host->deadline) {
			log_warning("host %s does not stop, it is killed", host->name);
			kill(host->pid, SIGKILL);
			host->deadline = now + SUPERVISOR_STOP_TIME;
		}
		break;
	case HOST_WAITING:
		if (now >= host->deadline || is_out_of_place(supervisor, host))
			host->state = HOST_STOPPED;
		break;
	case HOST_REFUSED:
	case HOST_NO_MODULE:
		if (is_out_of_place(supervisor, host))
			host->state = HOST_STOPPED;
		break;
	case HOST_STOPPED:
		break;
	}

	if ((host->state == HOST_STOPPED || host->state == HOST_NO_MODULE) &&
	    may_start(supervisor, host, now))
		start(supervisor, host, now);
}

static void step_all(struct supervisor *supervisor)
{
	int64_t now = now_ms();

	for (size_t i = 0; i < supervisor->hosts.count; i++)
		step(supervisor, &supervisor->hosts.host[i], now);
	if (!supervisor->stopping)
		host_table_drop_removed(&supervisor->hosts);
}

/* Milliseconds until something is due, -1: nothing is */
static int time_left(const struct supervisor *supervisor)
{
	int64_t now = now_ms(), first = INT64_MAX;

	for (size_t i = 0; i < supervisor->hosts.count; i++) {
		const struct host *host = &supervisor->hosts.host[i];

		if (host->state == HOST_STARTING || host->state == HOST_STOPPING ||
		    host->state == HOST_WAITING ||
		    (host->state == HOST_RUNNING && host->updates))
			first = host->deadline < first ? host->deadline : first;
		else if (host->state == HOST_NO_MODULE && supervisor->module_next > now)
			first = supervisor->module_next < first ? supervisor->module_next
								: first;
	}
	if (first == INT64_MAX)
		return -1;
	return first <= now ? 0 : (int)(first - now);
}

/* Tell the service manager once all hosts that can have come up */
static void announce(struct supervisor *supervisor)
{
	size_t running = host_table_count(&supervisor->hosts, HOST_RUNNING);
	size_t count = supervisor->hosts.count;

	if (supervisor->announced || supervisor->stopping)
		return;
	if (supervisor->no_module) {
		sd_notify("READY=1\nSTATUS=Module parsec is not loaded");
	} else if (host_table_all_settled(&supervisor->hosts)) {
		log_info("%zu of %zu hosts are running", running, count);
		sd_notify("READY=1\nSTATUS=%zu of %zu hosts are running%s", running, count,
			  supervisor->stale ? ", the configuration file has mistakes" : "");
	} else {
		return;
	}
	supervisor->announced = true;
}

/* Signals */

static void log_lines(char *text, enum parsec_log_level level)
{
	for (char *line; (line = strsep(&text, "\n"));) {
		if (*line && level == PARSEC_LOG_ERROR)
			log_error("%s", line);
		else if (*line)
			log_warning("%s", line);
	}
}

/* The file as it is by now, or NULL after lines on @errors */
static struct config_file *read_again(const struct supervisor *supervisor, FILE *errors)
{
	struct config_file *file = config_file_read(supervisor->file->path, errors);

	if (file && !uuids_are_distinct(file, supervisor->program, supervisor->provider_dir,
					errors)) {
		config_file_free(file);
		file = NULL;
	}
	return file;
}

static void reload(struct supervisor *supervisor)
{
	struct config_file *file = NULL, *old = supervisor->file;
	char *text = NULL;
	size_t len;
	FILE *errors = open_memstream(&text, &len);

	sd_notify("RELOADING=1\nMONOTONIC_USEC=%lld", (long long)now_ms() * 1000);
	supervisor->announced = false;
	if (errors) {
		file = read_again(supervisor, errors);
		fclose(errors);
	}
	if (file && host_table_update(&supervisor->hosts, old->config, file->config)) {
		supervisor->file = file;
		supervisor->stale = false;
		config_file_free(old);
		log_init("parsecd", file->config->log_level, file->config->log_details);
		log_info("%s is read again", file->path);
		log_lines(text, PARSEC_LOG_WARNING);
		update_all(supervisor);
	} else {
		log_lines(text, PARSEC_LOG_ERROR);
		log_error("%s is not taken, the configuration stays as it was", old->path);
		supervisor->stale = true;
		config_file_free(file);
	}
	free(text);
}

static void reap(struct supervisor *supervisor)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		struct host *host = host_table_by_pid(&supervisor->hosts, pid);

		if (host)
			host_has_ended(supervisor, host, status);
	}
}

static void take_signals(struct supervisor *supervisor)
{
	struct signalfd_siginfo info;

	while (read(supervisor->signals, &info, sizeof(info)) == sizeof(info)) {
		switch (info.ssi_signo) {
		case SIGCHLD:
			reap(supervisor);
			break;
		case SIGHUP:
			if (!supervisor->stopping)
				reload(supervisor);
			break;
		default:
			if (!supervisor->stopping)
				sd_notify("STOPPING=1");
			supervisor->stopping = true;
		}
	}
}

static bool open_signals(struct supervisor *supervisor)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	/* A log that nobody reads any more is no reason to die; hosts inherit this */
	signal(SIGPIPE, SIG_IGN);
	if (!sigprocmask(SIG_BLOCK, &set, NULL))
		supervisor->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (supervisor->signals < 0)
		log_error("signals cannot be waited for: %m");
	return supervisor->signals >= 0;
}

/* Wait for a signal, a host that is ready, or the time */
static void wait_for_events(struct supervisor *supervisor)
{
	struct pollfd fds[HOST_TABLE_MAX + 1] = {
		{ .fd = supervisor->signals, .events = POLLIN }
	};
	size_t count = supervisor->hosts.count;
	char byte;

	for (size_t i = 0; i < count; i++)
		fds[i + 1] = (struct pollfd){ .fd = supervisor->hosts.host[i].ready_fd,
					      .events = POLLIN };
	if (poll(fds, count + 1, time_left(supervisor)) <= 0)
		return;

	for (size_t i = 0; i < count; i++) {
		struct host *host = &supervisor->hosts.host[i];

		if (!fds[i + 1].revents)
			continue;
		if (read(host->ready_fd, &byte, 1) == 1) {
			if (host->state == HOST_STARTING)
				host_is_ready(supervisor, host);
			else
				host_is_updated(host, byte);
		} else {	/* it ends, or time will tell */
			close(host->ready_fd);
			host->ready_fd = -1;
		}
	}
	if (fds[0].revents)
		take_signals(supervisor);
}

/* Nothing runs, nothing ever did, and waiting changes nothing */
static bool is_hopeless(const struct supervisor *supervisor)
{
	const struct host_table *hosts = &supervisor->hosts;

	return !supervisor->served && host_table_count(hosts, HOST_REFUSED) == hosts->count;
}

int supervisor_run(struct config_file *file, const char *program, const char *provider_dir)
{
	struct supervisor supervisor = {
		.file = file,
		.program = program,
		.provider_dir = provider_dir,
		.signals = -1,
	};
	int status = EXIT_FAILURE;

	if (!open_signals(&supervisor) ||
	    !host_table_update(&supervisor.hosts, NULL, file->config))
		goto out;

	for (;;) {
		step_all(&supervisor);
		announce(&supervisor);
		if (supervisor.stopping &&
		    host_table_count(&supervisor.hosts, HOST_STOPPED) == supervisor.hosts.count) {
			status = EXIT_SUCCESS;
			break;
		}
		if (is_hopeless(&supervisor)) {
			log_error("no host can run");
			break;
		}
		wait_for_events(&supervisor);
	}
out:
	if (supervisor.signals >= 0)
		close(supervisor.signals);
	host_table_clear(&supervisor.hosts);
	config_file_free(supervisor.file);
	return status;
}
