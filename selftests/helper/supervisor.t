#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The service as a whole: started without the module, with hosts that are killed under
# load, reloaded, killed itself. Begins with no module loaded.
#
# The grace period is longer than by default: an emulated machine with much to do may need more
# than 5 s to start a host, and then core says that there is none.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

module=$PARSEC_BUILD/module-$(uname -r)/parsec.ko
conf=/etc/parsec/parsecd.conf
log=$scratch/log
key=supervisor-test
own=4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11
grace=grace_ms=60000

mkdir -p /etc/parsec
cp tools/dist/parsecd.conf "$conf"
chown root: "$conf"
chmod 600 "$conf"
trap 'kill -9 "$parsecd" 2>/dev/null; rm -rf "$scratch"' EXIT

# logged N TEXT: so many lines of the log have it
logged()
{
	same "$1" "$(grep -cF -- "$2" "$log")" || { cat "$log"; return 1; }
}

reload()
{
	kill -HUP "$parsecd"
	eventually grep -q "$1" "$log"
}

waits_for_module()
{
	start_parsecd
	sleep 3
	same 1 "$(wc -l <"$log")" && logged 1 'module parsec is not loaded: modprobe parsec' &&
		kill -0 "$parsecd"
}

starts_with_module()
{
	insmod "$module" $grace && eventually expect 0 parsecctl ping &&
		eventually logged 1 '2 of 2 hosts are running' &&
		logged 1 'module parsec is loaded now' && logged 1 'module parsec is not loaded'
}

# status PID NAME: a line of /proc/PID/status
status()
{
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status" | tr '\t' ' '
}

# host_has_no_privileges HOST USER
host_has_no_privileges()
{
	pid=$(host "$1") && uid=$(id -u "$2") && gid=$(id -g "$2") &&
		same "$uid $uid $uid $uid" "$(status "$pid" Uid)" &&
		same "$gid $gid $gid $gid" "$(status "$pid" Gid)" &&
		for set in CapInh CapPrm CapEff CapBnd CapAmb; do
			same 0000000000000000 "$(status "$pid" $set)" || return
		done &&
		same 1 "$(status "$pid" NoNewPrivs)" && same 2 "$(status "$pid" Seccomp)" &&
		grep -q '^Max core file size  *0  *0 ' "/proc/$pid/limits"
}

