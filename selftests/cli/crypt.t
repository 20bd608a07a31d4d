#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl encrypt, decrypt, mac, agree and can-do, against openssl where it has a command.

. selftests/cli/lib.sh
forget_keys root

file=$scratch/file
box=$scratch/box
printf 'sixteen bytes..\nsixteen bytes..\n' >"$file"

# works NAME EXTRA [OPTION]...: decrypt gives back what encrypt took, and made EXTRA longer
works()
{
	name=$1
	extra=$2
	shift 2
	expect 0 parsecctl encrypt -k "$name" "$@" -o "$box" "$file" && lines 0 &&
		same "$((32 + extra))" "$(wc -c <"$box")" &&
		expect 0 parsecctl decrypt -k "$name" "$@" "$box" && cmp "$out" "$file"
}

aead()
{
	expect 0 parsecctl create-key -k gcm --type aes && says 'created gcm: AES, 256 bits; GCM' &&
		works gcm 28 && works gcm 28 --aad 0102 &&
		works gcm 16 --nonce 000102030405060708090a0b --aad ff &&
		parsecctl encrypt -k gcm --aad 0102 -o "$box" "$file" &&
		refuses 1 '(1149)' parsecctl decrypt -k gcm --aad 0103 "$box" &&
		refuses 1 '(1135)' parsecctl decrypt -k gcm /dev/null
}

# Two of one file differ: the nonce is a fresh one
fresh()
{
	parsecctl encrypt -k gcm -o "$box" "$file" && parsecctl encrypt -k gcm "$file" >"$out" &&
		! cmp -s "$box" "$out"
}

cipher()
{
	head -c 32 /dev/urandom >"$scratch/aes" &&
		expect 0 parsecctl import-key -k cbc --type aes --algorithm cbc-pkcs7 "$scratch/aes" &&
		says 'imported cbc: AES, 256 bits; CBC-PKCS7' && works cbc 32 &&
		hex=$(od -An -v -tx1 "$scratch/aes" | tr -d ' \n') &&
		iv=$(head -c 16 "$box" | od -An -v -tx1 | tr -d ' \n') &&
		tail -c +17 "$box" | openssl enc -d -aes-256-cbc -K "$hex" -iv "$iv" >"$out" &&
		cmp "$out" "$file"
}

rsa()
{
	openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out "$scratch/rsa" \
		2>/dev/null &&
		expect 0 parsecctl import-key -k oaep --algorithm rsa-oaep "$scratch/rsa" &&
		says 'RSA-OAEP, SHA-256' && works oaep 224 && works oaep 224 --label 6c &&
		parsecctl encrypt -k oaep -o "$box" "$file" &&
		openssl pkeyutl -decrypt -inkey "$scratch/rsa" -in "$box" \
			-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 \
			-pkeyopt rsa_mgf1_md:sha256 -out "$out" && cmp "$out" "$file"
}

mac()
{
	printf 'a key of 20 bytes...' >"$scratch/hmac" &&
		expect 0 parsecctl import-key -k mac --type hmac "$scratch/hmac" &&
		says 'HMAC, 160 bits; HMAC, SHA-256' &&
		right=$(openssl dgst -sha256 -hmac 'a key of 20 bytes...' -r "$file" | cut -d' ' -f1) &&
		expect 0 parsecctl mac -k mac "$file" && same "$right" "$(cat "$out")" &&
		expect 0 parsecctl mac -k mac --verify "$right" "$file" && lines 0 &&
		refuses 1 '(1149)' parsecctl mac -k mac --verify "$right" /dev/null &&
		expect 0 parsecctl mac -k mac --json "$file" && json "d['mac_hex'] == '$right'"
}

agree()
{
	expect 0 parsecctl create-key -k agree --type ecc --algorithm ecdh &&
		parsecctl export-public-key -k agree -o "$scratch/mine" &&
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
			-out "$scratch/peer" 2>/dev/null &&
		openssl pkey -in "$scratch/peer" -pubout -out "$scratch/peer.pem" &&
		openssl pkeyutl -derive -inkey "$scratch/peer" -peerkey "$scratch/mine" \
			-out "$scratch/secret" &&
		expect 0 parsecctl agree -k agree --peer "$scratch/peer.pem" &&
		cmp "$out" "$scratch/secret" &&
		refuses 4 'no public elliptic curve key' parsecctl agree -k agree --peer "$file"
}

x25519()
{
	openssl genpkey -algorithm X25519 -out "$scratch/x" &&
		openssl pkey -in "$scratch/x" -pubout -out "$scratch/x.pem" &&
		expect 0 parsecctl import-key -k x "$scratch/x" &&
		says 'imported x: ECC pair montgomery, 255 bits; ECDH' &&
		expect 0 parsecctl export-public-key -k x && cmp "$out" "$scratch/x.pem" &&
		openssl genpkey -algorithm X25519 -out "$scratch/peer" &&
		openssl pkey -in "$scratch/peer" -pubout -out "$scratch/peer.pem" &&
		openssl pkeyutl -derive -inkey "$scratch/peer" -peerkey "$scratch/x.pem" \
			-out "$scratch/secret" &&
		expect 0 parsecctl agree -k x --peer "$scratch/peer.pem" &&
		cmp "$out" "$scratch/secret"
}

can_do()
{
	expect 0 parsecctl can-do --type ecc --bits 256 && same 'provider 1 can' "$(cat "$out")" &&
		expect 0 parsecctl can-do --type rsa --check import --json && json 'd["can"] is True' &&
		refuses 1 '(1134)' parsecctl can-do --type ecc --bits 300
}

misuse()
{
	text=$1
	shift
	check "parsecctl $1: $text" refuses 2 "$text" parsecctl "$@"
}

check 'AES-GCM' aead
check 'a fresh nonce each time' fresh
check 'AES-CBC, which openssl decrypts' cipher
check 'RSA-OAEP, which openssl decrypts' rsa
check 'HMAC as openssl has it' mac
check 'ECDH with a key of openssl' agree
check 'X25519 with a key of openssl' x25519
check 'can-do' can_do
parsecctl create-ecc-key -k web >/dev/null
for command in encrypt decrypt mac; do
	check "$command with a signing key is 1133" refuses 1 '(1133)' \
		parsecctl "$command" -k web "$file"
done
check 'agree with a signing key is 1133' refuses 1 '(1133)' \
	parsecctl agree -k web --peer "$file"
misuse '--nonce "0" is not hexadecimal' encrypt -k gcm --nonce 0 "$file"
misuse '--label makes no sense with this key' encrypt -k gcm --label 00 "$file"
misuse '--aad makes no sense with this key' encrypt -k web --aad 00 "$file"
misuse '--verify "x" is not hexadecimal' mac -k web --verify x "$file"
misuse '--peer FILE is missing' agree -k web
misuse '--type TYPE is missing' can-do
misuse '--check "x" is not generate' can-do --type rsa --check x
misuse 'would be lost: if so, add --yes' delete-client --client uid
misuse '--client NAME is missing' delete-client --yes
check 'list-clients is for administrators' refuses 1 '(21)' parsecctl list-clients
check 'delete-client is for administrators' refuses 1 '(21)' \
	parsecctl delete-client --client nobody --yes
done_testing
