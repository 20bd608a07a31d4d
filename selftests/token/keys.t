#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Keys in a token: what parsecctl does with them is right for openssl, and pkcs11-tool finds
# them in the token, as they should be.

. selftests/token/lib.sh

sig=$scratch/sig

# Alone, with what it was given
is_locked_in()
{
	pid=$(host token) && uid=$(id -u parsec-pkcs11) &&
		same "Uid:	$uid	$uid	$uid	$uid" "$(grep ^Uid: "/proc/$pid/status")" &&
		grep -q '^CapEff:	0000000000000000$' "/proc/$pid/status" &&
		grep -q '^Seccomp:	2$' "/proc/$pid/status" &&
		grep -q /libsofthsm2.so "/proc/$pid/maps" &&
		! grep /libsofthsm2.so "/proc/$(host software)/maps"
}

# export_as KEY: its public part into $scratch/pem
export_as()
{
	expect 0 token export-public-key -k "$1" -o "$scratch/pem"
}

ecdsa()
{
	expect 0 token create-ecc-key -k "$1" -b "$2" &&
		expect 0 token sign -k "$1" --der -o "$sig" "$text" && export_as "$1" &&
		expect 0 openssl dgst "-$3" -verify "$scratch/pem" -signature "$sig" "$text" &&
		expect 0 token verify -k "$1" --der --signature "$sig" "$text" &&
		expect 1 token verify -k "$1" --der --signature "$sig" /etc/passwd
}

# rsa KEY CREATE-OPTIONS OPENSSL-OPTION...: small ones, as the machine is slow at making them
rsa()
{
	key=$1
	options=$2
	shift 2
	# shellcheck disable=SC2086 # words
	expect 0 token create-rsa-key -k "$key" $options &&
		expect 0 token sign -k "$key" -o "$sig" "$text" && export_as "$key" &&
		expect 0 openssl dgst -sha256 -verify "$scratch/pem" "$@" -signature "$sig" "$text" &&
		expect 0 token verify -k "$key" --signature "$sig" "$text" &&
		expect 1 token verify -k "$key" --signature "$sig" /etc/passwd
}

# Encrypted by openssl, and by the service, for the token to decrypt
rsa_crypt()
{
	expect 0 token create-key -k crypt --type rsa -b 1024 --algorithm rsa-pkcs1-encryption &&
		export_as crypt &&
		openssl pkeyutl -encrypt -pubin -inkey "$scratch/pem" -in "$text" -out "$scratch/box" &&
		expect 0 token decrypt -k crypt "$scratch/box" && cmp "$out" "$text" &&
		expect 0 token encrypt -k crypt -o "$scratch/box" "$text" &&
		expect 0 token decrypt -k crypt "$scratch/box" && cmp "$out" "$text"
}

# What openssl encrypts under the same key the token decrypts
aes()
{
	head -c 32 /dev/urandom >"$scratch/aes" &&
		expect 0 token import-key -k aes --type aes --algorithm cbc-pkcs7 "$scratch/aes" &&
		hex=$(od -An -v -tx1 "$scratch/aes" | tr -d ' \n') &&
		head -c 16 /dev/urandom >"$scratch/box" &&
		iv=$(od -An -v -tx1 "$scratch/box" | tr -d ' \n') &&
		openssl enc -aes-256-cbc -K "$hex" -iv "$iv" -in "$text" >>"$scratch/box" &&
		expect 0 token decrypt -k aes "$scratch/box" && cmp "$out" "$text" &&
		expect 0 token encrypt -k aes -o "$scratch/box" "$text" &&
		iv=$(head -c 16 "$scratch/box" | od -An -v -tx1 | tr -d ' \n') &&
		tail -c +17 "$scratch/box" | openssl enc -d -aes-256-cbc -K "$hex" -iv "$iv" >"$out" &&
		cmp "$out" "$text"
}

gcm()
{
	expect 0 token create-key -k gcm --type aes && expect 0 token encrypt -k gcm --aad 0102 \
		-o "$scratch/box" "$text" &&
		expect 0 token decrypt -k gcm --aad 0102 "$scratch/box" && cmp "$out" "$text" &&
		refuses 1 '(1149)' token decrypt -k gcm --aad 0103 "$scratch/box"
}

# agrees CREATE-OPTIONS OPENSSL-OPTION...: the secret is the one that openssl gets. The key goes again
agrees()
{
	options=$1
	shift
	# shellcheck disable=SC2086 # words
	expect 0 token create-key -k ecdh --type ecc --algorithm ecdh $options && export_as ecdh &&
		openssl genpkey "$@" -out "$scratch/pair" &&
		openssl pkey -in "$scratch/pair" -pubout -out "$scratch/peer" &&
		expect 0 token agree -k ecdh --peer "$scratch/peer" -o "$scratch/ours" &&
		openssl pkeyutl -derive -inkey "$scratch/pair" -peerkey "$scratch/pem" \
			-out "$scratch/theirs" &&
		cmp "$scratch/ours" "$scratch/theirs" && expect 0 token delete-key -k ecdh
}

# csr KEY: openssl finds the signature right, and the key in it
csr()
{
	expect 0 token create-csr -k "$1" --subject /CN=web -o "$scratch/csr" && export_as "$1" &&
		expect 0 openssl req -in "$scratch/csr" -verify -noout -pubkey &&
		says 'verify OK' "$err" && cmp "$out" "$scratch/pem"
}

