#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Rules of the configuration with real processes: which name each gets, what it may do,
# and that rules change while the service runs. Begins with no module loaded.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

module=$PARSEC_BUILD/module-$(uname -r)/parsec.ko
conf=/etc/parsec/parsecd.conf
log=$scratch/log
cgroups=/sys/fs/cgroup
# A program of its own on a file system with inodes of its own
tool=$scratch/bin/parsecctl

mkdir -p /etc/parsec "$scratch/bin" "$cgroups/rules-test/web-1/inner" "$cgroups/rules-test/web-2"
cp "$PARSEC_BUILD/tools/parsecctl/parsecctl" "$tool"
chmod 755 "$scratch" "$scratch/bin" "$tool"
trap 'kill -9 "$parsecd" 2>/dev/null; rm -rf "$scratch"' EXIT

# configure RULES: what the file says from now on
configure()
{
	cat >"$conf" <<-EOF_CONF
	[core]
	admins = 0
	[provider software]
	library = openssl.so
	id = 1
	[provider second]
	library = openssl.so
	id = 16
	uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11
	$1
	EOF_CONF
	chown root: "$conf"
	chmod 600 "$conf"
}

# reload WORDS: until the log has them
reload()
{
	: >"$log"
	kill -HUP "$parsecd"
	eventually grep -q "$1" "$log" || { cat "$log"; return 1; }
}

rules()
{
	configure "$1" && reload '3 of 3 hosts are running'
}

# in_cgroup PATH COMMAND...
in_cgroup()
{
	path=$1
	shift
	sh -c "echo \$\$ >$cgroups/$path/cgroup.procs && exec \"\$@\"" - "$@"
}

# is NAME COMMAND...: run by COMMAND, parsecctl must be told this application name
is()
{
	name=$1
	shift
	expect 0 "$@" whoami --json && json "d['application'] == '$name'"
}

starts()
{
	configure ''
	insmod "$module" || return
	start_parsecd 3 3 && is 1000 as alice parsecctl
}

hosts()
{
	pgrep -x parsec-host | sort | tr '\n' ' '
}

