#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Shell scripts without the usual traps, Python scripts that at least compile.

. selftests/lib/tap.sh

list=$scratch/list

# with INTERPRETERS: the tracked scripts that these run
with()
{
	tracked | while read -r file; do
		head -n 1 "$file" | grep -q -a -E "^#!.*[/ ]($1)( |\$)" && echo "$file"
	done
}

with 'sh|bash|dash' >"$list"
while read -r file; do
	# Sourced files are checked on their own
	silent "$file" shellcheck -x -S warning "$file"
done <"$list"
with python3 >"$list"
while read -r file; do
	silent "$file" python3 -c 'import sys; compile(open(sys.argv[1]).read(), sys.argv[1], "exec")' \
		"$file"
done <"$list"
done_testing
