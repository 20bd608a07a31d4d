// SPDX-License-Identifier: Apache-2.0
/*
 * Runs a fuzz target over its seeds, in the order of their names, without a fuzzer. TAP
 * on standard output; an input that the target does not survive ends the process, after
 * its name.
 */
#include <dirent.h>
#include <string.h>

#include "selftests/fuzz/fuzz.h"

#define SEED_MAX	(64 * 1024)

/* Exactly as large as the input, so that reading beyond its end is noticed */
static uint8_t *read_seed(const char *path, size_t *size)
{
	uint8_t *data = malloc(SEED_MAX), *exact;
	FILE *file = fopen(path, "rb");

	if (!file || !data) {
		perror(path);
		exit(1);
	}
	*size = fread(data, 1, SEED_MAX, file);
	fclose(file);
	exact = malloc(*size ? *size : 1);
	if (!exact)
		exit(1);
	memcpy(exact, data, *size);
	free(data);
	return exact;
}

static int is_seed(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
	const char *folder = argc > 1 ? argv[1] : SEEDS;
	struct dirent **seeds;
	int count = scandir(folder, &seeds, is_seed, alphasort);

	if (count <= 0) {
		printf("Bail out! no seeds in %s\n", folder);
		return 1;
	}
	printf("TAP version 13\n1..%d\n", count);
	for (int i = 0; i < count; i++) {
		char path[4096];
		uint8_t *data;
		size_t size;

		snprintf(path, sizeof(path), "%s/%s", folder, seeds[i]->d_name);
		printf("# %s\n", path);
		fflush(stdout);
		data = read_seed(path, &size);
		LLVMFuzzerTestOneInput(data, size);
		printf("ok %d %s\n", i + 1, seeds[i]->d_name);
		free(data);
		free(seeds[i]);
	}
	free(seeds);
	return 0;
}