names()
{
	before=$(hosts)
	rules '[rule web]
	cgroup = /rules-test/web-*, /rules-test/web-1/**
	application = web
	[rule contained]
	container = yes
	userns = other
	application = contained
	[rule people]
	user = bob
	application = bobs' || return
	is web in_cgroup rules-test/web-1 parsecctl &&
		is web in_cgroup rules-test/web-1/inner parsecctl &&
		is web in_cgroup rules-test/web-2 unshare --pid --fork parsecctl &&
		is web in_cgroup rules-test/web-1 unshare --user --pid --fork parsecctl &&
		is contained as bob unshare --user --map-root-user --pid --fork parsecctl &&
		is bobs as bob parsecctl && is bobs as bob unshare --user parsecctl &&
		is 1000 as alice parsecctl && is /rules-test:0 in_cgroup rules-test \
			unshare --pid --fork parsecctl &&
		same "$before" "$(hosts)"
}

# An executable is the file that it was, wherever its path is
executables()
{
	rules "[rule tool]
	exe = $tool
	application = tool" || return
	is tool "$tool" && is 0 parsecctl || return
	# Another file under its name, and its file under another name
	mv "$tool" "$scratch/bin/other"
	cp "$scratch/bin/other" "$tool"
	is 0 "$tool" && is tool "$scratch/bin/other" && reload '3 of 3 hosts are running' &&
		is tool "$tool" && is 0 "$scratch/bin/other"
}

open_session()
{
	python3 -IS - "$1" <<-'EOF_PY'
	import fcntl, os, struct, sys, time
	OP = 0xC028D500
	fd = os.open("/dev/parsec", os.O_RDWR)
	def status(opcode, provider):
	    op = bytearray(struct.pack("=BBHIIIQIIQ", provider, 0, 0, 0, 0, 0, 0, 0, 0, 0))
	    try:
	        fcntl.ioctl(fd, OP | opcode, op)
	    except OSError as error:
	        return -error.errno
	    return struct.unpack_from("=H", op, 2)[0]
	print(status(1, 0), flush=True)
	while not os.path.exists(sys.argv[1]):
	    time.sleep(0.05)
	print(status(1, 0), flush=True)
	EOF_PY
}

# The file stays open: it is the next request that counts
open_files_follow()
{
	rules '' && rm -f "$scratch/go"
	open_session "$scratch/go" >"$scratch/statuses" &
	caller=$!
	eventually test -s "$scratch/statuses" || return
	rules '[rule nobody]
	uid = 0
	deny = yes' && : >"$scratch/go"
	wait "$caller"
	# EOVERFLOW: Ping answered, without room for what it answered
	same '-75 1133' "$(tr '\n' ' ' <"$scratch/statuses" | sed 's/ $//')"
}

denied()
{
	rules '[rule alice]
	user = alice
	providers = second
	operations = manage, sign
	[rule bob]
	user = bob
	deny = yes' || return
	refuses 1 '(1133)' as alice parsecctl --provider 1 create-ecc-key -k k &&
		expect 0 as alice parsecctl --provider 16 create-ecc-key -k k &&
		refuses 1 '(1133)' as alice parsecctl --provider 16 generate-random -n 5 &&
		expect 0 as alice parsecctl list-providers &&
		expect 0 as alice parsecctl --provider 16 delete-key -k k &&
		refuses 1 '(1133)' as bob parsecctl list-keys &&
		refuses 1 '(1133)' as bob parsecctl ping &&
		expect 0 as bob parsecctl whoami && says 'denied            everything' &&
		expect 0 parsecctl --provider 1 generate-random -n 5 -o /dev/null
}

# Keys go with the name, not with who had it
keys_follow_the_name()
{
	rules '[rule web]
	cgroup = /rules-test/web-*
	application = web' || return
	expect 0 in_cgroup rules-test/web-1 parsecctl create-ecc-key -k shared &&
		expect 0 in_cgroup rules-test/web-2 unshare --pid --fork \
			parsecctl list-keys && says shared &&
		expect 0 parsecctl list-keys && lines 0 &&
		expect 0 in_cgroup rules-test/web-2 parsecctl delete-key -k shared
}

explained()
{
	rules '[rule first]
	uid = 7
	application = seven
	[rule second]
	user = alice
	application = alices' || return
	setpriv --reuid=alice --regid=alice --init-groups sleep 1000 &
	sleeper=$!
	# Until it is alice who sleeps
	eventually grep -q "^Uid:.*1000" "/proc/$sleeper/status" || return
	expect 0 parsecctl explain --pid "$sleeper" &&
		says 'rule first does not match: uid is 1000' && says 'rule second matches: uid' &&
		says 'application       alices' &&
		expect 0 parsecctl explain --pid "$sleeper" --json &&
		json 'd["application"] == "alices" and d["rule"] == "second"' \
			'[r["matches"] for r in d["rules"]] == [False, True]' &&
		refuses 1 '(21)' as alice parsecctl explain --pid "$sleeper"
	code=$?
	kill "$sleeper"
	return $code
}

# What is said of a process from outside is what the kernel says when it opens the device
explained_as_it_is()
{
	python3 -IS -c '
import json, subprocess, sys
facts = []
for command in ["whoami"], ["explain", "--pid"]:
	if command == ["whoami"]:
		p = subprocess.run(["unshare", "--user", "--pid", "--fork", sys.argv[1], "whoami", "--json"],
			capture_output=True, text=True, check=True)
		facts.append(json.loads(p.stdout)["facts"])
	else:
		p = subprocess.Popen(["unshare", "--user", "--pid", "--fork", "sleep", "1000"])
		import os, time
		while True:
			children = open(f"/proc/{p.pid}/task/{p.pid}/children").read().split()
			if children and open(f"/proc/{children[0]}/comm").read() == "sleep\n": break
			time.sleep(0.1)
		out = subprocess.run([sys.argv[1], "explain", "--json", "--pid", children[0]],
			capture_output=True, text=True, check=True).stdout
		os.kill(int(children[0]), 9)
		p.wait()
		facts.append(json.loads(out)["facts"])
for key in "uid", "gid", "init_userns", "init_pidns", "userns_owner", "userns_level", "cgroup_path", "lsm":
	if facts[0].get(key) != facts[1].get(key):
		sys.exit(f"{key}: {facts}")' "$tool"
}

bad_rules_change_nothing()
{
	rules '[rule good]
	user = alice
	application = good' && before=$(hosts) || return
	configure '[rule bad]
	user = nosuchuser'
	reload 'the configuration stays as it was' &&
		grep -q 'user nosuchuser: there is no such user' "$log" &&
		is good as alice parsecctl || return
	configure '[rule bad]
	application = 1000'
	reload 'the configuration stays as it was' && grep -q 'application must be' "$log" &&
		is good as alice parsecctl && same "$before" "$(hosts)"
}

# While rules change, everybody is answered
reload_under_load()
{
	rm -f "$scratch/enough"
	: >"$scratch/failures"
	until [ -e "$scratch/enough" ]; do
		as alice parsecctl ping >/dev/null 2>>"$scratch/failures" ||
			echo failed >>"$scratch/failures"
	done &
	caller=$!
	for n in 1 2 3 4 5; do
		rules "[rule r$n]
	user = alice
	application = n$n" || break
	done
	: >"$scratch/enough"
	wait "$caller"
	same '' "$(cat "$scratch/failures")" && is n5 as alice parsecctl
}

# Hosts of other users would refuse the directories that it leaves
stops()
{
	kill "$parsecd"
	wait "$parsecd"
	same 0 $? && rmmod parsec && rmdir "$cgroups/rules-test/web-1/inner" \
		"$cgroups/rules-test/web-1" "$cgroups/rules-test/web-2" "$cgroups/rules-test" &&
		rm -rf /var/lib/parsec/* /run/parsec/*
}

check 'the service starts without rules' starts
check 'names by cgroup, container and user, in the order of the file' names
check 'an executable is a file and not a path' executables
check 'new rules are for files that are open, too' open_files_follow
check 'providers and operations can be denied, and everything' denied
check 'keys belong to the name' keys_follow_the_name
check 'explain says why' explained
check 'explain sees what the kernel sees' explained_as_it_is
check 'rules with mistakes change nothing' bad_rules_change_nothing
check 'nobody notices that rules change' reload_under_load
check 'it stops' stops
done_testing
