#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl doctor: it finds nothing on a machine that is in order, and each problem on one
# that is not.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

conf=$scratch/conf
state=$scratch/state

# Where it looks for parsecd
mkdir -p /usr/libexec/parsec
ln -sf "$PARSEC_BUILD/helper/parsecd" /usr/libexec/parsec/parsecd

write_conf()
{
	printf '%s\n' "$@" >"$conf"
	chown root: "$conf"
	chmod 644 "$conf"
}

# good [LINE...]: a configuration with more in its provider's section
good()
{
	write_conf '[core]' "state_dir = $state" 'user = parsec-core' "${sandbox:-sandbox = required}" \
		'[provider software]' 'library = openssl.so' 'id = 1' 'user = parsec-openssl' "$@"
}

# A copy of the service's files, to be damaged
copy_state()
{
	rm -rf "$state" && cp -a /var/lib/parsec "$state" && good
}

# finds WHAT TEXT [OPTION...]: exit status 1, and one problem
finds()
{
	tap_what=$1
	tap_found=$2
	shift 2
	expect 1 parsecctl doctor --config "$conf" "$@" && says "PROBLEM  $tap_what" &&
		says "$tap_found" && same 1 "$(grep -c ^PROBLEM "$out")"
}

# locked_in HOST: it is said to be, and how
locked_in()
{
	says "ok       host $1" && grep -qE "^ok +host $1 +user $(stat -c %u "/proc/$(host "$1")"), no \
privileges, system calls filtered, files by Landlock [1-9]" "$out"
}

in_order()
{
	copy_state
	expect 0 parsecctl doctor --try --config "$conf" && lines 15 &&
		same 13 "$(grep -c '^ok ' "$out")" && says 'unknown  replies' &&
		says 'unknown  keys           only an administrator' && says 'application 0' &&
		says 'makes, uses and removes keys' && locked_in core && locked_in software &&
		parsecctl list-keys >"$out" && ! grep doctor "$out"
}

as_json()
{
	expect 0 parsecctl doctor --json --config "$conf" && json 'len(d) == 15' \
		'[e["check"] for e in d if e["result"] != "ok"] == ["replies", "keys"]' \
		'[e["check"] for e in d][:3] == ["module", "device", "configuration"]'
}

as_user()
{
	chmod 600 "$conf"
	expect 0 as alice parsecctl doctor --config "$conf" && says 'application 1000' &&
		says 'unknown  configuration' && says 'unknown  state' &&
		says 'unknown  audit log' && ! grep ^PROBLEM "$out"
	chmod 644 "$conf"
}

no_device()
{
	expect 1 parsecctl doctor --config "$conf" --device /nowhere &&
		says 'PROBLEM  device         /nowhere: No such file' &&
		says 'PROBLEM  interface' &&
		expect 1 parsecctl doctor --config "$conf" --device Makefile &&
		says 'Makefile is not a device; remove' &&
		finds interface 'cannot be opened' --device /dev/null
}

configuration()
{
	good && chmod 664 "$conf" && finds configuration 'can be written by others' &&
		good 'user_pin = 1234' && finds configuration 'has secrets in it' &&
		good 'user_pin = str:1' && finds configuration 'has secrets in it' &&
		write_conf '[core]' "state_dir = $state" 'user = parsec-core' 'worker = 1' &&
		finds configuration 'has mistakes' && says 'unknown key worker' "$err" &&
		good '[provider second]' 'library = openssl.so' 'id = 16' \
			'uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11' &&
		finds 'provider 16' 'is configured and not there' &&
		good '[provider second]' 'library = openssl.so' 'id = 16' 'skip_if_no_tpm = false' \
			'uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11' &&
		finds 'provider 16' 'is configured and not there' &&
		write_conf '[core]' && rm "$conf" &&
		finds configuration 'No such file or directory; install one'
}

