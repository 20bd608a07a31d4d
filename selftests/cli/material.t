#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl import-key and export-key, with keys that openssl made and keys that it reads.

. selftests/cli/lib.sh
forget_keys root

file=$scratch/file
key=$scratch/key
sig=$scratch/sig
printf 'a\0b\n' >"$file"

# round_trip NAME TYPE: import $key, which is a pair, sign, export it again, the same
round_trip()
{
	expect 0 parsecctl import-key -k "$1" --exportable "$key" &&
		says "imported $1: $2" &&
		expect 0 parsecctl sign -k "$1" --der -o "$sig" "$file" &&
		openssl pkey -in "$key" -pubout -out "$scratch/pub" &&
		expect 0 openssl dgst "-$3" -verify "$scratch/pub" -signature "$sig" "$file" &&
		expect 0 parsecctl export-key -k "$1" -o "$scratch/back" && lines 0 &&
		same '-rw-------' "$(stat -c %A "$scratch/back")" &&
		openssl pkey -in "$key" -outform DER -out "$scratch/one" &&
		openssl pkey -in "$scratch/back" -outform DER -out "$scratch/two" &&
		cmp "$scratch/one" "$scratch/two" && parsecctl delete-key -k "$1"
}

curve()
{
	openssl genpkey -algorithm EC -pkeyopt "ec_paramgen_curve:P-$1" -out "$key" 2>/dev/null &&
		round_trip "ecc$1" "ECC pair secp-r1, $1 bits; ECDSA, $2; provider 1" "$3"
}

rsa()
{
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$key" 2>/dev/null &&
		round_trip rsa 'RSA pair, 2048 bits; RSA PKCS#1 v1.5, SHA-256; provider 1' sha256
}

# imports TYPE FILE [OPTION]...: and then it is gone again
imports()
{
	type=$1
	shift
	expect 0 parsecctl import-key -k x "$@" && says "imported x: $type" &&
		expect 0 parsecctl delete-key -k x
}

# Every file that openssl makes of one key
formats()
{
	openssl ecparam -name prime256v1 -genkey -out "$scratch/sec1" &&
		openssl pkey -in "$scratch/sec1" -outform DER -out "$scratch/p8.der" &&
		openssl ec -in "$scratch/sec1" -outform DER -out "$scratch/sec1.der" 2>/dev/null &&
		openssl pkey -in "$scratch/sec1" -pubout -outform DER -out "$scratch/pub.der" &&
		openssl ec -in "$scratch/sec1" -pubout -conv_form compressed \
			-out "$scratch/short.pem" 2>/dev/null &&
		imports 'ECC pair secp-r1, 256' "$scratch/sec1" &&
		imports 'ECC pair secp-r1, 256' "$scratch/p8.der" &&
		imports 'ECC pair secp-r1, 256' --type ecc --bits 256 "$scratch/sec1.der" &&
		imports 'ECC public secp-r1, 256' "$scratch/pub.der" &&
		imports 'ECC public secp-r1, 256' --type ecc-public "$scratch/short.pem"
}

rsa_formats()
{
	openssl genrsa -traditional -out "$scratch/p1" 2048 2>/dev/null &&
		openssl rsa -in "$scratch/p1" -RSAPublicKey_out -out "$scratch/p1.pub" 2>/dev/null &&
		openssl rsa -in "$scratch/p1" -RSAPublicKey_out -outform DER \
			-out "$scratch/p1.der" 2>/dev/null &&
		imports 'RSA pair, 2048 bits; RSA-PSS, any hash' --algorithm rsa-pss --hash any \
			"$scratch/p1" &&
		imports 'RSA public, 2048' "$scratch/p1.pub" &&
		imports 'RSA public, 2048' "$scratch/p1.der"
}

# A public key verifies what its pair, which is elsewhere, signed
public()
{
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$key" &&
		openssl dgst -sha256 -sign "$key" -out "$sig" "$file" &&
		openssl pkey -in "$key" -pubout | parsecctl import-key -k pub >/dev/null &&
		expect 0 parsecctl verify -k pub --der --signature "$sig" "$file" &&
		refuses 1 '(1133)' parsecctl sign -k pub "$file" &&
		openssl pkey -in "$key" -pubout -out "$scratch/one" &&
		expect 0 parsecctl export-key -k pub && cmp "$out" "$scratch/one" &&
		parsecctl delete-key -k pub
}

raw()
{
	parsecctl create-key --type ecc -k raw --exportable >/dev/null &&
		expect 0 parsecctl export-key -k raw --raw -o "$scratch/raw" &&
		same 32 "$(wc -c <"$scratch/raw")" &&
		expect 0 parsecctl import-key -k copy --type ecc --raw "$scratch/raw" &&
		says 'imported copy: ECC pair secp-r1, 256 bits' &&
		parsecctl export-public-key -k raw -o "$scratch/one" &&
		expect 0 parsecctl export-public-key -k copy && cmp "$out" "$scratch/one" &&
		expect 0 parsecctl export-key -k raw --hex &&
		same "$(od -An -v -tx1 "$scratch/raw" | tr -d ' \n')" "$(cat "$out")" &&
		parsecctl delete-key -k raw && parsecctl delete-key -k copy
}

