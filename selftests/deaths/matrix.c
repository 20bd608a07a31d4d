// SPDX-License-Identifier: Apache-2.0
/*
 * Who dies, where a request is then, and which one: every combination, through the module,
 * parsecd and its hosts as they are installed. The requests of one operation are brought to
 * all their points at the same time, each at a host of its own, and then one death is for all.
 *
 *	matrix FILE
 *
 * Prints a TAP line for each combination, without a plan, and writes the table of
 * Documentation/deaths.rst to FILE. Begins and ends with no module loaded.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "selftests/deaths/cell.h"
#include "selftests/deaths/service.h"
#include "selftests/device/device.h"
#include "selftests/device/fakehost.h"

#define CONFIG		"/etc/parsec/deaths.conf"
#define FIRST_ID	16
/* For whatever all wait for */
#define WAIT_MS		slow_ms(200000)
/* So that nothing depends on how long a service takes to come back; and short, for when it
 * does not
 */
#define GRACE_MS	slow_ms(150000)
#define SHORT_GRACE_MS	1000

static const char *const victim_names[VICTIMS] = {
	[VICTIM_THREAD] = "thread of the caller",
	[VICTIM_PROCESS] = "process of the caller",
	[VICTIM_HOST] = "host of the provider",
	[VICTIM_HOSTS] = "all hosts",
	[VICTIM_SUPERVISOR] = "parsecd, comes back",
	[VICTIM_SERVICE] = "parsecd, for good",
	[VICTIM_MODULE] = "caller, then module",
	[VICTIM_NOBODY] = "nobody: deadline",
};

static const char *const point_names[POINTS] = {
	[POINT_QUEUED] = "queued", [POINT_BEFORE] = "before", [POINT_INSIDE] = "inside",
	[POINT_AFTER] = "after", [POINT_REPLY] = "in reply",
};

static const char *const operation_names[OPERATIONS] = {
	[OP_SIGN] = "sign", [OP_GENERATE] = "generate", [OP_DESTROY] = "destroy",
};

/* In memory shared with the cells' processes: one for each point */
static struct cell *cells;
/* What the table is to have for the death that is looked at */
static char outcomes[POINTS][OPERATIONS][40];
static bool failed;

static void result(bool good, const char *format, const char *a, const char *b, const char *c,
		   const char *rest)
{
	static unsigned int count;

	printf("%sok %u - ", good ? "" : "not ", ++count);
	printf(format, a, b, c);
	printf(": %s\n", rest);
	fflush(stdout);
	failed = failed || !good;
}

/* What became of a request, in words */
static void set_outcome(const struct cell *cell)
{
	static const char *const times[] = { "never", "once", "twice" };
	char *text = outcomes[cell->point][cell->operation];
	const char *end = "answered";

	if (cell->result == -EINPROGRESS)
		end = "killed";
	else if (cell->result < 0)
		end = strerrorname_np(-cell->result);
	else if (cell->result)
		end = "refused";
	snprintf(text, sizeof(outcomes[0][0]), "%s, %s%s", end, times[cell->calls > 2 ? 2 : cell->calls],
		 cell->operation == OP_SIGN ? "" : cell->key ? ", key" : ", no key");
}

static void die(const char *what)
{
	result(false, "%s%s%s", what, "", "", "the rest is not looked at");
	exit(1);
}

/* Each cell's provider is a section of its own */
static void write_config(void)
{
	FILE *file;

	mkdir("/etc/parsec", 0755);
	file = fopen(CONFIG, "we");
	if (!file)
		die("no configuration");
	/* Who it is in the configuration that is installed: core's directory stays that user's */
	fputs("[core]\nuser = parsec-core\n", file);
	for (int i = 0; i < POINTS; i++)
		fprintf(file, "[provider %s]\nlibrary = stops.so\nid = %u\nworkers = 1\n"
			"uuid = 0a1de1b6-7f0c-4c3f-9d55-1c6f2a9b7e%02x\n",
			cells[i].name, cells[i].provider, cells[i].provider);
	fclose(file);
	chmod(CONFIG, 0600);
}

static void make_cells(void)
{
	cells = mmap(NULL, POINTS * sizeof(*cells), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (cells == MAP_FAILED)
		abort();
	for (int i = 0; i < POINTS; i++) {
		struct cell *cell = &cells[i];

		cell->point = (enum point)i;
		cell->provider = (uint8_t)(FIRST_ID + i);
		snprintf(cell->name, sizeof(cell->name), "%s",
			 cell->point == POINT_REPLY ? "reply" : point_names[i]);
	}
}

static void set_grace(int ms)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", ms);
	if (write_file(PARAMETERS "/grace_ms", text) < 0)
		die("the grace period cannot be set");
}

static int load_module(void)
{
	char parameters[32];

	snprintf(parameters, sizeof(parameters), "grace_ms=%d", GRACE_MS);
	return module_load(parameters);
}

static void await_service(void)
{
	int64_t end = clock_ms() + WAIT_MS;
	int serving = 0;

	while (serving < POINTS) {
		if (cell_serves(&cells[serving])) {
			serving++;
			continue;
		}
		if (clock_ms() > end)
			die("the service does not come back");
		sleep_ms(50);
	}
}

/* All cells that nothing is wrong with have been through the stage */
static void await_cells(enum stage stage)
{
	int64_t end = clock_ms() + WAIT_MS;

	for (int i = 0; i < POINTS; sleep_ms(5)) {
		while (i < POINTS && (cells[i].done >= stage))
			i++;
		if (i < POINTS && clock_ms() > end)
			die(cells[i].name);
	}
}

static void let(enum stage stage)
{
	for (int i = 0; i < POINTS; i++)
		cells[i].may = stage;
}

