#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The installed service, as systemd runs it: with its sandbox, and without privileges that
# it does not need.

. selftests/containers/lib.sh
. selftests/lib/hosts.sh

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

# parsecd gives up some of it by itself, so the unit is asked what it takes away
unit_says()
{
	same "$2" "$(systemctl show --property="$1" --value parsecd)"
}

unit_confines()
{
	unit_says NoNewPrivileges yes && unit_says UMask 0077 && unit_says LimitCORE 0 &&
		unit_says CapabilityBoundingSet \
			'cap_chown cap_kill cap_setgid cap_setuid cap_setpcap cap_net_admin'
}

# What is taken away is not there for the processes. One filter of system calls is parsecd's own
is_confined()
{
	pid=$(main_pid)
	cp "/proc/$pid/status" "$scratch/status" && cp "/proc/$pid/limits" "$scratch/limits" &&
		says 'NoNewPrivs:	1' "$scratch/status" &&
		says 'CapBnd:	00000000000011e1' "$scratch/status" &&
		says 'Umask:	0077' "$scratch/status" &&
		! grep 'Seccomp_filters:	[01]$' "$scratch/status" &&
		grep 'Max core file size *0 *0 ' "$scratch/limits" &&
		grep 'Max locked memory *unlimited *unlimited' "$scratch/limits" || return
	test -e /home/alice && ! nsenter --mount --target "$pid" test -e /home/alice || return
	! nsenter --mount --target "$pid" touch /etc/parsec/made
}

is_called()
{
	as alice parsecctl whoami --json >"$out" && json "d['application'] == '$1'"
}

# The new rule is in force, and no process is another one
reloads()
{
	before="$(main_pid) $(pgrep -x parsec-host)"
	cp "$conf" "$scratch/conf"
	printf '[rule reloaded]\nuid = 1000\napplication = reloaded\n' >>"$conf"
	is_called 1000 && systemctl reload parsecd && eventually is_called reloaded || return
	cp "$scratch/conf" "$conf"
	systemctl reload parsecd && eventually is_called 1000 &&
		same "$before" "$(main_pid) $(pgrep -x parsec-host)"
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
check 'the unit confines it' unit_confines
check 'it is confined' is_confined
check 'systemctl reload changes no process' reloads
check 'systemctl restart keeps the keys' restarts
check 'systemd starts it again when it dies' comes_back
check 'its messages are in the journal' logs
done_testing
