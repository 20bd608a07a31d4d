# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For tests that look after parsecd and its hosts, in the test machine: start and end, which process
# one is, and waiting for what comes about by itself.

# eventually COMMAND...: it must succeed within a minute, for the machine may have much to do
eventually()
{
	for _ in $(seq 300); do
		"$@" >/dev/null 2>&1 && return
		sleep 0.2
	done
	"$@"
}

# host NAME: process of the host of this provider, or of core
host()
{
	for tap_pid in $(pgrep -x parsec-host); do
		case $(tr '\0' ' ' <"/proc/$tap_pid/cmdline") in
		*"--provider $1 "*) echo "$tap_pid" ;;
		esac
	done
}

# memory PID FIELD: kB by the kernel's list of its mappings: Rss, Anonymous. What the kernel says in
# status is a sum that each thread brings up to date by the quarter of a MiB.
memory()
{
	sed -n "s/^$2: *\([0-9]*\) kB/\1/p" "/proc/$1/smaps_rollup"
}

# is_new NAME PID: is there a host that is not this process?
is_new()
{
	tap_now=$(host "$1")
	[ -n "$tap_now" ] && [ "$tap_now" != "$2" ]
}

# start_parsecd [RUNNING HOSTS]: as process $parsecd, which says into a new $log what it does, and
# until so many of its hosts run
start_parsecd()
{
	: >"$log"
	"$PARSEC_BUILD/helper/parsecd" --provider-dir "$PARSEC_BUILD/providers" 2>>"$log" &
	parsecd=$!
	[ $# = 0 ] || eventually grep -q "$1 of $2 hosts are running" "$log" ||
		{ cat "$log"; return 1; }
}

# It is told to end, and must end well
stop_parsecd()
{
	kill "$parsecd" && wait "$parsecd"
}