static void start_cells(enum victim victim, enum operation operation)
{
	for (int i = 0; i < POINTS; i++) {
		struct cell *cell = &cells[i];

		cell->victim = victim;
		cell->operation = operation;
		cell->may = STAGE_PREPARE;
		cell->done = STAGE_NONE;
		*cell->wrong = 0;
		cell->result = cell->ms = 0;
		cell->calls = 0;
		if (!fork()) {
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			cell_run(cell);
			_exit(0);
		}
	}
}

/* A module that is in use stays; once nobody waits any more it goes, also if hosts work on */
static void reload_module(void)
{
	int64_t end = clock_ms() + WAIT_MS;
	int rc;

	while ((rc = module_unload()) && clock_ms() < end)
		sleep_ms(5);
	result(!rc, "%s%s%s", "a module that nobody uses is unloaded while hosts work", "", "",
	       strerror(-rc));
	rc = load_module();
	if (rc)
		die("the module cannot be loaded again");
}

/* Before the cells kill theirs */
static void kill_first(enum victim victim)
{
	int rc;

	switch (victim) {
	case VICTIM_HOSTS:
		service_kill_hosts();
		break;
	case VICTIM_SUPERVISOR:
		service_kill();
		service_start(CONFIG);
		break;
	case VICTIM_SERVICE:
		set_grace(SHORT_GRACE_MS);
		service_kill();
		break;
	case VICTIM_MODULE:
		rc = module_unload();
		result(rc == -EAGAIN, "%s%s%s", "the module is not unloaded while calls wait", "",
		       "", strerror(-rc));
		break;
	default:
		break;
	}
}

/* Nothing is under way, no file is open */
static bool is_idle(char *why, size_t size)
{
	static struct host_stats stats;
	struct host host;
	int rc = host_open(&host);

	if (!rc) {
		rc = host_stats(&host, &stats);
		host_close(&host);
	}
	snprintf(why, size, "%s", rc ? strerror(-rc) : "nothing is under way");
	for (int i = 0; !rc && i < POINTS; i++) {
		const uint64_t *of = stats.provider[cells[i].provider];

		rc = of[PARSEC_A_PSTAT_QUEUED] || of[PARSEC_A_PSTAT_IN_FLIGHT] ||
		     of[PARSEC_A_PSTAT_PARKED] || of[PARSEC_A_PSTAT_RETIRED];
		if (rc)
			snprintf(why, size, "something is left of %s", cells[i].name);
	}
	if (!rc && stats.module[PARSEC_A_STAT_SESSIONS]) {
		rc = 1;
		snprintf(why, size, "files are open");
	}
	return !rc;
}

static void report(enum victim victim)
{
	for (int i = 0; i < POINTS; i++) {
		const struct cell *cell = &cells[i];

		set_outcome(cell);
		result(!*cell->wrong, "%s, %s, %s", victim_names[victim],
		       point_names[cell->point], operation_names[cell->operation],
		       *cell->wrong ? cell->wrong :
				      outcomes[cell->point][cell->operation]);
	}
}

static void write_rule(FILE *table)
{
	fputs("======================  ========  ===================  ============================"
	      "  ============================\n", table);
}

static void write_cells(FILE *table, enum victim victim)
{
	for (int point = 0; point < POINTS; point++) {
		fprintf(table, "%-22s  %-8s", point ? "\\" : victim_names[victim],
			point_names[point]);
		for (int operation = 0; operation < OPERATIONS; operation++)
			fprintf(table, "  %-*s", operation == OPERATIONS - 1 ? 0 :
				operation == OP_SIGN ? 19 : 28,
				outcomes[point][operation]);
		fputc('\n', table);
	}
}

static void run_round(enum victim victim, enum operation operation)
{
	start_cells(victim, operation);
	await_cells(STAGE_PREPARE);
	kill_first(victim);
	let(STAGE_DIE);
	await_cells(STAGE_DIE);
	if (victim == VICTIM_MODULE)
		reload_module();
	let(STAGE_RELEASE);
	await_cells(STAGE_RELEASE);
	if (victim == VICTIM_SERVICE) {
		set_grace(GRACE_MS);
		service_start(CONFIG);
	}
	await_service();
	let(STAGE_CHECK);
	await_cells(STAGE_OVER);
	for (int i = 0; i < POINTS; i++)
		wait(NULL);
	report(victim);
}

static void run_victim(FILE *table, enum victim victim)
{
	char why[80];
	bool idle;

	for (int operation = 0; operation < OPERATIONS; operation++)
		run_round(victim, (enum operation)operation);
	idle = is_idle(why, sizeof(why));
	result(idle, "%s%s%s", victim_names[victim], "", "", why);
	write_cells(table, victim);
}

int main(int argc, char **argv)
{
	FILE *table;
	int rc;

	if (!strcmp(argv[0], "sleep"))	/* what a caller has become (call.c) */
		return pause();
	table = argc == 2 ? fopen(argv[1], "we") : NULL;
	if (!table) {
		fputs("usage: matrix FILE\n", stderr);
		return 2;
	}
	make_cells();
	write_config();
	if (load_module() || !service_start(CONFIG))
		die("nothing can be started");
	await_service();
	write_rule(table);
	fprintf(table, "%-22s  %-8s  %-19s  %-28s  %s\n", "who dies", "where", "sign", "generate",
		"destroy");
	write_rule(table);
	for (int victim = 0; victim < VICTIMS; victim++)
		run_victim(table, (enum victim)victim);
	write_rule(table);
	result(service_stop(), "%s%s%s", "the service stops", "", "", "as it should");
	rc = module_unload();
	result(!rc, "%s%s%s", "the module is unloaded", "", "", strerror(-rc));
	return fclose(table) || failed;
}
