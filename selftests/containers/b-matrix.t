#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Containers of every kind: what each is called, whose keys it reaches, what becomes of a
# file of the device that changes hands. And that the page about it tells what happens.
#
#   b-matrix.t [FILE]: the page's tables into FILE, too

. selftests/containers/lib.sh

page=Documentation/containers.rst
tables=${1:-$scratch/tables}
names=$scratch/names
changes=$scratch/changes
tab=$(printf '\t')

# Whom a set-user-id program makes of a process, for it to be a change
program_of()
{
	case $1 in
	crun_userns) echo 100001 ;;
	crun | bwrap | unshare | chroot) echo 1002 ;;
	*) echo 0 ;;
	esac
}

# What using the file must come to after a change; "no: WHY" where a change cannot be made
outcome()
{
	case $1-$2 in
	# There is one user in their namespace, or no right to become another
	bwrap_userns-setuid | bwrap_user-setuid) echo 'no: EINVAL' ;;
	unshare_user-setuid | crun_rootless-setuid) echo 'no: EINVAL' ;;
	chroot_user-setuid | dynamic-setuid) echo 'no: EPERM' ;;
	# It is forbidden (no_new_privs), or the program's user is not in the namespace
	bwrap*-program | dynamic-program) echo 'no: same user' ;;
	unshare_user-program | crun_rootless-program) echo 'no: same user' ;;
	# The kernel makes none for processes with another root
	chroot*-userns) echo 'no: EPERM' ;;
	# There is none but of mounts
	chroot*-enter | dynamic-enter) echo 'no: same namespaces' ;;
	*) echo EPERM ;;
	esac
}

# tenant_is LINES COMMAND...: a tenant must say so
tenant_is()
{
	want=$1
	shift
	same "$want" "$("$@" 2>&1)"
}

# A process of the container, seen from outside
explained()
{
	expect 0 parsecctl explain --pid "$pid" &&
		same "$2" "$(sed -n 's/^application *//p' "$out")" &&
		says 'rule named does not match: cgroup is '
}

# In words what makes up a name: of which facts it is
meaning()
{
	uid=$(stat -c %u "/proc/$pid")
	case $1 in
	"/${group#/sys/fs/cgroup/}:$uid") echo 'cgroup and user' ;;
	0) echo 'root of the machine' ;;
	"$uid") echo 'its user' ;;
	*) echo "$1" ;;
	esac
}

# systemd takes what it finds unused out of this range
is_dynamic_user()
{
	[ "$1" -ge 61184 ] && [ "$1" -le 65519 ] && same "$(stat -c %u "/proc/$pid")" "$1"
}

is_called()
{
	if [ "$1" = DYNAMIC ]; then
		is_dynamic_user "$2"
	else
		same "$1" "$2"
	fi
}

# Changes: each is made after the file was opened and used, and says what using it is then

# A descriptor of the container in the hands of root of the machine, and the other way round
sent_out()
{
	probe take "$box/$1/socket" &
	inside "$1" "probe give $box/$1/socket" >"$scratch/still"
	wait $!
	same OK "$(cat "$scratch/still")"
}

sent_in()
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
		pid_of "$1" probe >"$groups/elsewhere/cgroup.procs" && : >"$box/$1/go"
	) &
	inside "$1" "probe moved $box/$1/go"
	wait $!
}

change()
{
	case $3 in
	out) sent_out "$2" ;;
	in) sent_in "$2" ;;
	program) inside "$2" "probe program $box/bin/probe-$(program_of "$1")" ;;
	setuid) inside "$2" 'probe setuid 1002' ;;
	userns) inside "$2" 'probe userns' ;;
	enter) probe enter "$pid" ;;
	moved) moved "$2" ;;
	esac
}

