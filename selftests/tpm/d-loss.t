#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# TPMs that go, come back, hang, are reset, cleared and exchanged, under the service: keys work
# again or say why not, and nobody who uses the other provider notices.
#
# The first TPM is the machine's, whose driver can be taken away. The others are simulated ones
# in the machine, behind a proxy of the kernel. Numbers of devices are not stable, for IMA keeps
# that of the first TPM: the configuration has a link, as a udev rule would make. Nothing in this
# machine finds its TPM where it was after that.

. selftests/tpm/lib.sh

# A name that stays
link=/dev/tpm-link
exchanged='the TPM was cleared or exchanged'
driver=/sys/bus/acpi/drivers/tpm_crb
acpi=MSFT0101:00
proxy=''
others=''
users=''

clean_up()
{
	for tap_pid in $parsecd $proxy $others $users; do
		kill -9 "$tap_pid"
	done
	for tap_at in "$scratch"/swtpm*; do
		swtpm_ioctl -s --unix "$tap_at/tpm.ctrl"
	done
	rm -rf "$scratch"
} 2>/dev/null
trap clean_up EXIT

uses_the_link()
{
	configure "devices = $link" "tcti = device:$link" "$@"
}

software_signs()
{
	as bob parsecctl --provider software --timeout 5 sign -k own "$file"
}

# busy NAME COMMAND...: again and again, until $scratch/enough is there, with a line in
# $scratch/NAME.done for each time, and in $scratch/NAME.failed for each that failed
busy()
{
	tap_name=$1
	shift
	: >"$scratch/$tap_name.done"
	: >"$scratch/$tap_name.failed"
	until [ -e "$scratch/enough" ]; do
		"$@" >/dev/null 2>"$scratch/$tap_name.said" ||
			echo "failed: $(cat "$scratch/$tap_name.said")" >>"$scratch/$tap_name.failed"
		echo >>"$scratch/$tap_name.done"
	done
}

# Somebody who uses the provider in software all the time. It is not the TPM that they wait for
others_begin()
{
	rm -f "$scratch/enough"
	busy others software_signs &
	others=$!
}

# are_busy NAME TIMES: more than when this began
are_busy()
{
	eventually have_done "$1" $(($(wc -l <"$scratch/$1.done") + $2))
}

have_done()
{
	[ "$(wc -l <"$scratch/$1.done")" -ge "$2" ]
}

others_noticed_nothing()
{
	: >"$scratch/enough"
	wait "$others"
	others=''
	[ ! -s "$scratch/others.failed" ] || { cat "$scratch/others.failed"; return 1; }
}

tpm_signs()
{
	tpm sign -k "$1" --der "$file" >"$sig" && tpm export-public-key -k "$1" >"$pem" &&
		expect 0 openssl dgst -sha256 -verify "$pem" -signature "$sig" "$file"
}

has_gone()
{
	[ ! -e "$1" ]
}

logged()
{
	same "$1" "$(grep -cF -- "$2" "$log")" || { cat "$log"; return 1; }
}

# The driver's device, whatever its number is
bind()
{
	echo "$acpi" >"$driver/bind" &&
		ln -sfn "$(echo "$driver/$acpi/tpmrm"/tpmrm* | sed 's,.*/,/dev/,')" "$link" && let_in
}

# The driver goes while two sign: they get a definite status
removed_under_load()
{
	others_begin
	busy users tpm sign -k key "$file" &
	users=$!
	are_busy users 3 && echo "$acpi" >"$driver/unbind" && eventually has_gone "$link" &&
		are_busy users 3 && expect 1 tpm sign -k key "$file" && says '(1145)' "$err" &&
		are_busy others 3 && eventually logged 1 "$link is gone: starting anew"
}

comes_back()
{
	bind && eventually tpm_signs key && are_busy others 3 && others_noticed_nothing || return
	wait "$users"
	users=''
	grep -q 1145 "$scratch/users.failed" && ! grep -v '(1145)' "$scratch/users.failed"
}

# Away and back before anybody looks: the node is another one, and so must be the host
replaced_unseen()
{
	echo "$acpi" >"$driver/unbind" && bind && eventually tpm_signs key &&
		logged 1 "$link is another device than before: starting anew"
}

# simulate NUMBER: a TPM with the state that it had
simulate()
{
	mkdir -p "$scratch/swtpm$1" && selftests/lib/swtpm-start "$scratch/swtpm$1" || return
	python3 -IS selftests/tpm/vtpm.py "$scratch/swtpm$1/tpm" >"$scratch/number" &
	proxy=$!
	eventually test -s "$scratch/number" && number=$(cat "$scratch/number") &&
		eventually test -c "/dev/tpmrm$number" && let_in &&
		ln -sfn "/dev/tpmrm$number" "$link"
}

