#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The installed service, as systemd runs it: with its sandbox, and without privileges that
# it does not need.

. selftests/containers/lib.sh

main_pid()
{
	systemctl show --property=MainPID --value parsecd
}

starts()
{
	install_service && systemctl is-active parsecd && return
	systemctl status --no-pager parsecd
	return 1
}

serves()
{
	expect 0 parsecctl create-ecc-key -k unit && expect 0 parsecctl list-keys && says unit &&
		expect 0 parsecctl delete-key -k unit
}

# What the unit takes away is not there for the processes
is_confined()
{
	pid=$(main_pid)
	grep -q '^NoNewPrivs:.*1' "/proc/$pid/status" &&
		grep -q '^Seccomp:.*2' "/proc/$pid/status" || return
	for file in /home/alice /dev/mem; do
		test -e "$file" || { echo "no $file"; return 1; }
		! nsenter --mount --target "$pid" test -e "$file" || { echo "$file"; return 1; }
	done
	! nsenter --mount --target "$pid" touch /etc/parsec/made
}

reloads()
{
	pid=$(main_pid)
	systemctl reload parsecd && expect 0 parsecctl ping && same "$pid" "$(main_pid)"
}

restarts()
{
	expect 0 parsecctl create-ecc-key -k kept && systemctl restart parsecd &&
		expect 0 parsecctl list-keys && says kept && expect 0 parsecctl delete-key -k kept
}

comes_back()
{
	pid=$(main_pid)
	[ "$pid" -gt 1 ] && kill -9 "$pid" || return
	for _ in $(seq 300); do
		[ "$(main_pid)" != "$pid" ] && systemctl is-active --quiet parsecd && break
		sleep 0.1
	done
	expect 0 parsecctl ping && ! same "$pid" "$(main_pid)"
}

logs()
{
	journalctl --no-pager -u parsecd >"$scratch/log" && says 'hosts are running' "$scratch/log"
}

check 'the installed service starts' starts
silent 'systemd has nothing to say about the unit' \
	systemd-analyze verify --man=no parsecd.service
check 'it serves' serves
check 'it is confined' is_confined
check 'systemctl reload changes no process' reloads
check 'systemctl restart keeps the keys' restarts
check 'systemd starts it again when it dies' comes_back
check 'its messages are in the journal' logs
done_testing
