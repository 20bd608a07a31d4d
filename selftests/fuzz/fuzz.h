/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a fuzz target is: one function for any bytes, called by libFuzzer or, with the
 * seeds only, by replay.c.
 */
#ifndef SELFTESTS_FUZZ_H
#define SELFTESTS_FUZZ_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/** LLVMFuzzerTestOneInput() - the name is libFuzzer's. Return: 0 */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What must hold for every input; it ends the process, which is what a fuzzer looks for */
#define must(condition) do { \
	if (!(condition)) { \
		fprintf(stderr, "%s:%d: not true: %s\n", __FILE__, __LINE__, #condition); \
		abort(); \
	} \
} while (0)

#endif /* SELFTESTS_FUZZ_H */
