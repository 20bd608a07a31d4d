# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests of the TPM provider, which run in a test machine that has a TPM: the service,
# with a provider in software beside it, as an administrator sets it up.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

conf=/etc/parsec/parsecd.conf
log=$scratch/log
file=$scratch/file
sig=$scratch/sig
pem=$scratch/pem
parsecd=''
trap 'kill -9 $parsecd 2>/dev/null; rm -rf "$scratch"' EXIT

# What udev and an administrator do: the group of those who may use TPMs, the provider's user
# in it
let_in()
{
	for tap_device in /dev/tpmrm[0-9]*; do
		chgrp tss "$tap_device" && chmod 660 "$tap_device" || return
	done
	usermod -a -G tss parsec-tpm
}

# configure [LINE...]: a section of the TPM with these lines besides the usual ones
configure()
{
	cat >"$conf" <<-end
	[core]
	user = parsec-core
	[provider software]
	library = openssl.so
	id = 1
	user = parsec-openssl
	[provider tpm]
	library = tpm.so
	id = 3
	user = parsec-tpm
	end
	[ $# = 0 ] || printf '%s\n' "$@" >>"$conf"
	chmod 600 "$conf"
}

# Begin and end of every test
begin()
{
	rm -rf /var/lib/parsec/* /run/parsec/*
	let_in && configure "devices = /dev/tpmrm0" && start_parsecd 3 3
}

end()
{
	stop_parsecd
	same 0 $?
}

# tpm COMMAND...: of parsecctl, as alice, with the TPM
tpm()
{
	tap_command=$1
	shift
	as alice parsecctl "$tap_command" --provider tpm "$@"
}

# verifies KEY HASH [OPTION-OF-OPENSSL]...: what it signs does, with openssl and its public key
verifies()
{
	tap_key=$1
	tap_hash=$2
	shift 2
	tpm export-public-key -k "$tap_key" >"$pem" &&
		tpm sign -k "$tap_key" --hash "$tap_hash" --der "$file" >"$sig" &&
		expect 0 openssl dgst "-$tap_hash" -verify "$pem" -signature "$sig" "$@" "$file" &&
		says 'Verified OK'
}

# counter: of failed authorisations, those that lock a TPM in the end
counter()
{
	tpm2_getcap properties-variable | sed -n 's/^TPM2_PT_LOCKOUT_COUNTER: //p'
}

echo text >"$file"
chmod 644 "$file"
