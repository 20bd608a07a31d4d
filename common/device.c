// SPDX-License-Identifier: Apache-2.0
/*
 * The device of a mount.
 */
#include "common/device.h"

#include <stdlib.h>

/* A line of mountinfo: "ID PARENT MAJOR:MINOR ...". Return: false for another mount */
static bool is_mount(const char *line, uint64_t mount, uint64_t *device)
{
	char *end;
	unsigned long major, minor;

	if (strtoull(line, &end, 10) != mount || *end != ' ')
		return false;
	strtoull(end, &end, 10);
	major = strtoul(end, &end, 10);
	if (*end != ':')
		return false;
	minor = strtoul(end + 1, &end, 10);
	*device = device_pack((unsigned int)major, (unsigned int)minor);
	return *end == ' ';
}

bool device_of_mount(FILE *mountinfo, uint64_t mount, uint64_t *device)
{
	char *line = NULL;
	size_t size = 0;
	bool found = false;

	while (!found && mountinfo && getline(&line, &size, mountinfo) > 0)
		found = is_mount(line, mount, device);
	free(line);
	return found;
}
