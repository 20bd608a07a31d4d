#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# One token, several users (threat U-4 of Parsec): applications get at their own keys only,
# at none that others put into the token, and at the token by no other way.

. selftests/token/lib.sh

sig=$scratch/sig

# of USER COMMAND...: of parsecctl, with the token
of()
{
	tap_of=$1
	shift
	as "$tap_of" parsecctl -p 2 "$@"
}

public_key()
{
	of "$1" export-public-key -k "$2"
}

one_name_two_keys()
{
	expect 0 of alice create-ecc-key -k web && expect 0 of bob create-ecc-key -k web &&
		same 2 "$(ids privkey | wc -l)" && public_key alice web >"$scratch/alice" &&
		public_key bob web >"$scratch/bob" && [ -s "$scratch/alice" ] &&
		! cmp -s "$scratch/alice" "$scratch/bob"
}

# The other's key does not verify what one has signed
signs_with_own()
{
	of alice sign -k web --der "$text" >"$sig" && chmod 644 "$sig" &&
		expect 0 openssl dgst -sha256 -verify "$scratch/alice" -signature "$sig" "$text" &&
		expect 1 openssl dgst -sha256 -verify "$scratch/bob" -signature "$sig" "$text" &&
		expect 0 of alice verify -k web --der --signature "$sig" "$text" &&
		expect 1 of bob verify -k web --der --signature "$sig" "$text"
}

# sees USER COUNT
sees()
{
	expect 0 of "$1" list-keys --json && json "len(d) == $2"
}

has_none()
{
	sees carol 0 && refuses 1 '(1140)' of carol sign -k web "$text" &&
		refuses 1 '(1140)' of carol export-public-key -k web &&
		refuses 1 '(1140)' of carol delete-key -k web
}

deletes_own()
{
	id=$(of bob export-public-key -k web | openssl pkey -pubin -outform DER | sha256sum)
	expect 0 of alice delete-key -k web && sees alice 0 && sees bob 1 &&
		same 1 "$(ids privkey | wc -l)" && refuses 1 '(1140)' of alice sign -k web "$text" &&
		expect 0 of bob sign -k web "$text" &&
		same "$id" "$(of bob export-public-key -k web | openssl pkey -pubin -outform DER |
			sha256sum)"
}

# A pair that another user of the token has made, with the PIN
stranger=00112233445566778899aabbccddeeff
put_stranger()
{
	expect 0 witness --keypairgen --key-type EC:prime256v1 --label "$1" --id $stranger &&
		same 2 "$(ids privkey | wc -l)" &&
		expect 0 witness --read-object --type pubkey --id $stranger &&
		cp "$out" "$scratch/stranger"
}

# There is no such key for anybody, nor does making one lead to it; what is made goes again
reached_by_no_name()
{
	for name in stranger $stranger "parsec:$stranger" "pkcs11:object=stranger" \
		"pkcs11:id=%00%11%22%33%44%55%66%77%88%99%aa%bb%cc%dd%ee%ff"; do
		for user in root carol; do
			refuses 1 '(1140)' of $user sign -k "$name" "$text" &&
				refuses 1 '(1140)' of $user export-public-key -k "$name" &&
				refuses 1 '(1140)' of $user delete-key -k "$name" || return
		done
		expect 0 of carol create-ecc-key -k "$name" && public_key carol "$name" >"$scratch/pem" &&
			expect 0 openssl pkey -pubin -in "$scratch/pem" -outform DER &&
			! cmp -s "$out" "$scratch/stranger" && expect 0 of carol delete-key -k "$name" ||
			return
	done
	sees root 0 && sees bob 1 && sees carol 0
}

# The service does to it what it does to what is not its own: nothing
stays()
{
	stop && serve && expect 0 witness --read-object --type pubkey --id $stranger &&
		cmp "$out" "$scratch/stranger" && same 2 "$(ids privkey | wc -l)" && sees bob 1
}

# Whoever has the PIN can add a key with the id of another: nobody signs with the wrong one
in_place_of_another()
{
	own=$(ids privkey | grep -v $stranger)
	expect 0 witness --keypairgen --key-type EC:prime256v1 --label evil --id "$own" &&
		stop && serve && refuses 1 '(1151)' of bob sign -k web "$text" &&
		logged 'an object of the token has the id of a key but is another one'
}

# cannot USER COMMAND...: it works for the provider's user, and is refused to this one
cannot()
{
	who=$1
	shift
	expect 0 as parsec-pkcs11 "$@" || return
	as "$who" "$@" >"$out" 2>"$err" && { echo "$who can: $*"; cat "$out"; return 1; }
	says 'Permission denied' "$err"
}

# Applications, and the user of the other provider
files_are_closed()
{
	object=$(find "$tokens" -name '*.object' | head -n 1)
	[ -n "$object" ] || return
	for who in alice parsec-openssl parsec-core; do
		cannot "$who" cat "$object" && cannot "$who" ls "$tokens" &&
			cannot "$who" cat "${object%/*}/token.object" && cannot "$who" cat "$pin" &&
			cannot "$who" ls /var/lib/parsec/token &&
			cannot "$who" cat /etc/softhsm/softhsm2.conf || return
	done
}

# Core alone asks the host at its socket
socket_is_closed()
{
	set -- python3 -IS -c 'import socket, sys
try: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).connect("/run/parsec/token/sock")
except OSError as e: sys.exit(e.strerror)'
	expect 0 as parsec-core "$@" && for who in alice parsec-openssl; do
		expect 1 as "$who" "$@" && says 'Permission denied' "$err" || return
	done
}

# With the right PIN, but not the provider's user
library_is_of_no_use()
{
	expect 0 as parsec-pkcs11 pkcs11-tool --module "$softhsm" --list-token-slots &&
		says parsec || return
	as alice pkcs11-tool --module "$softhsm" --list-token-slots >"$out" 2>&1
	! grep -w parsec "$out" && ! as alice pkcs11-tool --module "$softhsm" \
		--token-label parsec --login --pin 1234 --list-objects
}

check 'there is a token' make_token
configure "$softhsm"
check 'the service starts' serve
check 'two users have keys of one name' one_name_two_keys
check 'each signs with its own' signs_with_own
check 'one sees its own' sees alice 1
check 'the other one, too' sees bob 1
check 'a third has none of them' has_none
check 'one deletes its own and not that of the other' deletes_own
check 'somebody else puts a pair into the token' put_stranger stranger
check 'it is reached by no name' reached_by_no_name
check 'it is left alone' stays
check 'the files of token and provider are closed to others' files_are_closed
check 'the socket of the host is closed to others' socket_is_closed
check 'the library is of no use to others' library_is_of_no_use
check 'a key that poses as another is not used' in_place_of_another
check 'it stops' stop
done_testing
