#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Keys in a TPM through the whole service, locked in: made, used, checked with plain openssl,
# and there after a restart.

. selftests/tpm/lib.sh

is_listed()
{
	expect 0 parsecctl list-providers --json &&
		json '[p["id"] for p in d] == [1, 3, 0]' &&
		expect 0 parsecctl doctor && says 'ok       host tpm'
}

makes_keys()
{
	tpm create-ecc-key -k p256 && tpm create-ecc-key -k p384 --bits 384 &&
		tpm create-ecc-key -k any --hash any && tpm create-rsa-key -k rsa &&
		tpm create-rsa-key -k pss --pss &&
		tpm create-key -k oaep --type rsa --algorithm rsa-oaep --hash sha256 &&
		tpm create-key -k ecdh --type ecc --algorithm ecdh
}

sign()
{
	verifies p256 sha256 && verifies p384 sha384 && verifies any sha384 &&
		verifies rsa sha256 && verifies pss sha256 -sigopt rsa_padding_mode:pss
}

# By the TPM, and by the provider in software, which has the public key only
others_verify()
{
	tpm sign -k p256 "$file" >"$sig" && tpm verify -k p256 --signature "$sig" "$file" &&
		tpm export-public-key -k p256 >"$pem" &&
		as alice parsecctl import-key -k peer --algorithm ecdsa --hash sha256 "$pem" &&
		as alice parsecctl verify -k peer --signature "$sig" "$file" &&
		echo other >"$scratch/other" && chmod 644 "$scratch/other" &&
		refuses 1 '(1149)' tpm verify -k p256 --signature "$sig" "$scratch/other"
}

# request KEY SIGNATURE-ALGORITHM
request()
{
	tpm create-csr -k "$1" --subject /CN=web >"$scratch/csr" &&
		expect 0 openssl req -in "$scratch/csr" -verify -noout -text &&
		says "Signature Algorithm: $2" && says 'verify OK' "$err"
}

requests()
{
	request p256 ecdsa-with-SHA256 && request rsa sha256WithRSAEncryption &&
		request pss rsassaPss
}

decrypts()
{
	tpm export-public-key -k oaep >"$pem" &&
		openssl pkeyutl -encrypt -pubin -inkey "$pem" -in "$file" -out "$scratch/secret" \
			-pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha256 &&
		chmod 644 "$scratch/secret" && tpm decrypt -k oaep "$scratch/secret" >"$out" &&
		cmp "$out" "$file"
}

agrees()
{
	openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$scratch/pair" &&
		openssl pkey -in "$scratch/pair" -pubout -out "$scratch/peer" &&
		chmod 644 "$scratch/peer" && tpm export-public-key -k ecdh >"$pem" &&
		tpm agree -k ecdh --peer "$scratch/peer" >"$scratch/ours" &&
		openssl pkeyutl -derive -inkey "$scratch/pair" -peerkey "$pem" \
			-out "$scratch/theirs" &&
		cmp "$scratch/ours" "$scratch/theirs"
}

# More than a TPM gives at once
random()
{
	tpm generate-random -n 500 >"$scratch/one" && tpm generate-random -n 500 >"$out" &&
		same 500 "$(wc -c <"$out")" && ! cmp -s "$scratch/one" "$out" &&
		[ "$(gzip -c "$out" | wc -c)" -gt 500 ]
}

# import NAME OPTION-OF-GENPKEY...: made by openssl, its public part stays what it was
import()
{
	name=$1
	shift
	openssl genpkey "$@" -out "$scratch/$name" && chmod 644 "$scratch/$name" &&
		tpm import-key -k "$name" --hash sha256 "$scratch/$name" &&
		verifies "$name" sha256 && openssl pkey -in "$scratch/$name" -pubout | cmp - "$pem"
}

imports()
{
	import their-ecc -algorithm EC -pkeyopt ec_paramgen_curve:P-256 &&
		import their-rsa -algorithm RSA -pkeyopt rsa_keygen_bits:1024
}

# What cannot be had says so, with the status of the contract
refusals()
{
	refuses 1 '(1134)' tpm export-key -k p256 &&
		refuses 1 '(1134)' tpm create-key -k x --type aes --algorithm gcm &&
		refuses 1 '(1139)' tpm create-ecc-key -k p256 &&
		refuses 1 '(1140)' tpm sign -k none "$file" &&
		refuses 1 '(1140)' as bob parsecctl sign --provider tpm -k p256 "$file"
}

after_a_restart()
{
	stop_parsecd && start_parsecd 3 3 && sign && decrypts &&
		verifies their-ecc sha256 && verifies their-rsa sha256
}

killed()
{
	tap_old=$(host tpm)
	kill -9 "$tap_old" && eventually is_new tpm "$tap_old" && eventually verifies p256 sha256 &&
		verifies rsa sha256
}

# Nothing of what was done is an attack to the TPM, nor is anything left in it
leaves_no_trace()
{
	same 0x0 "$(counter)" && stop_parsecd && same '' "$(tpm2_getcap handles-transient)" &&
		same '' "$(tpm2_getcap handles-persistent)" && start_parsecd 3 3
}

check 'the service starts' begin
check 'all three hosts are there and in order' is_listed
check 'keys of all kinds are made' makes_keys
check 'openssl verifies what they sign' sign
check 'so do the TPM and the provider in software' others_verify
check 'certificate requests' requests
check 'what openssl encrypts is decrypted' decrypts
check 'an agreement gives what openssl gets' agrees
check 'random bytes' random
check 'private keys of openssl are imported' imports
check 'what cannot be has the status of the contract' refusals
check 'keys are there after a restart' after_a_restart
check 'and after the host was killed' killed
check 'the TPM has seen no attack and keeps nothing' leaves_no_trace
check 'it stops' end
done_testing
