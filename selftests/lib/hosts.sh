# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For tests that look after parsecd's hosts, in the test machine: which process one is, and
# waiting for what comes about by itself.

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

# is_new NAME PID: is there a host that is not this process?
is_new()
{
	tap_now=$(host "$1")
	[ -n "$tap_now" ] && [ "$tap_now" != "$2" ]
}
