#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The kernel's own style check over what could go into a kernel tree.

. selftests/lib/tap.sh

for file in kernel/*.[ch] include/uapi/linux/*.h; do
	silent "$file" perl "$PARSEC_BUILD/linux/scripts/checkpatch.pl" --no-tree --terse \
		--no-summary --strict --show-types -f "$file"
done
done_testing
