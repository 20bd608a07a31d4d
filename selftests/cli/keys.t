#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl's commands about keys: make, list, export, delete; of two users.

. selftests/cli/lib.sh
forget_keys root alice bob

create_ecc()
{
	expect 0 parsecctl create-ecc-key --key-name "ecc$1" --bits "$1" &&
		says "created ecc$1: ECC pair secp-r1, $1 bits; ECDSA, $2; provider 1" &&
		expect 0 parsecctl list-keys && says "$1  ECDSA, $2" && says "  ecc$1"
}

create_rsa()
{
	expect 0 parsecctl create-rsa-key -k rsa -b 2048 --for-signing &&
		says 'created rsa: RSA pair, 2048 bits; RSA PKCS#1 v1.5, SHA-256; provider 1'
}

create_pss()
{
	expect 0 parsecctl create-rsa-key -k pss --pss --hash any --json &&
		json 'd["algorithm"] == "RSA-PSS, any hash" and d["bits"] == 2048'
}

list_json()
{
	expect 0 parsecctl list-keys --json &&
		json 'sorted(k["name"] for k in d) == ["ecc256", "ecc384", "ecc521", "pss", "rsa"]' \
			'all(k["provider"] == 1 and "sign-hash" in k["usage"] for k in d)'
}

list_of_provider()
{
	expect 0 parsecctl list-keys --provider tpm && lines 0 &&
		expect 0 parsecctl list-keys --provider software && says ecc256
}

# openssl must read it as a key of this kind
export_pem()
{
	expect 0 parsecctl export-public-key -k "$1" && cp "$out" "$scratch/pem" &&
		expect 0 openssl pkey -pubin -in "$scratch/pem" -noout -text && says "$2"
}

export_raw()
{
	expect 0 parsecctl export-public-key -k ecc256 --raw -o "$scratch/raw" &&
		same 65 "$(wc -c <"$scratch/raw")" && lines 0 &&
		same 04 "$(head -c 1 "$scratch/raw" | od -An -tx1 | tr -d ' ')" &&
		expect 0 parsecctl export-public-key -k rsa --raw &&
		cp "$out" "$scratch/der" &&
		expect 0 openssl rsa -RSAPublicKey_in -inform DER -in "$scratch/der" -noout
}

export_pkcs1()
{
	expect 0 parsecctl export-public-key -k rsa --pkcs1 && says 'BEGIN RSA PUBLIC KEY' &&
		cp "$out" "$scratch/pem" &&
		expect 0 openssl rsa -RSAPublicKey_in -in "$scratch/pem" -noout
}

export_json()
{
	expect 0 parsecctl export-public-key -k ecc384 --json &&
		json 'd["pem"].startswith("-----BEGIN PUBLIC KEY-----\n") and d["bits"] == 384' &&
		expect 0 parsecctl export-public-key -k ecc384 --raw --json &&
		json 'len(__import__("base64").b64decode(d["raw_base64"])) == 97'
}

delete()
{
	expect 0 parsecctl delete-key -k pss && same 'deleted pss' "$(cat "$out")" &&
		refuses 1 'PsaErrorDoesNotExist (1140)' parsecctl export-public-key -k pss &&
		expect 0 parsecctl create-ecc-key -k pss &&
		expect 0 parsecctl delete-key -k pss --json && json 'd["deleted"] is True'
}

# The message in full, once: number, name, meaning, what to do
does_not_exist()
{
	refuses 1 parsecctl parsecctl delete-key --key-name web &&
		same 'parsecctl: delete-key: key "web": PsaErrorDoesNotExist (1140): no key of this name exists; list yours with "parsecctl list-keys"' \
			"$(cat "$err")"
}

error_json()
{
	expect 1 parsecctl --json delete-key -k web &&
		json 'd["error"]["status"] == 1140 and d["error"]["name"] == "PsaErrorDoesNotExist"' \
			'"list-keys" in d["error"]["advice"]' && says '(1140)' "$err"
}

two_users()
{
	for user in alice bob; do
		expect 0 as "$user" parsecctl create-ecc-key -k web &&
			expect 0 as "$user" parsecctl export-public-key -k web &&
			cp "$out" "$scratch/$user" || return 1
	done
	! cmp -s "$scratch/alice" "$scratch/bob" || { echo 'the same key'; return 1; }
	expect 0 as alice parsecctl list-keys --json && json '[k["name"] for k in d] == ["web"]' &&
		expect 0 as alice parsecctl delete-key -k web &&
		expect 0 as alice parsecctl list-keys && lines 0 &&
		expect 0 as bob parsecctl list-keys && says '  web' &&
		expect 0 as bob parsecctl export-public-key -k web && cmp "$out" "$scratch/bob"
}

check 'an ECC key of 256 bits' create_ecc 256 SHA-256
check 'an ECC key of 384 bits' create_ecc 384 SHA-384
check 'an ECC key of 521 bits' create_ecc 521 SHA-512
check 'an RSA key' create_rsa
check 'an RSA-PSS key for any hash, as JSON' create_pss
check 'list-keys as JSON' list_json
check 'list-keys of one provider' list_of_provider
check 'the PEM of a P-256 key' export_pem ecc256 'prime256v1'
check 'the PEM of a P-384 key' export_pem ecc384 'secp384r1'
check 'the PEM of a P-521 key' export_pem ecc521 'secp521r1'
check 'the PEM of an RSA key' export_pem rsa 'Public-Key: (2048 bit)'
check 'the raw form of a public key' export_raw
check 'the PKCS#1 form of a public key' export_pkcs1
check 'a public key as JSON' export_json
check 'delete-key frees the name' delete
check 'a missing key is explained in one line' does_not_exist
check 'an error as JSON' error_json
check 'a name in use is 1139' \
	refuses 1 'PsaErrorAlreadyExists (1139)' parsecctl create-ecc-key -k ecc256
check 'a size that no curve has is 1134' \
	refuses 1 'PsaErrorNotSupported (1134)' parsecctl create-ecc-key -k x --bits 300
check 'a deprecated hash is 22' \
	refuses 1 'DeprecatedPrimitive (22)' parsecctl create-ecc-key -k x --hash sha1
check 'an empty name is 1135' \
	refuses 1 'PsaErrorInvalidArgument (1135)' parsecctl create-ecc-key -k ''
check 'a key of a provider that is not there' \
	refuses 1 'ProviderNotRegistered (5)' parsecctl create-ecc-key -k x --provider tpm
check 'which is why it is not found' \
	refuses 1 'ProviderNotRegistered (5)' parsecctl sign -k x --provider tpm "$0"
check 'two users have their own keys of one name' two_users
done_testing
