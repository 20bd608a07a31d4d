#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The threat model names tests that exist, and leaves out none of Parsec's open threats.

. selftests/lib/tap.sh

page=Documentation/threat-model.rst

named()
{
	grep -o 'selftests/[a-zA-Z0-9_./-]*' "$page" | sort -u
}

missing()
{
	named | while read -r file; do
		[ -f "$file" ] || echo "$file"
	done
}

# Parsec's unmitigated threats (there is no U-1)
open_threats()
{
	for id in U-0 U-2 U-3 U-4 U-5 U-6 U-7; do
		grep -q "^   \* - $id\$" "$page" || echo "$id"
	done
}

attackers()
{
	for id in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
		grep -B1 '^--*$' "$page" | grep -q -w "A$id" || echo "A$id"
	done
}

# The last cell of a row names a test or is marked as having none
rows_without_test()
{
	awk '
	function finish() {
		if (row != "" && last !~ /selftests|--|shown by/)
			print row
	}
	/^   \* -/ { finish(); row = FNR ": " $0; last = $0; next }
	/^     - / && row != "" { last = $0; next }
	/^       / && row != "" { last = last $0; next }
	!/^ / { finish(); row = "" }' "$page"
}

check 'the threat model names tests' sh -c 'test "$(grep -c selftests/ "$1")" -gt 20' - "$page"
silent 'each of them exists' missing
silent 'each threat that Parsec leaves open is there' open_threats
silent 'so is each attacker' attackers
silent 'each row names a test, or says that there is none' rows_without_test
done_testing
