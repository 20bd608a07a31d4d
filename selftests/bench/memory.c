// SPDX-License-Identifier: Apache-2.0
/*
 * Memory of the helper's processes, after all the loads have been through them.
 *
 * Lines: "memory", name, resident KiB, of which nobody else has a share KiB.
 */
#include <ctype.h>
#include <dirent.h>
#include <stdio.h>
#include "selftests/bench/bench.h"
#include "selftests/bench/process.h"

static int read_rollup(const char *pid, unsigned long *resident, unsigned long *own)
{
	unsigned long value;
	char path[300], line[256];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%s/smaps_rollup", pid);
	file = fopen(path, "re");
	if (!file)
		return -1;
	*resident = *own = 0;
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "Rss: %lu", &value) == 1)
			*resident = value;
		else if (sscanf(line, "Private_Clean: %lu", &value) == 1 ||
			 sscanf(line, "Private_Dirty: %lu", &value) == 1)
			*own += value;
	}
	fclose(file);
	return 0;
}

int measure_memory(void)
{
	unsigned long resident, own;
	struct dirent *entry;
	char name[600];
	int found = 0;
	DIR *proc = opendir("/proc");

	while (proc && (entry = readdir(proc))) {
		if (!isdigit((unsigned char)entry->d_name[0]) ||
		    process_describe(entry->d_name, name, sizeof(name)) ||
		    read_rollup(entry->d_name, &resident, &own))
			continue;
		printf("memory\t%s\t%lu\t%lu\n", name, resident, own);
		found++;
	}
	if (proc)
		closedir(proc);
	if (!found)
		printf("failed\tmemory\tno process of the helper runs\n");
	return !found;
}