# unplug NUMBER: the host ends when it notices
unplug()
{
	kill "$proxy" && swtpm_ioctl -s --unix "$scratch/swtpm$1/tpm.ctrl" &&
		eventually has_gone "$link" && tap_old=$(host tpm) || return
	tpm generate-random -n 1 >/dev/null 2>&1
	[ -z "$tap_old" ] || eventually is_not "$tap_old"
}

is_not()
{
	[ "$(host tpm)" != "$1" ]
}

# The next one is meant to be another
without_a_tpm()
{
	stop_parsecd && rm "$link" /var/lib/parsec/tpm/parent && uses_the_link &&
		start_parsecd 2 3 && software_signs >/dev/null && logged 0 '3 of 3'
}

appears()
{
	modprobe tpm_vtpm_proxy && simulate 1 && eventually tpm create-ecc-key -k first &&
		tpm_signs first && logged 0 "$exchanged"
}

# Told to do without: it is said once, and not tried again until the configuration is read
skipped()
{
	unplug 1 && stop_parsecd &&
		uses_the_link 'skip_if_no_tpm = true' && start_parsecd 2 3 &&
		eventually logged 1 "there is no TPM at device:$link" &&
		eventually logged 1 'host tpm stays off' && software_signs >/dev/null &&
		simulate 1 && sleep 3 && same '' "$(host tpm)" && kill -HUP "$parsecd" &&
		eventually tpm_signs first && tap_old=$(host tpm) &&
		uses_the_link && kill -HUP "$parsecd" &&
		eventually is_new tpm "$tap_old" && eventually tpm_signs first
}

# Power was off: what was in the TPM is not there, and what the kernel has kept of it is void
reset()
{
	tpm_signs first && swtpm_ioctl -i --unix "$scratch/swtpm1/tpm.ctrl" &&
		tpm2_startup -T "device:/dev/tpm$number" --clear && tpm_signs first &&
		tpm create-ecc-key -k second && tpm_signs second && tpm delete-key -k second
}

unplugged_and_back()
{
	unplug 1 && simulate 1 && eventually tpm_signs first
}

other_tpm_says_so()
{
	eventually tpm generate-random -n 1 && refuses 1 '(1147)' tpm sign -k first "$file" &&
		refuses 1 '(1147)' tpm sign -k first "$file" &&
		logged 1 "$exchanged" &&
		tpm list-keys >"$out" && says first && tpm create-ecc-key -k "$1" && tpm_signs "$1"
}

exchanged()
{
	unplug 1 && : >"$log" && simulate 2 && other_tpm_says_so second
}

exchanged_back()
{
	unplug 2 && : >"$log" && simulate 1 && eventually tpm_signs first &&
		logged 0 "$exchanged" &&
		refuses 1 '(1147)' tpm sign -k second "$file" && tpm delete-key -k second
}

# By its owner while the service uses it
cleared()
{
	: >"$log"
	tpm2_clear -T "device:$link" -c l && other_tpm_says_so third && stop_parsecd &&
		start_parsecd 3 3 && other_tpm_says_so fourth
}

# A TPM that says nothing: who uses it waits or gives up, and the others do not wait
hangs()
{
	others_begin
	are_busy others 1 && kill -STOP "$proxy" || return
	refuses 3 'no answer within the time' tpm sign -k fourth --timeout 2 "$file" &&
		are_busy others 5 && expect 0 as bob parsecctl list-keys --provider software &&
		kill -CONT "$proxy" && eventually tpm_signs fourth && others_noticed_nothing
}

starts()
{
	rm -rf /var/lib/parsec/* /run/parsec/*
	let_in && ln -sfn /dev/tpmrm0 "$link" &&
		uses_the_link && start_parsecd 3 3 &&
		tpm create-ecc-key -k key && as bob parsecctl --provider software create-ecc-key -k own
}

check 'the service starts and there are keys' starts
check 'the TPM is taken away under load' removed_under_load
check 'it comes back and keys work, of which others notice nothing' comes_back
check 'away and back before anybody looks' replaced_unseen
check 'without a TPM the others are served' without_a_tpm
check 'one that appears is used' appears
check 'one that may be missing is not waited for' skipped
check 'a reset is not noticed' reset
check 'one that was unplugged has its keys' unplugged_and_back
check 'keys of a TPM that was exchanged say so' exchanged
check 'and work when it is there again' exchanged_back
check 'keys of a TPM that was cleared say so' cleared
check 'nobody but its users waits for a TPM that hangs' hangs
check 'it stops' end
done_testing
