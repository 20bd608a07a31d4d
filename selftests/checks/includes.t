#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Knowledge goes one way: which folder may include headers of which other.

. selftests/lib/tap.sh

# Every header that a source comes to include, from the compiler, as "source header"
dependencies()
{
	tracked '*.c' | grep -v '^kernel/' | while read -r file; do
		gcc -MM -MG -D_GNU_SOURCE -I. -Iinclude -Iinclude/uapi -I"$PARSEC_BUILD" \
			-Itools/lib -I"$PARSEC_BUILD/ksft" "$file" | tr -d '\\\n' | tr -s ' ' '\n' |
			grep '\.h$' | sed -e "s|^$PARSEC_BUILD/||" -e "s|^|$file |"
	done
	# The kernel's sources have its headers too: here what they name themselves will do
	for file in kernel/*.c kernel/*.h; do
		sed -n 's/^#include ["<]\([^">]*\)[">].*/\1/p' "$file" | sed "s|^|$file |"
	done
}

all=$scratch/all
dependencies >"$all"

# never SOURCE HEADER: patterns of grep -E; no such source may include such a header
never()
{
	silent "$1 does not include $2" \
		sh -c '! grep -E "^($1)[^ ]* ([^ ]*/)?($2)" "$3"' - "$1" "$2" "$all"
}

check 'the compiler tells what is included' test -s "$all"
# libparsec shares the codec with the helper, and with it the words of provider.h
never 'tools/lib/' 'linux/parsec_netlink\.h|helper/[a-z0-9_]+\.h|providers/[a-z0-9]+/'
never 'tools/parsecctl/' 'linux/parsec|helper/|providers/'
never 'common/' 'parsec/|linux/parsec|helper/|kernel/|providers/|tools/'
never 'helper/' 'providers/[a-z0-9]+/|kernel/|tools/|linux/parsec\.h'
never 'providers/[a-z0-9]+/' 'helper/|kernel/|tools/|linux/parsec'
never 'kernel/(chardev|identity)\.c' 'genl\.h|linux/parsec_netlink\.h'
never 'kernel/(request|queue|worker)\.c' 'genl\.h|linux/parsec_netlink\.h|linux/parsec\.h'
never 'kernel/(netlink|genl)\.c' 'linux/parsec\.h'
never 'kernel/' 'helper/|providers/|tools/'
done_testing
