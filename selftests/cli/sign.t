#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl sign and verify, against openssl; files of any size, any content and source.

. selftests/cli/lib.sh
forget_keys root alice bob

file=$scratch/file
big=$scratch/big
sig=$scratch/sig
printf 'a\0b\r\n\377\n\n' >"$file"
head -c 3000000 /dev/urandom >"$big"
: >"$scratch/empty"

# parsecctl signs, openssl verifies: KEY HASH FILE [OPTION-OF-OPENSSL]...
openssl_verifies()
{
	key=$1
	hash=$2
	input=$3
	shift 3
	expect 0 parsecctl sign -k "$key" --der -o "$sig" "$input" &&
		expect 0 parsecctl export-public-key -k "$key" -o "$scratch/pem" &&
		expect 0 openssl dgst "-$hash" -verify "$scratch/pem" -signature "$sig" "$@" "$input" &&
		says 'Verified OK'
}

# Each way to write a signature is one to read it
round_trip()
{
	expect 0 parsecctl sign -k "$1" -o "$sig" "$file" &&
		expect 0 parsecctl verify -k "$1" --signature "$sig" "$file" &&
		says 'the signature is valid' &&
		expect 0 parsecctl sign -k "$1" --base64 "$file" && cp "$out" "$sig" &&
		lines 1 "$sig" &&
		expect 0 parsecctl verify -k "$1" --base64 --signature "$sig" "$file" &&
		expect 0 parsecctl sign -k "$1" --base64 --der "$file" && cp "$out" "$sig" &&
		expect 0 parsecctl verify -k "$1" --base64 --der --signature "$sig" "$file"
}

standard_input()
{
	parsecctl sign -k web <"$file" >"$sig" &&
		parsecctl verify -k web --signature "$sig" - <"$file" &&
		parsecctl verify -k web --signature - "$file" <"$sig" &&
		cat "$big" | parsecctl sign -k web >"$sig" &&
		parsecctl verify -k web --signature "$sig" "$big"
}

message()
{
	expect 0 parsecctl sign -k web --message -o "$sig" "$file" &&
		expect 0 parsecctl verify -k web --message --signature "$sig" "$file" &&
		expect 0 parsecctl verify -k web --signature "$sig" "$file"
}

sizes()
{
	expect 0 parsecctl sign -k web -o "$sig" "$file" && same 64 "$(wc -c <"$sig")" &&
		expect 0 parsecctl sign -k p521 -o "$sig" "$file" && same 132 "$(wc -c <"$sig")" &&
		expect 0 parsecctl sign -k rsa -o "$sig" "$file" && same 256 "$(wc -c <"$sig")"
}

as_json()
{
	expect 0 parsecctl sign -k web --der --json "$file" &&
		json 'd["format"] == "der" and d["hash"] == "SHA-256" and d["name"] == "web"' \
			'__import__("base64").b64decode(d["signature_base64"])[0] == 0x30' &&
		expect 0 parsecctl sign -k web -o "$sig" "$file" &&
		expect 0 parsecctl verify -k web --signature "$sig" --json "$file" &&
		json 'd["valid"] is True'
}

# With a key for any hash the hash is a choice of each signature
chosen_hash()
{
	expect 0 parsecctl create-ecc-key -k any --bits 384 --hash any &&
		expect 0 parsecctl sign -k any --hash SHA-512 --der -o "$sig" "$file" &&
		expect 0 parsecctl export-public-key -k any -o "$scratch/pem" &&
		expect 0 openssl dgst -sha512 -verify "$scratch/pem" -signature "$sig" "$file" &&
		openssl_verifies any sha384 "$file" &&
		refuses 1 'PsaErrorNotPermitted (1133)' parsecctl sign -k web --hash sha512 "$file"
}

invalid()
{
	refuses 1 'PsaErrorInvalidSignature (1149)' parsecctl verify -k web "$@"
}

# A signature of something else, one that is damaged, one that is none
wrong_signatures()
{
	expect 0 parsecctl sign -k web -o "$sig" "$file" &&
		invalid --signature "$sig" "$scratch/empty" &&
		invalid --signature "$file" "$file" &&
		invalid --signature "$scratch/empty" "$file" &&
		invalid --signature "$big" "$file" &&
		invalid --der --signature "$sig" "$file" &&
		invalid --base64 --signature "$file" "$file" &&
		head -c 63 "$sig" >"$scratch/short" && invalid --signature "$scratch/short" "$file"
}

# What another key signed, and this key under another algorithm
wrong_key()
{
	expect 0 parsecctl sign -k other -o "$sig" "$file" && invalid --signature "$sig" "$file"
}

parsecctl create-ecc-key -k web >/dev/null
parsecctl create-ecc-key -k other >/dev/null
parsecctl create-ecc-key -k p384 -b 384 >/dev/null
parsecctl create-ecc-key -k p521 -b 521 >/dev/null
parsecctl create-rsa-key -k rsa >/dev/null
parsecctl create-rsa-key -k pss --pss >/dev/null

check 'openssl verifies ECDSA on P-256' openssl_verifies web sha256 "$file"
check 'openssl verifies ECDSA on P-384' openssl_verifies p384 sha384 "$file"
check 'openssl verifies ECDSA on P-521' openssl_verifies p521 sha512 "$file"
check 'openssl verifies RSA PKCS#1 v1.5' openssl_verifies rsa sha256 "$file"
check 'openssl verifies RSA-PSS' openssl_verifies pss sha256 "$file" \
	-sigopt rsa_padding_mode:pss
check 'a file of 3 MB, more than a request holds' openssl_verifies web sha256 "$big"
check 'an empty file' openssl_verifies web sha256 "$scratch/empty"
check 'raw, base64 and DER of ECDSA' round_trip web
check 'raw, base64 and DER of RSA' round_trip rsa
check 'standard input' standard_input
check 'a message that the service hashes' message
check 'signatures have the size that the contract says' sizes
check 'as JSON' as_json
check 'a hash chosen when signing' chosen_hash
check 'signatures that are wrong are 1149' wrong_signatures
check 'the signature of another key is 1149' wrong_key
check 'a message that is too large is 20, with a way out' \
	refuses 1 'without --message the file is hashed here' parsecctl sign -k web --message "$big"
check 'a key that does not exist is 1140' \
	refuses 1 'PsaErrorDoesNotExist (1140)' parsecctl sign -k none "$file"
check 'a file that is not there is 4' \
	refuses 4 'No such file' parsecctl sign -k web "$scratch/none"
check 'a folder is 4' refuses 4 'Is a directory' parsecctl sign -k web "$scratch"
check 'a signature that is not there is 4' \
	refuses 4 'No such file' parsecctl verify -k web --signature "$scratch/none" "$file"
done_testing
