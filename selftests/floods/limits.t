#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who asks for more than there is, or than it may have, is told so; others go on, and in the
# end all is as before. The page about it says the same.
#
#   limits.t [FILE]	the table goes to FILE, too

. selftests/floods/lib.sh

nothing_under_way()
{
	expect 0 parsecctl stats --json && json \
		'all(r.get("in_flight", 0) == 0 or r.get("application") == "0"
			for p in d["providers"] for r in p["callers"][1:])' \
		'all(p["up"] for p in d["providers"])' \
		'[a["uid"] for a in d["accounts"]] == [0]'
}

run limits_test
run memory_test
run overload_test
rows_are limits "${1:-$scratch/limits}" 'too much of' 'is what exceeds' 'who asks is' 'others are'
check 'in the end nothing is under way, and nobody is refused' nothing_under_way
done_testing
