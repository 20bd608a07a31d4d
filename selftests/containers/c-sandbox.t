#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The examples of Documentation/examples: they let an application sign, and do nothing else.

. selftests/containers/lib.sh

examples=Documentation/examples
file=/usr/lib/os-release
# What parsecctl says when the kernel does not let it
not_allowed=EPERM

# Start the container anew, with the same name, with and without the filter
again()
{
	stop signer
	profile=$1
	start signing_crun signer 0
}

start_signing_crun()
{
	run_crun "$1" host ${profile:+"$profile"}
}

has_a_key()
{
	profile=
	start signing_crun signer 0 && inside signer parsecctl create-ecc-key -k release &&
		openssl dgst -sha256 -binary "$file" >"$box/signer/hash"
}

signer()
{
	inside signer "signer release $box/signer/hash $box/signer/signature" >"$out"
}

# Numbers up to the one that the device knows
everything_goes_without()
{
	signer && lines 128
}

signs()
{
	rm -f "$box/signer/signature"
	again "$examples/seccomp-sign-hash.json" && signer && test -s "$box/signer/signature"
}

# refused_inside ARGUMENT...: by the filter, and not for another reason
refused_inside()
{
	! inside signer parsecctl "$@" >"$out" && says "$not_allowed"
}

nothing_else()
{
	same 4 "$(cat "$out")" && refused_inside ping && refused_inside list-keys &&
		refused_inside delete-key -k release
}

other_programs_run()
{
	inside signer "python3 -IS -c 'import threading as t; t.Thread(target=print, args=[6]).start()' | sed s/6/7/" >"$out"
	same 7 "$(cat "$out")"
}

signature_is_good()
{
	again '' && inside signer "parsecctl verify -k release --signature $box/signer/signature $file" &&
		inside signer parsecctl delete-key -k release && stop signer
}

# unit NAME [OPTION]... COMMAND...: as a unit of its own, until it is done. Not with --wait or
# --pipe, for which systemd-run wants a message bus
unit()
{
	unit=$1
	shift
	systemd-run --quiet --collect --unit="$unit" -p Type=oneshot \
		-p StandardOutput="truncate:$scratch/unit-out" \
		-p StandardError="truncate:$scratch/unit-err" "$@" 2>"$scratch/systemd-run"
	code=$?
	cat "$scratch/unit-out"
	cat "$scratch/unit-err" >&2
	return $code
}

unit_is_valid()
{
	cp "$examples/parsec-signer.service" /run/systemd/system/ && systemctl daemon-reload &&
		expect 0 systemd-analyze verify --man=no parsec-signer.service && lines 0 "$err"
}

unit_signs()
{
	unit provide-signer parsecctl create-ecc-key -k release &&
		systemctl start parsec-signer || { journalctl -u parsec-signer; return 1; }
	unit provide-signer parsecctl verify -k release "$file" \
		--signature /run/parsec-signer/signature
}

unit_only_signs()
{
	refuses 1 '(1133)' unit parsec-signer-2 parsecctl delete-key -k release &&
		refuses 1 '(1133)' unit parsec-signer-2 parsecctl create-ecc-key -k more &&
		unit provide-signer parsecctl delete-key -k release
}

# A unit with the example's restrictions, and with other devices
unit_has_no_other_device()
{
	expect 0 unit closed -p DevicePolicy=closed -p DeviceAllow='/dev/parsec rw' parsecctl ping &&
		refuses 1 "$not_allowed" unit closed -p DevicePolicy=closed parsecctl ping &&
		refuses 1 "$not_allowed" unit closed -p SystemCallErrorNumber=EPERM \
			-p SystemCallFilter='~ioctl' parsecctl ping
}

profile_loads()
{
	cp "$box/bin/parsecctl" /usr/local/bin/parsec-signer &&
		apparmor_parser --replace "$examples/apparmor-parsec-signer"
}

profile_is_a_name()
{
	expect 0 /usr/local/bin/parsec-signer whoami --json &&
		json 'd["application"] == "confined"' 'd["facts"]["lsm"].startswith("parsec-signer")' &&
		expect 0 parsecctl whoami --json && json 'd["application"] == "0"'
}

profile_confines()
{
	expect 0 parsecctl generate-random -n 4 -o /dev/null &&
		refuses 1 '(1133)' /usr/local/bin/parsec-signer generate-random -n 4 || return
	sed '/^	.dev.parsec rw,/d' "$examples/apparmor-parsec-signer" >"$scratch/profile" &&
		apparmor_parser --replace "$scratch/profile" &&
		! expect 0 /usr/local/bin/parsec-signer ping && says EACCES "$err"
}

check 'the service runs' install_service
check 'the machine is prepared' prepare_boxes
check 'a container has a key' has_a_key
check 'without a filter it may ask for everything' everything_goes_without
check 'with the seccomp profile it signs' signs
check 'and does nothing else' nothing_else
check 'ordinary programs run under the profile' other_programs_run
check 'its signature is good' signature_is_good
check 'systemd has nothing to say about the unit' unit_is_valid
check 'the unit signs' unit_signs
check 'and does nothing else, by its rule' unit_only_signs
check 'systemd keeps units off the device' unit_has_no_other_device
check 'the AppArmor profile loads' profile_loads
check 'it gives its name to a rule' profile_is_a_name
check 'what it leaves out cannot be done' profile_confines
done_testing
