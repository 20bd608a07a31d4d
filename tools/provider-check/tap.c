// SPDX-License-Identifier: Apache-2.0
/*
 * Results in TAP, on standard output.
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/provider-check/check.h"

bool tap_bail;

static unsigned int count, failed;

/* What is said before a fact that does not hold */
void because(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	fputs("# ", stdout);
	vprintf(format, args);
	putchar('\n');
	va_end(args);
}

bool fact(bool holds, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	count++;
	failed += !holds;
	printf("%sok %u - ", holds ? "" : "not ", count);
	vprintf(format, args);
	putchar('\n');
	fflush(stdout);
	va_end(args);
	if (!holds && tap_bail)
		exit(tap_end());
	return holds;
}

/* Return: exit status */
int tap_end(void)
{
	printf("1..%u\n", count);
	if (failed)
		printf("# %u of %u do not hold\n", failed, count);
	return failed ? 1 : 0;
}
