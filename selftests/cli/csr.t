#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecctl create-csr: requests that openssl accepts.

. selftests/cli/lib.sh
forget_keys root

csr=$scratch/csr

# request KEY SIGNATURE-ALGORITHM [OPTION]...: openssl verifies it and finds what is in it
request()
{
	key=$1
	algorithm=$2
	shift 2
	expect 0 parsecctl create-csr -k "$key" --subject '/C=DE/O=Ex\/ample/CN=web' "$@" &&
		cp "$out" "$csr" && expect 0 openssl req -in "$csr" -verify -noout -text &&
		says "Signature Algorithm: $algorithm" && says 'Subject: C = DE, O = Ex/ample, CN = web' &&
		says 'verify OK' "$err" &&
		parsecctl export-public-key -k "$key" -o "$scratch/pem" &&
		expect 0 openssl req -in "$csr" -noout -pubkey && cmp "$out" "$scratch/pem"
}

alternative_names()
{
	expect 0 parsecctl create-csr -k p256 --subject /CN=web -o "$csr" \
		--san 'DNS:example.com,ip:192.0.2.1,IP:2001:db8::1,email:a@b.example,URI:urn:x\,y' &&
		lines 0 && expect 0 openssl req -in "$csr" -verify -noout -text &&
		says 'DNS:example.com, IP Address:192.0.2.1, IP Address:2001:DB8:0:0:0:0:0:1, email:a@b.example, URI:urn:x,y'
}

der()
{
	expect 0 parsecctl create-csr -k p256 --subject /CN=web --der -o "$csr" &&
		expect 0 openssl req -inform DER -in "$csr" -verify -noout
}

as_json()
{
	expect 0 parsecctl create-csr -k p256 --subject /CN=web --json &&
		json 'd["pem"].startswith("-----BEGIN CERTIFICATE REQUEST-----\n")' \
			'd["algorithm"] == "ECDSA, SHA-256" and d["name"] == "p256"'
}

# What is signed for: a certificate made of the request
certificate()
{
	expect 0 parsecctl create-csr -k p384 --subject /CN=clé --san DNS:a -o "$csr" &&
		expect 0 openssl req -x509 -newkey rsa:2048 -nodes -keyout "$scratch/ca.key" \
			-out "$scratch/ca.pem" -subj /CN=ca &&
		expect 0 openssl x509 -req -in "$csr" -CA "$scratch/ca.pem" \
			-CAkey "$scratch/ca.key" -CAcreateserial -out "$scratch/crt" &&
		expect 0 openssl verify -CAfile "$scratch/ca.pem" "$scratch/crt"
}

# misuse TITLE TEXT OPTION...
misuse()
{
	title=$1
	text=$2
	shift 2
	check "$title" refuses 2 "$text" parsecctl create-csr -k p256 "$@"
}

parsecctl create-ecc-key -k p256 >/dev/null
parsecctl create-ecc-key -k p384 -b 384 >/dev/null
parsecctl create-ecc-key -k p521 -b 521 >/dev/null
parsecctl create-ecc-key -k any --hash any >/dev/null
parsecctl create-rsa-key -k rsa >/dev/null
parsecctl create-rsa-key -k pss --pss >/dev/null
parsecctl create-rsa-key -k pss384 --pss --hash sha384 >/dev/null

check 'ECDSA on P-256' request p256 ecdsa-with-SHA256
check 'ECDSA on P-384' request p384 ecdsa-with-SHA384
check 'ECDSA on P-521' request p521 ecdsa-with-SHA512
check 'a hash that is chosen' request any ecdsa-with-SHA512 --hash sha512
check 'RSA PKCS#1 v1.5' request rsa sha256WithRSAEncryption
check 'RSA-PSS' request pss rsassaPss
check 'RSA-PSS with SHA-384' request pss384 rsassaPss
check 'alternative names' alternative_names
check 'DER' der
check 'as JSON' as_json
check 'a certificate for it' certificate
check 'a hash that the key does not sign with is 1133' refuses 1 '(1133)' \
	parsecctl create-csr -k p256 --subject /CN=x --hash sha384
check 'a key that does not exist is 1140' refuses 1 '(1140)' \
	parsecctl create-csr -k none --subject /CN=x
misuse 'no subject' '--subject NAME is missing'
misuse 'a subject without "/"' 'does not start with "/"' --subject CN=x
misuse 'a subject without "="' 'is not like "/CN=web/O=Example"' --subject /x
misuse 'a subject with a part without a value' 'such a part "CN"' --subject /CN=
misuse 'a subject with a part that does not exist' 'such a part "ZZ"' --subject /ZZ=x
misuse 'a subject with a country too long' 'such a part "C"' --subject /C=Germany
misuse 'an alternative name of no kind' '--san has a name' --subject /CN=x --san example.com
misuse 'an alternative name that is empty' '--san has a name' --subject /CN=x --san DNS:a,
misuse 'an address that is none' '--san has a name' --subject /CN=x --san IP:300.1.1.1
misuse 'DER within JSON' '--der and --json exclude each other' --subject /CN=x --der --json
done_testing