# raw_hash BITS HASH: without --bits the hash suits the size, of pairs and of public keys
raw_hash()
{
	parsecctl create-key --type ecc -k raw --bits "$1" --exportable >/dev/null &&
		parsecctl export-key -k raw --raw -o "$scratch/raw" &&
		parsecctl export-public-key -k raw --raw -o "$scratch/one" &&
		imports "ECC pair secp-r1, $1 bits; ECDSA, $2; provider 1" \
			--type ecc --raw "$scratch/raw" &&
		imports "ECC public secp-r1, $1 bits; ECDSA, $2; provider 1" \
			--type ecc-public --raw "$scratch/one"
	status=$?
	parsecctl delete-key -k raw >/dev/null
	return $status
}

as_json()
{
	expect 0 parsecctl import-key -k j --exportable --json "$scratch/sec1" &&
		json 'd["name"] == "j" and d["bits"] == 256 and "export" in d["usage"]' &&
		expect 0 parsecctl export-key -k j --json &&
		json 'd["pem"].startswith("-----BEGIN PRIVATE KEY-----\n")' &&
		expect 0 parsecctl export-key -k j --json -o "$scratch/json" && lines 0 &&
		same '-rw-------' "$(stat -c %A "$scratch/json")" && chmod 644 "$scratch/json" &&
		expect 0 parsecctl export-key -k j --json -o "$scratch/json" &&
		same '-rw-------' "$(stat -c %A "$scratch/json")" && cp "$scratch/json" "$out" &&
		json 'd["pem"].startswith("-----BEGIN PRIVATE KEY-----\n")'
}

encrypted()
{
	openssl pkey -in "$scratch/sec1" -aes128 -passout pass:x -out "$key" &&
		refuses 4 'without a password' parsecctl import-key -k x "$key"
}

check 'a P-256 key, there and back' curve 256 SHA-256 sha256
check 'a P-384 key, there and back' curve 384 SHA-384 sha384
check 'a P-521 key, there and back' curve 521 SHA-512 sha512
check 'an RSA key, there and back' rsa
check 'elliptic curve keys in all formats' formats
check 'RSA keys in all formats' rsa_formats
check 'a public key from standard input' public
check 'raw keys' raw
check 'a raw key of 256 bits' raw_hash 256 SHA-256
check 'a raw key of 384 bits' raw_hash 384 SHA-384
check 'a raw key of 521 bits' raw_hash 521 SHA-512
check 'as JSON' as_json
check 'a key with a password is 4' encrypted
check 'a file that is no key is 4' refuses 4 'is no key that' parsecctl import-key -k x "$file"
check 'an empty file is 4' refuses 4 'is no key that' parsecctl import-key -k x /dev/null
check 'a key of another type is 4' refuses 4 'of another type' \
	parsecctl import-key -k x --type rsa "$scratch/sec1"
check 'a key of another size is 4' refuses 4 'a key of 256 bits' \
	parsecctl import-key -k x --bits 384 "$scratch/sec1"
check 'a name in use is 1139' refuses 1 '(1139)' parsecctl import-key -k j "$scratch/sec1"
parsecctl create-ecc-key -k stays >/dev/null
check 'a key that may not be exported is 1133' refuses 1 '(1133)' parsecctl export-key -k stays
check 'a key that does not exist is 1140' refuses 1 '(1140)' parsecctl export-key -k none
check 'a family without a type' refuses 2 '--family needs --type' \
	parsecctl import-key -k x --family secp-k1 "$scratch/sec1"
check 'raw without a type' refuses 2 '--raw needs --type' parsecctl import-key -k x --raw "$file"
check 'a type that is none' refuses 2 'no --type is called "dsa"' \
	parsecctl create-key -k x --type dsa
check 'a family that is none' refuses 2 'no --family is called "k1"' \
	parsecctl create-key -k x --type ecc --family k1
check 'a family of a key without' refuses 2 '--family is for elliptic curve keys' \
	parsecctl create-key -k x --type rsa --family secp-r1
check 'an algorithm that is none' refuses 2 'no --algorithm is called "rot13"' \
	parsecctl create-key -k x --type aes --algorithm rot13
check 'a key that attests and is not RSA' refuses 2 'a key that attests is of --type rsa' \
	parsecctl create-key -k no --type ecc --algorithm attesting
check 'a hash of an algorithm without' refuses 2 '--hash makes no sense with gcm' \
	parsecctl create-key -k x --type aes --hash sha256
check 'an algorithm that does not go with the type is 1135' refuses 1 '(1135)' \
	parsecctl create-key -k x --type aes --algorithm ecdsa
done_testing
