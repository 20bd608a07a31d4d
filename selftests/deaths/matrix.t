#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who dies, where a request is then, and which one: each combination, and that the page about
# it tells what happens. Begins with no module loaded.

. selftests/cli/lib.sh

page=Documentation/deaths.rst
table=$scratch/table

# Its results are results of this test
"$PARSEC_BUILD/selftests/deaths/matrix" "$table" 2>"$scratch/log" | tee "$scratch/results"
tap_count=$(grep -c -E '^(not )?ok' "$scratch/results")
grep -q '^not ok' "$scratch/results" && sed 's/^/# /' "$scratch/log" >&2

page_is_right()
{
	page_has matrix "$page" "$table" || { grep -v audit "$scratch/log"; return 1; }
}

# No row that is neither a key nor nothing
stores_are_whole()
{
	python3 -IS -c '
import sqlite3, sys
stores = ["queued", "before", "inside", "after", "reply"]
rows = [(store, row) for store in stores for row in sqlite3.connect(
    f"file:/var/lib/parsec/{store}/keys.sqlite?mode=rw", uri=True).execute(
        "SELECT state FROM key")]
print(rows)
sys.exit(bool(rows))'
}

check 'the table is what the page has, or else: make deaths' page_is_right
check 'nothing is left in the stores' stores_are_whole
done_testing
