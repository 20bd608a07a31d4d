/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which process is which, and the memory it had.
 */
#ifndef SELFTESTS_BENCH_PROCESS_H
#define SELFTESTS_BENCH_PROCESS_H

#include <stddef.h>

/**
 * process_describe() - the name of a process of the helper and what it was told to serve
 * @pid:	its folder in /proc
 *
 * Return: 0, or -1 when it is no process of the helper.
 */
int process_describe(const char *pid, char *name, size_t size);

/** process_peak() - the most KiB that were ever resident, 0 = cannot be told */
unsigned long process_peak(const char *pid);

#endif /* SELFTESTS_BENCH_PROCESS_H */
