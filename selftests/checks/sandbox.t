#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What Documentation/sandbox.rst says of the sandbox is what there is: no call or path in
# the tables of the code that is missing there, and none there that is not in the code.

. selftests/lib/tap.sh

page=Documentation/sandbox.rst

# Calls that end a host, but for forms that only 32-bit architectures have
deadly()
{
	sed -n '/^static const int deadly/,/END/p; /^static const int never/,/END/p' \
		helper/sandbox_calls.c | grep -o 'CALL([a-z0-9_]*)' | sed 's/CALL(\(.*\))/\1/' |
		grep -vE '^(set.*32|clock_settime64)$' | sort
}

# Calls in the page's table of them, but for those with conditions
deadly_in_page()
{
	sed -n '/^\*\*The host is killed/,/^\*\*ENOSYS/p' "$page" | grep -o '``[a-z0-9_]*``' |
		tr -d '`' | grep -vxE 'clone|kill|tgkill' | sort
}

paths()
{
	sed -n '/^} common/,/^};/s/.*{ "\([^"]*\)".*/\1/p' helper/sandbox_files.c | sort
}

paths_in_page()
{
	sed -n '/^By Landlock/,/^Core has/p' "$page" | grep -o '``/[^`]*``' | tr -d '`' | sort
}

# the_same ONE OTHER: what both print, which is something
the_same()
{
	"$1" >"$scratch/one"
	"$2" >"$scratch/other"
	[ -s "$scratch/one" ] && diff "$scratch/one" "$scratch/other"
}

check 'the calls that end a host are those of the page' the_same deadly deadly_in_page
check 'the paths that hosts can open are those of the page' the_same paths paths_in_page
done_testing