# In every thread: capabilities belong to threads
threads_have_no_privileges()
{
	for pid in $(pgrep -x parsec-host); do
		cat "/proc/$pid"/task/*/status
	done >"$out"
	same "$(grep -c ^NoNewPrivs "$out")" "$(grep -c '^NoNewPrivs:.*1$' "$out")" &&
		same "$(grep -c ^NoNewPrivs "$out")" "$(grep -c '^Seccomp:.*2$' "$out")" &&
		! grep -E '^Cap(Prm|Eff|Inh|Bnd|Amb):.*[1-9a-f]' "$out"
}

# Its files in /proc are root's because it cannot be dumped
host_cannot_be_traced()
{
	pid=$(host software)
	same 0 "$(stat -c %u "/proc/$pid/environ")" &&
		! as parsec-openssl cat "/proc/$pid/environ" >/dev/null 2>&1
}

host_is_given_little()
{
	pid=$(host software)
	same 'PATH=/usr/sbin:/usr/bin:/sbin:/bin' "$(tr '\0' '\n' <"/proc/$pid/environ")" &&
		same / "$(readlink "/proc/$pid/cwd")" &&
		! readlink "/proc/$pid"/fd/* | grep -F "$scratch" | grep -vF "$log"
}

# CAP_KILL in force; chown, setgid, setuid, setpcap, net_admin besides it for the hosts
parsecd_has_few_privileges()
{
	same 0000000000000020 "$(status "$parsecd" CapEff)" &&
		same 00000000000011e1 "$(status "$parsecd" CapPrm)" &&
		same 00000000000011e1 "$(status "$parsecd" CapBnd)" &&
		same 1 "$(status "$parsecd" NoNewPrivs)"
}

files_are_closed_to_others()
{
	for file in /var/lib/parsec/software/*; do
		same '600 parsec-openssl' "$(stat -c '%a %U' "$file")" || return
	done
	same '700 parsec-openssl' "$(stat -c '%a %U' /var/lib/parsec/software)" &&
		same '755 root' "$(stat -c '%a %U' /var/lib/parsec)" &&
		same '755 root' "$(stat -c '%a %U' /run/parsec)" &&
		same '710 parsec-openssl parsec-core' \
			"$(stat -c '%a %U %G' /run/parsec/software)" &&
		same '666 parsec-openssl' "$(stat -c '%a %U' /run/parsec/software/sock)"
}

memory_is_locked()
{
	for pid in "$parsecd" $(pgrep -x parsec-host); do
		status "$pid" VmLck
	done >"$out"
	! grep '^ *0 kB' "$out"
}

# kB of all processes together, pages of libraries included, and what parsecd has for itself, which
# keeps nothing of any caller
memory_is_within_bounds()
{
	total=0
	for pid in "$parsecd" $(pgrep -x parsec-host); do
		rss=$(memory "$pid" Rss)
		echo "$(status "$pid" Name): $rss kB, $(memory "$pid" Anonymous) kB its own"
		total=$((total + rss))
	done
	echo "together: $total kB"
	[ "$total" -lt 20480 ] && [ "$(memory "$parsecd" Anonymous)" -lt 512 ]
}

# ask NAME COMMAND...: a caller that does not stop asking; each answer is a line of its file,
# each failure one of all callers' file
ask()
{
	asked=$scratch/asked.$1
	shift
	until [ -e "$scratch/enough" ]; do
		"$@" >/dev/null 2>>"$scratch/failures" || echo "$*: failed" >>"$scratch/failures"
		echo >>"$asked"
	done
}

# has_asked NAME TIMES
has_asked()
{
	[ "$(wc -l <"$scratch/asked.$1")" -ge "$2" ]
}

# What each caller waits for is answered, and then one more: no request lives through two deaths
all_go_on()
{
	for name in core random hash; do
		eventually has_asked "$name" $(($(wc -l <"$scratch/asked.$name") + 2)) || return
	done
}

# killed_under_load NAME: the host dies twice and nobody is told anything but the truth
killed_under_load()
{
	rm -f "$scratch/enough"
	: >"$scratch/failures"
	echo text >"$scratch/text"
	for name in core random hash; do
		: >"$scratch/asked.$name"
	done
	ask core parsecctl ping &
	callers=$!
	ask random as alice parsecctl generate-random -n 16 &
	callers="$callers $!"
	ask hash as bob parsecctl hash "$scratch/text" &
	callers="$callers $!"
	for _ in 1 2; do
		all_go_on || break
		old=$(host "$1")
		kill -9 "$old"
		eventually is_new "$1" "$old" || break
	done
	all_go_on
	went_on=$?
	: >"$scratch/enough"
	for caller in $callers; do
		wait "$caller"
	done
	logged 2 "host $1 was killed by signal 9" && same '' "$(cat "$scratch/failures")" &&
		same 0 "$went_on"
}

reload_changes_provider()
{
	core=$(host core)
	software=$(host software)
	echo 'workers = 2' >>"$conf"
	reload 'is read again' && eventually is_new software "$software" &&
		eventually expect 0 parsecctl list-keys && same "$core" "$(host core)"
}

bad_reload_changes_nothing()
{
	core=$(host core)
	software=$(host software)
	cp "$conf" "$scratch/good"
	echo 'workers = many' >>"$conf"
	reload 'the configuration stays as it was' && logged 1 'second workers' &&
		same "$core $software" "$(host core) $(host software)" &&
		expect 0 parsecctl ping || return
	cp "$scratch/good" "$conf"
}

# refuses_reload TEXT: the hosts stay, and TEXT says why
refuses_reload()
{
	core=$(host core)
	software=$(host software)
	: >"$log"
	reload 'the configuration stays as it was' && logged 1 "$1" &&
		same "$core $software" "$(host core) $(host software)" &&
		expect 0 parsecctl ping || return
	cp "$scratch/good" "$conf"
}

library_twice()
{
	printf '[provider second]\nlibrary = openssl.so\nid = 16\n' >>"$conf"
	refuses_reload 'has the library and so the UUID of [provider software]'
}

# That these are one library does not show in the file
copied_library()
{
	cp "$PARSEC_BUILD/providers/openssl.so" "$scratch/copy.so" && chmod 644 "$scratch/copy.so"
	printf '[provider second]\nlibrary = %s\nid = 16\n' "$scratch/copy.so" >>"$conf"
	refuses_reload '[provider second] has the UUID of [provider software]'
}

# One library twice, two names, ids and UUIDs, keys of their own
reload_adds_provider()
{
	printf '[provider second]\nlibrary = openssl.so\nid = 16\nuuid = %s\n' "$own" >>"$conf"
	: >"$log"
	reload '3 of 3 hosts are running' && expect 0 parsecctl list-providers --json &&
		json '[p["id"] for p in d] == [1, 16, 0]' &&
		json "[p['uuid'] == '$own' for p in d] == [False, True, False]"
}

# Its keys were made under another
changed_uuid()
{
	sed -i "s/^uuid = 4/uuid = 5/" "$conf"
	: >"$log"
	reload '2 of 3 hosts are running' &&
		says "provider_uuid is \"$own\", not \"5${own#4}\"" "$log" &&
		expect 0 parsecctl ping
}

reload_removes_provider()
{
	cp "$scratch/good" "$conf"
	: >"$log"
	reload '2 of 2 hosts are running' && expect 0 parsecctl list-providers --json &&
		json '[p["id"] for p in d] == [1, 0]' && same '' "$(host second)"
}

provider_that_is_refused()
{
	printf '[provider broken]\nlibrary = openssl.so\nid = 17\nuuid = %s\ncolour = blue\n' \
		"$own" >>"$conf"
	: >"$log"
	reload '2 of 3 hosts are running' && logged 1 'colour' &&
		logged 1 'host broken stays off' && expect 0 parsecctl ping || return
	cp "$scratch/good" "$conf"
	: >"$log"
	reload '2 of 2 hosts are running'
}

# Software that poses as a TPM
id_that_does_not_fit()
{
	printf '[provider tpm]\nlibrary = openssl.so\nid = 3\nuuid = %s\n' "$own" >>"$conf"
	printf '[provider tpm2]\nlibrary = openssl.so\nid = 17\nuuid = %s\n' \
		99bf319e-d3a6-4568-85bb-11795bef8341 >>"$conf"
	: >"$log"
	reload '2 of 4 hosts are running' && logged 1 'id 3 is for another kind of provider' &&
		logged 1 'bef8341 is of another kind of provider' &&
		expect 0 parsecctl ping || return
	cp "$scratch/good" "$conf"
	: >"$log"
	reload '2 of 2 hosts are running'
}

no_hosts()
{
	! pgrep -x parsec-host
}

killed_with_hosts()
{
	expect 0 as alice parsecctl create-ecc-key -k "$key" || return
	kill -9 "$parsecd"
	wait "$parsecd"
	eventually no_hosts || return
	start_parsecd
	eventually expect 0 as alice parsecctl list-keys --json &&
		json "any(k['name'] == '$key' for k in d)" &&
		expect 0 as alice parsecctl delete-key -k "$key"
}

# The callers' patience is the kernel's grace period
restarted_unnoticed()
{
	kill "$parsecd"
	parsecctl ping >"$out" 2>&1 &
	caller=$!
	wait "$parsecd"
	same 0 $? || return
	start_parsecd
	wait "$caller"
	same 0 $? || { cat "$out"; return 1; }
}

module_goes_and_comes_back()
{
	eventually logged 1 '2 of 2 hosts are running' && eventually rmmod parsec || return
	eventually logged 1 'module parsec is not loaded'
	sleep 2
	logged 1 'module parsec is not loaded' && insmod "$module" $grace &&
		eventually expect 0 parsecctl ping && logged 1 'module parsec is loaded now' &&
		logged 0 'warning'
}

stops()
{
	kill "$parsecd"
	wait "$parsecd"
	same 0 $? && no_hosts && rmmod parsec
}

# As the service manager would start it: with these capabilities at most, in it and below
works_as_a_unit()
{
	caps=$(sed -n 's/^CapabilityBoundingSet=//p' tools/dist/parsecd.service |
		tr 'A-Z ' 'a-z,' | sed 's/cap_/+/g')
	insmod "$module" $grace
	: >"$log"
	prlimit --memlock=unlimited \
		setpriv --bounding-set "-all,$caps" --inh-caps=-all --no-new-privs \
		"$PARSEC_BUILD/helper/parsecd" --provider-dir "$PARSEC_BUILD/providers" 2>>"$log" &
	parsecd=$!
	eventually logged 1 '2 of 2 hosts are running' && expect 0 parsecctl list-keys || return
	stops
}

user_that_is_not_there()
{
	sed 's/^user = parsec-core/user = nosuchuser/' tools/dist/parsecd.conf >"$conf"
	insmod "$module" $grace
	start_parsecd
	wait "$parsecd"
	same 1 $? && logged 2 'there is no user nosuchuser' && logged 1 'no host can run'
}

clash_stops_the_start()
{
	printf '[provider a]\nlibrary = openssl.so\nid = 16\n[provider b]\nlibrary = %s\nid = 17\n' \
		"$scratch/copy.so" >"$conf"
	start_parsecd
	wait "$parsecd"
	same 1 $? && lines 1 "$log" && says '[provider b] has the UUID of [provider a] in line 1, df93d95d' "$log" &&
		says 'give one of the two a uuid of its own' "$log"
}

check 'without the module it says so once and waits' waits_for_module
check 'it serves once the module is there' starts_with_module
check 'core has no privileges' host_has_no_privileges core parsec-core
check 'a provider has no privileges' host_has_no_privileges software parsec-openssl
check 'nor has any of their threads' threads_have_no_privileges
check 'a host cannot be traced' host_cannot_be_traced
check 'a host is given little' host_is_given_little
check 'parsecd keeps what it needs' parsecd_has_few_privileges
check 'keys and sockets are closed to others' files_are_closed_to_others
check 'all memory is locked' memory_is_locked
check 'resident memory is below 20 MiB, of parsecd itself below 512 KiB' memory_is_within_bounds
check 'a provider killed under load comes back unnoticed' killed_under_load software
check 'core killed under load comes back unnoticed' killed_under_load core
check 'resident memory is still below 20 MiB' memory_is_within_bounds
check 'a reload restarts the provider that changed' reload_changes_provider
check 'a reload with mistakes changes nothing' bad_reload_changes_nothing
check 'a library in two sections is refused' library_twice
check 'so is a copy of it' copied_library
check 'a reload adds a provider, with a UUID of its own' reload_adds_provider
check 'keys that were made under another UUID are left alone' changed_uuid
check 'a reload removes it again' reload_removes_provider
check 'a provider that refuses its options stays off' provider_that_is_refused
check 'an id or UUID of another kind of provider is refused' id_that_does_not_fit
check 'parsecd killed takes the hosts with it, keys stay' killed_with_hosts
check 'a restart goes unnoticed' restarted_unnoticed
check 'the module goes and comes back' module_goes_and_comes_back
check 'it stops and leaves nothing' stops
check 'it works within what its unit allows' works_as_a_unit
check 'a user that does not exist stops the start' user_that_is_not_there
check 'two libraries of one UUID stop the start' clash_stops_the_start
done_testing