# Others may read where a secret is, and that there is none; and a TPM may be absent
no_problem()
{
	copy_state && good 'user_pin = file:/etc/pin' 'owner_hierarchy_auth = str:' \
		'so_pin = hex:' 'empty_pin =' '[provider second]' 'library = openssl.so' 'id = 16' \
		'uuid = 4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11' 'skip_if_no_tpm = true' &&
		expect 0 parsecctl doctor --config "$conf" && says 'is in order' &&
		says 'unknown  provider 16    is not there, as skip_if_no_tpm allows'
}

files()
{
	copy_state && chmod 755 "$state/software" &&
		finds state "$state/software: user" && says 'mode 755' &&
		copy_state && chmod 640 "$state/software/master.key" &&
		finds state 'master.key: user' &&
		copy_state && chown alice "$state/software/keys.sqlite" &&
		finds state 'keys.sqlite: user 1000' &&
		copy_state && chmod 777 "$state" && finds state 'can be written by others' &&
		good && rm -rf "$state" && finds state 'No such file'
}

audit_log()
{
	copy_state && sed -i '1s/"event":"[a-z]*"/"event":"forged"/' "$state"/core/audit-*.log &&
		finds 'audit log' "$state/core/audit-" && says 'was changed'
}

silent_provider()
{
	copy_state
	pid=$(host software)
	kill -STOP "$pid"
	finds 'provider 1' 'cannot answer' --timeout 3
	status=$?
	kill -CONT "$pid"
	return $status
}

silent_core()
{
	pid=$(host core)
	kill -STOP "$pid"
	finds service 'core does not answer' --timeout 3
	status=$?
	kill -CONT "$pid"
	return $status
}

# A process that takes itself for a host of the software provider: fake COMMAND... it
fake()
{
	cp /bin/sh "$scratch/parsec-host" && mkfifo -m 666 "$scratch/never-written"
	# shellcheck disable=SC2016 # the host's argument
	"$@" "$scratch/parsec-host" -c 'read -r line <"$0"' "$scratch/never-written" \
		--provider software &
	until grep -qx parsec-host "/proc/$!/comm"; do
		kill -0 $! || return
	done
}

no_fake()
{
	kill $!
	wait $!
	rm "$scratch/never-written"
} 2>/dev/null

# has_rights COMMAND...: what the command leaves to a host is too much
has_rights()
{
	fake "$@" && finds 'host software' 'runs with more rights'
	status=$?
	no_fake
	return $status
}

other_user()
{
	fake setpriv --reuid=alice --clear-groups --no-new-privs &&
		finds 'host software' 'is of user 1000 and not of parsec-openssl, as configured'
	status=$?
	no_fake
	return $status
}

not_locked_in()
{
	fake setpriv --reuid=parsec-openssl --clear-groups --no-new-privs &&
		finds 'host software' 'is not locked in, as configured' &&
		sandbox='sandbox = off' good && expect 0 parsecctl doctor --config "$conf" &&
		says 'no privileges, not locked in'
	status=$?
	no_fake
	good
	return $status
}

kernel_complains()
{
	printf '<3>parsec: a complaint of a test\n' >/dev/kmsg
	finds 'kernel log' '1 complaints, the last one: parsec: a complaint of a test'
}

check 'nothing is wrong where nothing is' in_order
check 'the same as JSON' as_json
check 'a user sees less of it' as_user
check 'problems with the device' no_device
check 'problems with the configuration' configuration
check 'what is no problem of the configuration' no_problem
check 'problems with files' files
check 'an audit log that was changed' audit_log
check 'a provider that does not answer' silent_provider
check 'core that does not answer' silent_core
# Each lacks all but one of what is too much
check 'a host of root' has_rights \
	setpriv --bounding-set=-all --inh-caps=-all --no-new-privs
check 'a host with a capability' has_rights \
	setpriv --reuid=parsec-openssl --clear-groups --no-new-privs \
	--inh-caps=+kill --ambient-caps=+kill
check 'a host that could gain rights' has_rights \
	setpriv --reuid=parsec-openssl --clear-groups
check 'a host of another user' other_user
check 'a host that is not locked in' not_locked_in
check 'complaints of the kernel' kernel_complains
done_testing
