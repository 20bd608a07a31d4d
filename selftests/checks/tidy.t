#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# clang-tidy, with the list of checks in .clang-tidy, over the programs and libraries.

. selftests/lib/tap.sh

# shellcheck disable=SC2046 # options, each a word
tidy()
{
	clang-tidy --quiet "$1" -- -std=gnu17 -D_GNU_SOURCE -I. -Iinclude -isystem include/uapi \
		-I"$PARSEC_BUILD" -Itools/lib $(pkg-config --cflags libnl-genl-3.0 p11-kit-1) \
		-DPROVIDER_DIR='""' -DPARSECD='""' -DPARSEC_VERSION='""' 2>/dev/null |
		grep -E '(warning|error): '
	return 0
}

# Each takes seconds: as many at a time as there are processors
if [ "${1:-}" = one ]; then
	mkdir -p "$2/$(dirname "$3")"
	tidy "$3" >"$2/$3"
	exit
fi
tracked 'helper/*.c' 'providers/*.c' 'tools/*.c' >"$scratch/files"
xargs -a "$scratch/files" -P "$(nproc)" -n 1 "$0" one "$scratch/out"
while read -r file; do
	silent "$file" cat "$scratch/out/$file"
done <"$scratch/files"
done_testing
