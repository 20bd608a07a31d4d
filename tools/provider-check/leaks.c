// SPDX-License-Identifier: Apache-2.0
/*
 * What is left behind: memory, file descriptors, threads.
 */
#include <dirent.h>
#include <stdlib.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include "tools/provider-check/check.h"

#define CYCLES	5

static long entries(const char *path)
{
	DIR *dir = opendir(path);
	long count = 0;

	if (!dir)
		return -1;
	while (readdir(dir))
		count++;
	closedir(dir);
	return count;
}

/* One of the two is that of opendir() itself, both times */
void holdings_count(struct holdings *holdings)
{
	holdings->files = entries("/proc/self/fd");
	holdings->threads = entries("/proc/self/task");
}

bool holdings_equal(const struct holdings *a, const struct holdings *b)
{
	if (a->files != b->files)
		because("%ld more file descriptors are open", b->files - a->files);
	if (a->threads != b->threads)
		because("%ld more threads run", b->threads - a->threads);
	return a->files == b->files && a->threads == b->threads;
}

/* To open and close it leaves nothing, but for what the first time does for good */
void check_reopen(struct check *check)
{
	struct holdings first = { 0 }, now;
	long before = 0, blocks = 0;
	int growths = 0;

	for (int i = 0; i < CYCLES; i++) {
		if (!reopen(check)) {
			fact(false, "it closes and opens again");
			exit(tap_end());
		}
		ERR_clear_error();
		blocks = memory_blocks();
		growths += i && blocks > before;
		before = blocks;
		holdings_count(i ? &now : &first);
	}
	fact(holdings_equal(&first, &now) & (growths < CYCLES - 1),
	     "closing and opening it again leaves nothing behind");
}

static bool one_life(struct check *check, const struct parsec_capability *row)
{
	struct material known;
	struct subject subject;
	bool good;

	if (!row_key(check, row, &subject, &known))
		return false;
	good = !subject_load(check, &subject) && exercise(check, &subject, row, known.pkey);
	material_free(&known);
	return subject_destroy(check, &subject) == PARSEC_SUCCESS && good;
}

/* From create to destroy, again and again: does each leave blocks behind? */
static bool row_leaks(struct check *check, const struct parsec_capability *row)
{
	long before = 0, blocks;
	int growths = 0, cycles = is_slow(row) ? 3 : CYCLES;

	for (int i = 0; i < cycles; i++) {
		if (!one_life(check, row))
			return false;
		ERR_clear_error();
		blocks = memory_blocks();
		growths += i && blocks > before;
		before = blocks;
	}
	if (growths == cycles - 1)
		because("each key leaves blocks of memory behind");
	return growths < cycles - 1;
}

void check_leaks(struct check *check)
{
	for (size_t i = 0; i < check->plugin.caps.count; i++) {
		const struct parsec_capability *row = &check->plugin.caps.rows[i];

		if (!like_before(check, i) || check->full)
			fact(row_leaks(check, row), "%s: leaves no memory behind",
			     name_of_key(row, row->bits[0]));
	}
}

/* The provider is closed. What nobody points to any more was forgotten */
void check_lost(void)
{
#ifdef __SANITIZE_ADDRESS__
	fact(!__lsan_do_recoverable_leak_check(), "LeakSanitizer finds nothing");
#endif
}
