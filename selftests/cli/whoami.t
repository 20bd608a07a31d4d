#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who processes are to the service, as they are told: users, groups, namespaces, cgroups.

. selftests/cli/lib.sh

cgroups=/sys/fs/cgroup
inode()
{
	stat -Lc %i "/proc/self/ns/$1"
}

# is NAME COMMAND...: run by COMMAND, parsecctl must be told this application name
is()
{
	name=$1
	shift
	expect 0 "$@" parsecctl whoami --json && json "d['application'] == '$name'"
}

all_facts()
{
	expect 0 parsecctl whoami --json &&
		json 'd["application"] == "0" and not d["admin"] and not d["denied"]' \
			'not {"providers", "operations", "rule"} & d.keys()' \
			'd["facts"]["uid"] == 0 and d["facts"]["gid"] == 0' \
			'd["facts"]["init_userns"] and d["facts"]["init_pidns"]' \
			"d['facts']['userns'] == $(inode user)" \
			"d['facts']['pidns'] == $(inode pid)" \
			'd["facts"]["userns_level"] == 0 and d["facts"]["pid"] > 1' \
			'd["facts"]["start_time"] > 0' \
			"d['facts']['cgroup_path'] == '$(sed -n 's/^0:://p' /proc/self/cgroup)'" \
			"d['facts']['exe'].endswith('/parsecctl')" \
			"d['facts']['exe_ino'] == $(stat -c %i "$(command -v parsecctl)")"
}

as_text()
{
	expect 0 as alice parsecctl whoami && says 'application       1000' &&
		says 'because           a process of this machine is its user id' &&
		says 'administrator     no' && says 'providers         all' &&
		says 'uid               1000' && says ', the initial one' &&
		says 'executable        /'
}

facts_of_namespaces()
{
	expect 0 as alice unshare --user --map-root-user --pid --fork parsecctl whoami --json &&
		json 'd["application"] == "1000"' \
			'not d["facts"]["init_userns"] and not d["facts"]["init_pidns"]' \
			'd["facts"]["userns_level"] == 1 and d["facts"]["userns_owner"] == 1000' \
			"d['facts']['userns'] != $(inode user)" \
			"d['facts']['pidns'] != $(inode pid)"
}

cgroup_names()
{
	mkdir -p "$cgroups/whoami-test/inner" || return
	is /whoami-test/inner:0 sh -c "echo \$\$ >$cgroups/whoami-test/inner/cgroup.procs &&
		exec unshare --pid --fork \"\$@\"" - &&
		is 0 sh -c "echo \$\$ >$cgroups/whoami-test/inner/cgroup.procs && exec \"\$@\"" -
	code=$?
	rmdir "$cgroups/whoami-test/inner" "$cgroups/whoami-test"
	return $code
}

check 'all that the kernel says' all_facts
check 'the same in words' as_text
check 'what it says in namespaces' facts_of_namespaces
check 'a user is its number' is 1001 as bob
check 'so is one in a user namespace of its own' is 1000 as alice unshare --user
check 'and one in a container with a user namespace' \
	is 1000 as alice unshare --user --map-root-user --pid --fork
check 'a container without one is its cgroup and user' cgroup_names
done_testing
