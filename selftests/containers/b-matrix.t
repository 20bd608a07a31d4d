#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Containers of every kind: what each is called, whose keys it reaches, what becomes of a
# file of the device that changes hands.

. selftests/containers/lib.sh

# Which user a set-user-id program is to be for it to have an effect, if one can have
program_of()
{
	case $1 in
	crun_userns) echo 100001 ;;
	*) echo 0 ;;
	esac
}

# name_in NAME: the application that a container is, as it is told
name_in()
{
	inside "$1" parsecctl whoami | sed -n 's/^application *//p'
}

# reach KEY COMMAND...: does COMMAND lead to a process that can use, list or destroy the key?
reach()
{
	key=$1
	shift
	"$@" "parsecctl list-keys" >"$scratch/list" 2>&1 || { echo "list-keys failed"; return; }
	"$@" "parsecctl sign -k $key /usr/lib/os-release" >"$scratch/sign" 2>&1 && used=yes || used=no
	if grep -qw "$key" "$scratch/list"; then
		echo "the same ($used)"
	elif [ "$used" = no ] && grep -q '(1140)' "$scratch/sign" &&
		! "$@" "parsecctl delete-key -k $key" >"$scratch/delete" 2>&1 &&
		grep -q '(1140)' "$scratch/delete"; then
		echo 'out of reach'
	else
		echo "in part"
		cat "$scratch/list" "$scratch/sign" "$scratch/delete" >&2
	fi
}

outside()
{
	sh -c "$*"
}

# A process of the container, seen from outside
explained()
{
	pid=$(pid_of "$1" serve) && expect 0 parsecctl explain --pid "$pid" &&
		same "$2" "$(sed -n 's/^application *//p' "$out")" &&
		says 'rule named does not match: cgroup is '
}

# A descriptor of the container in the hands of root of the machine, and the other way round
passed_out()
{
	probe take "$box/$1/socket" &
	inside "$1" "probe give $box/$1/socket" >"$scratch/still"
	wait $!
	same OK "$(cat "$scratch/still")"
}

passed_in()
{
	probe give "$box/$1/socket" >"$scratch/still" 2>&1 &
	inside "$1" "probe take $box/$1/socket"
	wait $!
	same OK "$(cat "$scratch/still")"
}

moved()
{
	(
		mkdir -p "$groups/elsewhere"
		for _ in $(seq 300); do
			[ -e "$box/$1/go.open" ] && break
			sleep 0.1
		done
		pid=$(pid_of "$1" probe) && echo "$pid" >"$groups/elsewhere/cgroup.procs" &&
			: >"$box/$1/go"
	) &
	inside "$1" "probe moved $box/$1/go"
	wait $!
}

descriptors()
{
	passed_out "$1"
	passed_in "$1"
	inside "$1" probe setuid 1002
	inside "$1" "probe program $box/bin/probe-$(program_of "$2")"
	inside "$1" probe userns
	probe enter "$(pid_of "$1" serve)"
	moved "$1"
}

# What is not EPERM cannot be done in the first place
all_refused()
{
	cat "$scratch/descriptors"
	lines 7 "$scratch/descriptors" && ! grep -v -e '^EPERM$' -e '^none: ' "$scratch/descriptors" &&
		[ "$(grep -c '^EPERM$' "$scratch/descriptors")" -ge 3 ]
}

named()
{
	start "$1" "named-$1-1" 0 && expect 0 inside "named-$1-1" parsecctl create-ecc-key -k "kept-$1" &&
		stop "named-$1-1" && start "$1" "named-$1-2" 0 &&
		expect 0 inside "named-$1-2" "parsecctl sign -k kept-$1 /usr/lib/os-release" &&
		same named "$(name_in "named-$1-2")" && stop "named-$1-2"
}

# kind KIND NAME WHOSE: the name it must have; whether root's keys are its own
kind()
{
	check "$1 starts" start "$1" "$1-a" 0
	check "$1: another starts" start "$1" "$1-b" 1
	name=$(name_in "$1-a")
	check "$1 is called $2" same "$2" "$name"
	check "$1 is explained" explained "$1-a" "$name"
	check "$1 makes a key" inside "$1-a" parsecctl create-ecc-key -k "of-$1"
	host=$(reach roots inside "$1-a")
	check "$1: keys of root of the machine are $3" same "$3" "$host"
	host=$(reach "of-$1" outside)
	check "$1: its keys, for root of the machine" same "$3" "$host"
	other=$(reach "of-$1" inside "$1-b")
	check "$1: its keys, for another" same "$3" "$other"
	check "$1: its key is as it was" inside "$1-a" parsecctl delete-key -k "of-$1"
	descriptors "$1-a" "$1" >"$scratch/descriptors" 2>"$err"
	check "$1: a file that changes hands is of no use" all_refused
	stop "$1-a"
	stop "$1-b"
	check "$1: a name that outlives it, and the keys with it" named "$1"
}

check 'the service runs' install_service
check 'the machine is prepared' prepare_boxes
check 'root of the machine has a key' parsecctl create-ecc-key -k roots
kind crun /boxes/crun-a:0 'out of reach'
kind crun_userns 100000 'out of reach'
kind bwrap /boxes/bwrap-a:0 'out of reach'
kind bwrap_userns /boxes/bwrap_userns-a:0 'out of reach'
kind bwrap_user 1000 'out of reach'
kind unshare /boxes/unshare-a:0 'out of reach'
kind unshare_user 1000 'out of reach'
kind chroot 0 'the same (yes)'
kind chroot_user 1000 'out of reach'
done_testing