# Two halves of each pair, and the secret keys; label and id as documented
seen()
{
	same 5 "$(ids privkey | wc -l)" && same 5 "$(ids pubkey | wc -l)" &&
		same 2 "$(ids secrkey | wc -l)" && same "$(ids privkey | sort)" "$(ids pubkey | sort)" &&
		same '' "$(ids privkey | grep -vx '[0-9a-f]\{32\}')" &&
		expect 0 witness --list-objects && grep -E '^ *(label|ID): ' "$out" >"$scratch/names" &&
		same 12 "$(sed -n 's/^ *label: *parsec:\([0-9a-f]\{32\}\)$/\1/p' "$scratch/names" |
			while read -r id; do grep "ID: *$id\$" "$scratch/names" | head -n 1; done |
			wc -l)"
}

# made_inside TYPE COUNT: keys that were generated in the token and have never been outside
made_inside()
{
	expect 0 witness --list-objects --type "$1" &&
		same "$2" "$(grep -c '^ *Access: *sensitive, always sensitive, never extractable, local$' \
			"$out")"
}

# The imported one was outside once, and cannot leave any more
came_in()
{
	expect 0 witness --list-objects --type secrkey &&
		same 1 "$(grep -c '^ *Access: *sensitive$' "$out")" &&
		same '' "$(grep '^ *Access: ' "$out" | sed 's/never extractable//' | grep extractable)"
}

# The public key of the token verifies what the service has signed, and so does the token itself
signature_of_service()
{
	id=$(id_of p256)
	expect 0 token sign -k p256 --der -o "$sig" "$text" &&
		openssl dgst -sha256 -binary -out "$scratch/hash" "$text" &&
		openssl dgst -sha256 -binary -out "$scratch/other" /etc/passwd &&
		chmod 644 "$scratch/hash" "$scratch/other" "$sig" || return
	set -- witness --verify --mechanism ECDSA --id "$id" --signature-file "$sig" \
		--signature-format openssl --input-file
	expect 0 "$@" "$scratch/hash" && says 'Signature is valid' &&
		expect 0 "$@" "$scratch/other" && says 'Invalid signature'
}

signature_of_witness()
{
	id=$(id_of p256)
	witness --sign --mechanism ECDSA --id "$id" --signature-format openssl \
		--input-file "$scratch/hash" >"$sig" && [ -s "$sig" ] &&
		expect 0 token verify -k p256 --der --signature "$sig" "$text" &&
		expect 1 token verify -k p256 --der --signature "$sig" /etc/passwd
}

# Who can use the private key has to log in
needs_a_login()
{
	expect 0 as parsec-pkcs11 pkcs11-tool --module "$softhsm" --token-label parsec \
		--list-objects --type privkey && lines 0
}

again()
{
	export_as p256 && cp "$scratch/pem" "$scratch/before" && stop && serve && export_as p256 &&
		cmp "$scratch/pem" "$scratch/before" && expect 0 token list-keys --json &&
		json 'sorted(k["name"] for k in d) == ["aes", "crypt", "gcm", "p256", "p384", "pkcs1", "pss"]' &&
		expect 0 token sign -k p256 --der -o "$sig" "$text" &&
		expect 0 openssl dgst -sha256 -verify "$scratch/pem" -signature "$sig" "$text" &&
		expect 0 token sign -k pss -o "$sig" "$text" &&
		expect 0 token verify -k pss --signature "$sig" "$text" &&
		expect 0 token decrypt -k gcm --aad 0102 "$scratch/gcm" && cmp "$out" "$text"
}

# Nothing of a key stays in the token, and all of the others
removed()
{
	ids privkey | sort >"$scratch/before"
	expect 0 token delete-key -k p384 && ids privkey | sort >"$scratch/after" &&
		same 4 "$(wc -l <"$scratch/after")" &&
		same '' "$(comm -13 "$scratch/before" "$scratch/after")" &&
		same "$(cat "$scratch/after")" "$(ids pubkey | sort)" &&
		expect 0 token delete-key -k gcm && same 1 "$(ids secrkey | wc -l)"
}

# What others remove from the token has no name after the next start
gone()
{
	id=$(id_of p256)
	expect 0 witness --delete-object --type privkey --id "$id" && stop && serve &&
		expect 0 token list-keys && ! grep -qw p256 "$out" &&
		refuses 1 '(1140)' token sign -k p256 "$text"
}

check 'there is a token' make_token
configure "$softhsm"
check 'the service starts' serve
check 'the library is in a host that is locked in, and in no other' is_locked_in
check 'ECDSA with P-256' ecdsa p256 256 sha256
check 'ECDSA with P-384' ecdsa p384 384 sha384
check 'RSA PKCS#1 v1.5' rsa pkcs1 ''
check 'RSA-PSS' rsa pss '--pss -b 1024' -sigopt rsa_padding_mode:pss
check 'RSA encryption' rsa_crypt
check 'AES-CBC with a key that was imported' aes
check 'AES-GCM' gcm
token encrypt -k gcm --aad 0102 -o "$scratch/gcm" "$text"
check 'ECDH with P-256' agrees '' -algorithm EC -pkeyopt ec_paramgen_curve:P-256
check 'ECDH with X25519' agrees '--family montgomery' -algorithm X25519
check 'ECDH with X448' agrees '--family montgomery --bits 448' -algorithm X448
check 'a certificate request with ECDSA' csr p256
check 'a certificate request with RSA' csr pkcs1
check 'pkcs11-tool sees these keys and no other, named as documented' seen
check 'private keys are sensitive and have always been' made_inside privkey 5
check 'so is the secret key that was made there' made_inside secrkey 1
check 'the one that was imported is sensitive' came_in
check 'without the PIN they are not there' needs_a_login
check 'pkcs11-tool verifies what the service has signed' signature_of_service
check 'the service verifies what pkcs11-tool has signed' signature_of_witness
check 'the keys are there after a restart' again
check 'of a key that is deleted the token has nothing more' removed
check 'a key that others have removed loses its name' gone
check 'it stops' stop
done_testing
