# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests with containers, which run in the test machine with systemd: the installed
# service, and one way to start containers of all kinds and to run commands in them.

. selftests/cli/lib.sh

# What containers see of the machine, besides its programs
box=/srv/box
groups=/sys/fs/cgroup/boxes
conf=/etc/parsec/parsecd.conf
PATH=$box/bin:$PATH

# What "make install" has put below a folder of its own, onto this machine, which has its module
install_service()
{
	systemctl is-active --quiet parsecd && return
	cp -a --no-preserve=ownership "$PARSEC_BUILD/containers/root/usr" / &&
		rm -f "$conf" && cp selftests/containers/parsecd.conf "$conf" &&
		chown root: "$conf" && chmod 600 "$conf" && systemctl daemon-reload &&
		systemctl start parsecd
}

# Folders that containers need; a root for those that are given one
prepare_boxes()
{
	[ -d "$groups" ] && return
	mkdir -p "$groups" "$box/bin" "$box/root" || return
	cp selftests/containers/serve "$PARSEC_BUILD/selftests/containers/probe" \
		"$PARSEC_BUILD/selftests/containers/signer" \
		"$PARSEC_BUILD/selftests/containers/tenant" \
		"$PARSEC_BUILD/tools/parsecctl/parsecctl" "$box/bin/" || return
	chmod -R a+rX "$box/bin"
	for kind in root chroot; do
		mkdir -p "$box/$kind/usr" "$box/$kind/dev" "$box/$kind/proc" \
			"$box/$kind$box" "$box/$kind/tmp" || return
		ln -s usr/bin usr/lib usr/lib64 usr/sbin "$box/$kind/" || return
	done
	for from in /usr /dev /proc "$box"; do
		mount --bind "$from" "$box/chroot$from" || return
	done
	# A program that changes the user: to root, to another, to the second user of containers
	for user in 0 1002 100001; do
		cp "$box/bin/probe" "$box/bin/probe-$user" && chown "$user:$user" "$box/bin/probe-$user" &&
			chmod 4755 "$box/bin/probe-$user" || return
	done
}

# in_group NAME COMMAND...: in a cgroup of its own
in_group()
{
	group=$groups/$1
	shift
	mkdir -p "$group" && sh -c "echo \$\$ >$group/cgroup.procs && exec \"\$@\"" - "$@"
}

# in_group_as NAME USER COMMAND...: and as this user, who is in no other groups
in_group_as()
{
	group_name=$1
	user=$2
	shift 2
	in_group "$group_name" setpriv --reuid="$user" --regid="$user" --clear-groups "$@"
}

bubblewrap()
{
	name=$1
	user=$2
	shift 2
	in_group_as "$name" "$user" bwrap "$@" --ro-bind /usr /usr --symlink usr/bin /bin \
		--symlink usr/lib /lib --symlink usr/lib64 /lib64 --proc /proc --dev /dev --dev-bind /dev/parsec /dev/parsec \
		--bind "$box" "$box" -- "$box/bin/serve" "$box/$name"
}

# make_bundle NAME USERS [SECCOMP-PROFILE]
make_bundle()
{
	mkdir -p "$box/$1/bundle"
	selftests/containers/bundle "$box" "$@" >"$box/$1/bundle/config.json"
}

run_crun()
{
	make_bundle "$@" && crun --cgroup-manager=cgroupfs run --bundle "$box/$1/bundle" "$1"
}

# One function for each kind of container. start_KIND NAME NUMBER: where the kind has users
# of its own, they are others for each number
start_chroot()
{
	in_group "$1" chroot "$box/chroot" "$box/bin/serve" "$box/$1"
}

start_chroot_user()
{
	in_group "$1" chroot --userspec="100$2:100$2" "$box/chroot" "$box/bin/serve" "$box/$1"
}

start_unshare()
{
	in_group "$1" unshare --pid --fork --mount-proc "$box/bin/serve" "$box/$1"
}

start_unshare_user()
{
	in_group_as "$1" "100$2" unshare --user --map-root-user --pid --fork --mount-proc \
		"$box/bin/serve" "$box/$1"
}

start_bwrap()
{
	bubblewrap "$1" 0 --unshare-pid --unshare-ipc --unshare-uts
}

start_bwrap_userns()
{
	bubblewrap "$1" 0 --unshare-all
}

start_bwrap_user()
{
	bubblewrap "$1" "100$2" --unshare-all
}

start_crun()
{
	run_crun "$1" host
}

start_crun_userns()
{
	run_crun "$1" "$((($2 + 1) * 100000))"
}

# A user makes the namespace of users in which crun finds nothing to be refused
start_crun_rootless()
{
	mkdir -p "$box/$1/state" && chmod 777 "$box/$1/state" && make_bundle "$1" own &&
		in_group_as "$1" "100$2" unshare --user --map-root-user --mount \
			crun --root "$box/$1/state" --cgroup-manager=disabled run \
			--bundle "$box/$1/bundle" "$1"
}

start_dynamic()
{
	systemd-run --quiet --collect --unit="$1" -p DynamicUser=yes -p DevicePolicy=closed \
		-p DeviceAllow='/dev/parsec rw' -p ReadWritePaths="$box" "$box/bin/serve" "$box/$1"
}

# start KIND NAME NUMBER: until it answers. Here and below few programs are run, as each costs
# a lot in an emulated machine
start()
{
	(
		umask 0
		rm -f "$box/$2/ask" "$box/$2/done" && mkdir -p "$box/$2" &&
			mkfifo "$box/$2/ask" "$box/$2/done" && : >"$box/$2/out"
	) || return
	"start_$1" "$2" "$3" >"$box/$2/log" 2>&1 </dev/null &
	# One that does not start listens to nobody
	# shellcheck disable=SC2016 # arguments of the inner shell
	timeout 60 sh -c 'echo true >"$1/ask" && read -r code <"$1/done"' - "$box/$2" ||
		{ cat "$box/$2/log"; return 1; }
}

# inside NAME COMMAND LINE: its output and exit status
inside()
{
	folder=$box/$1
	shift
	echo "$*" >"$folder/ask" && read -r code <"$folder/done" || return
	while IFS= read -r line || [ -n "$line" ]; do
		printf '%s\n' "$line"
	done <"$folder/out"
	return "$code"
}

# The cgroup that a container is in
group_of()
{
	if [ -d "$groups/$1" ]; then
		echo "$groups/$1"
	else
		echo "/sys/fs/cgroup/system.slice/$1.service"
	fi
}

# pid_of NAME PROGRAM: its number on this machine
pid_of()
{
	while read -r pid; do
		read -r comm <"/proc/$pid/comm" && [ "$comm" = "$2" ] && echo "$pid" && return
	done <"$(group_of "$1")/cgroup.procs"
	return 1
}

# is_empty GROUP: has no process, or is gone
is_empty()
{
	! read -r process 2>/dev/null <"$1/cgroup.procs"
}

stop()
{
	group_of_it=$(group_of "$1")
	echo 1 >"$group_of_it/cgroup.kill"
	until is_empty "$group_of_it"; do
		sleep 0.1
	done
	rmdir "$groups/$1" 2>/dev/null || :
}
