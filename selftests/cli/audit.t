#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The audit log of the running service: written, checked, tampered with.

. selftests/cli/lib.sh
forget_keys alice

state=/var/lib/parsec
copy=$scratch/copy

# last N: the last lines of the software provider's log
last()
{
	cat "$state"/software/audit-*.log | tail -n "$1"
}

written()
{
	expect 0 as alice parsecctl create-ecc-key -k secret-name &&
		expect 0 as alice parsecctl delete-key -k secret-name &&
		last 2 >"$out" && lines 2 && says '"event":"create"' &&
		says '"operation":"PsaDestroyKey"' && says '"application":"1000"' &&
		says '"status":0' &&
		says '"uid":1000,"pid":' && says '"cgroup":"/' && ! grep secret-name "$out" &&
		grep -q 'software: audit [0-9]* [0-9a-f]* {.*"event":"create"' "$PARSECD_LOG"
}

denied()
{
	refuses 1 '(21)' as alice parsecctl list-clients &&
		cat "$state"/core/audit-*.log >"$out" && says '"event":"denied"' &&
		says '"operation":"ListClients","opcode":27,"status":21'
}

verified()
{
	expect 0 parsecctl audit verify && lines 2 && says "$state/core: OK, lines 1 to" &&
		says "$state/software: OK, lines 1 to" &&
		expect 0 parsecctl audit verify "$state/core" && lines 1 &&
		expect 0 parsecctl audit verify --json &&
		json 'all(e["ok"] for e in d)' 'len(d) == 2' 'd[0]["denied"] >= 1' \
			'd[1]["lines"] == d[1]["last"]'
}

changed()
{
	rm -rf "$copy" && cp -a "$state/software" "$copy" &&
		sed -i '2s/"event":"[a-z]*"/"event":"forged"/' "$copy"/audit-*.log &&
		expect 1 parsecctl audit verify "$copy" && says '.log:2: was changed' &&
		expect 1 parsecctl audit verify --json "$copy" &&
		json 'not d[0]["ok"]' 'd[0]["problem"]["line"] == 2'
}

cut()
{
	rm -rf "$copy" && cp -a "$state/software" "$copy" &&
		sed -i '$d' "$copy"/audit-*.log &&
		expect 1 parsecctl audit verify "$copy" && says 'are missing at the end'
}

private()
{
	expect 4 as alice parsecctl audit verify && lines 0 &&
		says 'Permission denied' "$err" && says "$state/software" "$err" &&
		mkdir "$scratch/none" &&
		expect 4 parsecctl audit verify "$scratch/none" && says 'audit.key: No such file' "$err" &&
		expect 4 parsecctl audit verify /nowhere && lines 1 "$err" &&
		refuses 2 'audit verify' parsecctl audit
}

check 'making and removing a key is written, without its name' written
check 'what is refused is written' denied
check 'the log is in order' verified
check 'a changed line is found' changed
check 'a missing end is found' cut
check 'it is not for everybody, and not everywhere' private
done_testing
