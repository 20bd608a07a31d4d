#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl doctor: it finds keys on a token that have no name, and names whose key is not
# on it, tells which ones only when asked, and changes nothing.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

conf=/etc/parsec/parsecd.conf
pin=/etc/parsec/token.pin
softhsm=/usr/lib/softhsm/libsofthsm2.so
tokens=/var/lib/softhsm/tokens
stranger=a0000000000000000000000000000001
log=$scratch/log

parsecd=
trap '[ -z "$parsecd" ] || kill "$parsecd"; rm -rf "$scratch"' EXIT
# An emulated machine with much to do may need more than 5 s to start a host
echo 60000 >/sys/module/parsec/parameters/grace_ms
# Where doctor looks for parsecd
mkdir -p /usr/libexec/parsec /etc/parsec
ln -sf "$PARSEC_BUILD/helper/parsecd" /usr/libexec/parsec/parsecd
chmod 755 /etc/parsec

make_token()
{
	usermod -a -G softhsm parsec-pkcs11 && rm -rf "${tokens:?}"/* &&
		as parsec-pkcs11 softhsm2-util --init-token --free --label parsec --pin 1234 \
			--so-pin 5678 && printf 1234 >"$pin" && chown parsec-pkcs11: "$pin" &&
		chmod 400 "$pin"
}

serve()
{
	cat >"$conf" <<-end
	[core]
	user = parsec-core
	admins = 0
	[provider software]
	library = openssl.so
	id = 1
	user = parsec-openssl
	[provider token]
	library = pkcs11.so
	id = 2
	user = parsec-pkcs11
	module = $softhsm
	token = pkcs11:token=parsec
	user_pin = file:$pin
	paths = /etc/softhsm, $pin
	writable = $tokens
	end
	chmod 600 "$conf"
	start_parsecd 3 3
}

# tool OPTION...: of the token, as whoever has its PIN
tool()
{
	as parsec-pkcs11 pkcs11-tool --module "$softhsm" --token-label parsec --login --pin 1234 \
		"$@" 2>/dev/null
}

objects()
{
	tool --list-objects | grep -c Object
}

in_order()
{
	expect 0 as alice parsecctl -p 2 create-ecc-key -k here &&
		expect 0 as alice parsecctl -p 1 create-ecc-key -k elsewhere &&
		expect 0 parsecctl doctor &&
		says 'ok       keys 2         token: 1, and nothing in the backend but these' &&
		! grep 'keys 1' "$out" && expect 0 parsecctl doctor --details && ! grep here "$out"
}

# Somebody else's keys are nobody's problem; what has our label, but no name, is
a_stranger()
{
	tool --keypairgen --key-type EC:prime256v1 --id 07 --label other >/dev/null &&
		expect 0 parsecctl doctor &&
		tool --keypairgen --key-type EC:prime256v1 --id "$stranger" \
			--label "parsec:$stranger" >/dev/null &&
		expect 1 parsecctl doctor && same 1 "$(grep -c ^PROBLEM "$out")" &&
		says 'PROBLEM  keys 2         token: 1 keys in the backend have no name here; find' &&
		! grep "$stranger" "$out" && expect 1 parsecctl doctor --details &&
		says "         keys 2         key $stranger" &&
		same 1 "$(grep -c ^PROBLEM "$out")" && same 6 "$(objects)"
}

# The id of the key that is on the token and neither known nor the stranger's
id_of_new()
{
	tool --list-objects --type privkey | sed -n 's/^ *ID: *//p' |
		grep -v -e "^07$" -e "$stranger" -e "$1"
}

a_missing_one()
{
	here=$(id_of_new nothing) && expect 0 as alice parsecctl -p 2 create-ecc-key -k gone &&
		gone=$(id_of_new "$here") && expect 1 parsecctl doctor && ! grep 'have no key' "$out" &&
		tool --delete-object --type privkey --id "$gone" >/dev/null &&
		expect 1 parsecctl doctor && same 2 "$(grep -c ^PROBLEM "$out")" &&
		says 'PROBLEM  keys 2         token: 1 of 2 names have no key in the backend; bring' &&
		! grep 'gone' "$out" && expect 1 parsecctl doctor --details &&
		says "         keys 2         name gone of 1000, id $gone" &&
		expect 0 as alice parsecctl list-keys && says gone && says here
}

as_json()
{
	expect 1 parsecctl doctor --details --json &&
		json '[(e["result"], e["found"]) for e in d if e["check"] == "keys 2"] == [
			("problem", "token: 1 of 2 names have no key in the backend"),
			("detail", "name gone of 1000, id '"$gone"'"),
			("problem", "token: 1 keys in the backend have no name here"),
			("detail", "key '"$stranger"'")]'
}

as_user()
{
	expect 0 as alice parsecctl doctor --details &&
		says 'unknown  keys           only an administrator of the service is told' &&
		! grep -e gone -e "$stranger" "$out"
}

# What doctor says to do about them puts all in order
put_in_order()
{
	tool --delete-object --type privkey --id "$stranger" >/dev/null &&
		expect 1 parsecctl doctor && says '1 keys in the backend have no name' &&
		tool --delete-object --type pubkey --id "$stranger" >/dev/null &&
		expect 0 as alice parsecctl -p 2 delete-key -k gone &&
		expect 0 parsecctl doctor &&
		says 'ok       keys 2         token: 1, and nothing in the backend but these'
}

# Without its token a provider cannot tell, and that is no statement about keys
away()
{
	mv "$tokens" "$tokens.away" && mkdir "$tokens" && chmod 777 "$tokens"
	parsecctl doctor >"$out"
	says 'unknown  keys 2' && ! grep 'PROBLEM  keys' "$out"
	status=$?
	rmdir "$tokens" && mv "$tokens.away" "$tokens" && [ $status = 0 ]
}

check 'there are a token, and the service' eval 'make_token && serve'
check 'keys that have a name, and names that have a key' in_order
check 'a key without a name' a_stranger
check 'a name without a key' a_missing_one
check 'the same as JSON' as_json
check 'others are told nothing' as_user
check 'without both all is in order again' put_in_order
check 'a token that is away' away
done_testing
