// SPDX-License-Identifier: Apache-2.0
/*
 * Measure the device inside the test machine, where parsecd runs; the results are lines
 * of fields with tabs between them, for selftests/bench/run to make tables of.
 *
 *	bench time		latency and throughput, in rounds
 *	bench instructions	instructions per request: needs tools/vm/run --icount
 *
 * What cannot be measured is a line that says so, and exit status 1.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>
#include "selftests/bench/bench.h"

static const struct plan plan[] = {
	{ &load_unix, { 1, 2, 4, 8, 16, 32, 64 } },
	{ &load_netlink, { 1, 4, 16, 64 } },
	{ &load_info, { 1 } },
	{ &load_device_ping, { 1 } },
	{ &load_ping, { 1, 2, 4, 8, 16, 32, 64 } },
	{ &load_hash[0], { 1, 4 } },
	{ &load_hash[1], { 1 } },
	{ &load_hash[2], { 1 } },
	{ &load_hash[3], { 1 } },
	{ &load_hash[4], { 1 } },
	{ &load_hash[5], { 1 } },
	{ &load_openssl_hash, { 1 } },
	{ &load_sign, { 1, 2, 4, 16, 64 } },
	{ &load_openssl_sign, { 1, 2, 4 } },
};

/* What the figures are of: "machine", processor, how many, kernel */
static void print_machine(void)
{
	char line[256], model[128] = "unknown processor";
	FILE *file = fopen("/proc/cpuinfo", "re");
	struct utsname kernel;

	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "model name : %127[^\n]", model) == 1)
			break;
	if (file)
		fclose(file);
	uname(&kernel);
	printf("machine\t%s\t%ld\t%s\n", model, sysconf(_SC_NPROCESSORS_ONLN),
	       kernel.release);
}

int main(int argc, char **argv)
{
	const char *what = argc == 2 ? argv[1] : "";
	size_t count = sizeof(plan) / sizeof(plan[0]);
	int failed;

	setlinebuf(stdout);
	if (!strcmp(what, "time")) {
		print_machine();
		failed = measure_time(plan, count);
		failed |= measure_memory();
	} else if (!strcmp(what, "instructions")) {
		failed = measure_instructions(plan, count);
	} else {
		fprintf(stderr, "usage: bench time | instructions\n");
		return 2;
	}
	return failed ? 1 : 0;
}
