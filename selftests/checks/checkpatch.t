#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The kernel's own style check over what could go into a kernel tree.

. selftests/lib/tap.sh

# What a file is for decides what it may do that others may not
allowed()
{
	case $1 in
	kernel/compat.h) echo LINUX_VERSION_CODE,CONSTANT_COMPARISON ;;
	kernel/trace.h) echo PARENTHESIS_ALIGNMENT,OPEN_ENDED_LINE ;;
	*) echo NONE ;;
	esac
}

for file in kernel/*.[ch] include/uapi/linux/*.h; do
	silent "$file" perl "$PARSEC_BUILD/linux/scripts/checkpatch.pl" --no-tree --terse \
		--no-summary --strict --show-types --ignore "$(allowed "$file")" -f "$file"
done
done_testing
