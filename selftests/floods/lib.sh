# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests of floods: programs whose results are results of a test, and their tables.

. selftests/cli/lib.sh

FLOODS_ROWS=$scratch/rows
FLOODS_PARSECD=$(pgrep -x parsecd)
export FLOODS_ROWS FLOODS_PARSECD

all_have_run()
{
	same "$(sed -n 's/^1\.\.//p' "$scratch/said")" "$(grep -c -E '^(not )?ok ' "$scratch/said")"
}

# run PROGRAM
run()
{
	"$PARSEC_BUILD/selftests/floods/$1" 2>&1 | tee "$scratch/said" |
		grep --line-buffered -v -e '^TAP' -e '^1\.\.'
	tap_count=$((tap_count + $(grep -c -E '^(not )?ok ' "$scratch/said")))
	check "all of $1 has run" all_have_run
}

# rows_are NAME FILE HEADING...: the table of all rows, which goes to FILE, is what the page has
rows_are()
{
	name=$1
	table=$2
	shift 2
	{
		printf '%s\t' "$@" | sed 's/\t$/\n/'
		cat "$FLOODS_ROWS"
	} >"$scratch/table"
	rst_table "$scratch/table" >"$table"
	check 'the table is what the page has, or else: make floods' \
		page_has "$name" Documentation/floods.rst "$table"
}
