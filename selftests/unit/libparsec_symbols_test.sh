#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What libparsec lets others see: its header's functions and nothing else. Runs in the
# top folder, from where it was built to.

lib=$(dirname "$0")/../../tools/lib

declared=$(grep -ohE '\bparsec_[a-z_]+\(' tools/lib/parsec.h tools/lib/attest.h \
	tools/lib/encrypt.h tools/lib/service.h | tr -d '(' | sort -u)
dynamic=$(nm -D --defined-only "$lib/libparsec.so" | sed -n 's/.* T \([a-z_]*\)@.*/\1/p' | sort)
static=$(nm -g --defined-only "$lib/libparsec.a" | sed -n 's/.* [A-Z] //p' | sort)

echo 'TAP version 13'
echo '1..4'
result()
{
	if [ "$2" = "$3" ]; then
		echo "ok $1 - $4"
	else
		echo "not ok $1 - $4"
		printf '%s\n' "$2" "--- expected:" "$3" | sed 's/^/# /'
	fi
}
result 1 "$dynamic" "$declared" 'the shared library exports what the header declares'
result 2 "$static" "$declared" 'so does the static one'
result 3 "$(objdump -p "$lib/libparsec.so" | sed -n 's/.*SONAME *//p')" libparsec.so.1 \
	'the shared library has its name'

# The example of the manual page, as a reader would copy it
example=$(sed -n '/^#include <parsec/,/^\.Ed/p' Documentation/man/libparsec.3 | sed '/^\.Ed/d' |
	sed 's|parsec/parsec\.h|tools/lib/parsec.h|' |
	"${CC:-gcc}" -std=c17 -Wall -Wextra -Werror -I. -Iinclude -fsyntax-only -x c - 2>&1)
result 4 "$example" '' 'the example of the manual page compiles'
