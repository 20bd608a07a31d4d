// SPDX-License-Identifier: Apache-2.0
/*
 * Which process is which, and the memory it had.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "selftests/bench/process.h"

int process_describe(const char *pid, char *name, size_t size)
{
	char path[300], line[512] = "";
	const char *arg, *base;
	size_t len;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/cmdline", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	len = fread(line, 1, sizeof(line) - 1, file);
	fclose(file);
	base = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;
	if (strcmp(base, "parsecd") != 0 && strcmp(base, "parsec-host") != 0)
		return -1;
	snprintf(name, size, "%s", base);
	for (arg = line; arg < line + len; arg += strlen(arg) + 1)
		if (!strcmp(arg, "--provider"))
			snprintf(name, size, "%s %s", base, arg + strlen(arg) + 1);
	return 0;
}

unsigned long process_peak(const char *pid)
{
	char path[300], line[256];
	unsigned long kib = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/status", pid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (!strncmp(line, "VmHWM:", 6))
			kib = strtoul(line + 6, NULL, 10);
	if (file)
		fclose(file);
	return kib;
}