all_changes()
{
	printf '%s' "$2" >>"$changes"
	for change in out in program setuid userns enter moved; do
		got=$(change "$1" "$1-a" "$change" 2>"$err")
		printf '\t%s' "$got" >>"$changes"
		want=$(outcome "$1" "$change")
		check "$2: a file after \"$change\": $want" same "$want" "$got$(cat "$err")"
	done
	echo >>"$changes"
}

# Keys of a container with a rule, after another has taken its place
named()
{
	kept=lost
	start "$1" "named-$1-1" 0 &&
		tenant_is 'done' inside "named-$1-1" "tenant make kept-$1" &&
		stop "named-$1-1" && start "$1" "named-$1-2" 0 &&
		inside "named-$1-2" "tenant name use kept-$1 remove kept-$1" >"$scratch/named"
	stop "named-$1-2"
	same "named done done" "$(tr '\n' ' ' <"$scratch/named" | sed 's/ $//')" && kept=kept
}

# kind KIND TITLE STARTED-BY NAME REACH: the name that it must have; whether root of the
# machine and others of its kind share its keys, and it theirs
kind()
{
	check "$2 starts" start "$1" "$1-a" 0
	check "$2: another starts" start "$1" "$1-b" 1
	group=$(group_of "$1-a")
	pid=$(pid_of "$1-a" serve)
	inside "$1-a" "tenant name make of-$1 reach roots" >"$scratch/tenant" 2>"$err"
	{ read -r name; read -r made; read -r roots; } <"$scratch/tenant"
	check "$2 is called $4" is_called "$4" "$name"
	check "$2 is explained" explained "$1-a" "$name"
	check "$2 makes a key" same 'done' "$made$(cat "$err")"
	host=$(tenant reach "of-$1" 2>&1)
	check "$2: keys of root of the machine: $5" same "$5" "$roots"
	check "$2: its keys, for root of the machine: $5" same "$5" "$host"
	other=$(inside "$1-b" "tenant reach of-$1")
	check "$2: its keys, for another: $5" same "$5" "$other"
	check "$2: its key is as it was" tenant_is 'done' inside "$1-a" "tenant remove of-$1"
	row=$2$tab$3$tab$(meaning "$name")$tab$(reached "$roots" "$host")$tab$(reached "$other")
	all_changes "$1" "$2"
	stop "$1-a"
	stop "$1-b"
	check "$2: a name that outlives it, and the keys with it" named "$1"
	echo "$row$tab$kept" >>"$names"
}

# reached ANSWER...: of tenants
reached()
{
	case "$*" in
	yes | 'yes yes') echo shared ;;
	no | 'no no') echo apart ;;
	*) echo "in part: $*" ;;
	esac
}

page_is_right()
{
	page_has matrix "$page" "$tables"
}

printf 'container\tstarted by\tcalled\tkeys of root\tof another\twith a rule\n' >"$names"
printf 'container\tsent out\tsent in\tset-user-id\tsetuid\tunshare\tsetns\tmoved\n' >"$changes"

check 'the service runs' install_service
check 'the machine is prepared' prepare_boxes
check 'root of the machine has a key' tenant_is 'done' tenant make roots
kind crun crun root /boxes/crun-a:0 no
kind crun_userns 'crun with users of its own' root 100000 no
kind crun_rootless 'crun, rootless' 'a user' 1000 no
kind bwrap bubblewrap root /boxes/bwrap-a:0 no
kind bwrap_userns 'bubblewrap --unshare-user' root /boxes/bwrap_userns-a:0 no
kind bwrap_user 'bubblewrap, rootless' 'a user' 1000 no
kind unshare 'unshare --pid' root /boxes/unshare-a:0 no
kind unshare_user 'unshare --user' 'a user' 1000 no
kind dynamic 'unit with DynamicUser=' systemd DYNAMIC no
kind chroot chroot root 0 yes
kind chroot_user 'chroot --userspec' root 1000 no
{ rst_table "$names"; echo; rst_table "$changes"; } >"$tables"
check 'the tables are what the page has, or else: make containers' page_is_right
done_testing
