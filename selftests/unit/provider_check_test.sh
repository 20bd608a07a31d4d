#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsec-provider-check on a provider with one thing wrong: each fault is found, by the
# facts that are about it, and without a fault there is nothing to find.

. selftests/lib/tap.sh

build=$(dirname "$0")/../..
PATH=$build/tools/provider-check:$PATH
export FAULT REAL

# found FAULT PROVIDER FACT: with the fault, a fact matching this does not hold
found()
{
	(
		unset OPENED
		FAULT=$1 REAL=$build/providers/$2.so
		parsec-provider-check --bail --provider "$(dirname "$0")/broken_provider.so"
	) >"$scratch/found" 2>/dev/null
	status=$?
	# shellcheck disable=SC2016 # expanded by the inner shell
	check "$1, $2: found" sh -c \
		'test "$1" = 1 && grep -q "^not ok .* - .*$2" "$3" || { cat "$3"; false; }' \
		- "$status" "$3" "$scratch/found"
}

check 'without a fault nothing is found' env FAULT=none REAL="$build/providers/template.so" \
	parsec-provider-check --provider "$(dirname "$0")/broken_provider.so"
found abi template 'provider of this ABI'
found text template 'vendor'
found mac template 'used as by OpenSSL'
found bounds template 'used as by OpenSSL'
found export template 'used as by OpenSSL'
found generate template 'generated and used'
found import template 'refused with 1135'
found blob template 'generated'
found destroy template 'destroying what never was'
found restart template 'used after it'
found full template 'keys are made'
found tired template 'loaded and used after a restart'
found threads template 'threads get the right results'
found random openssl 'random fills'
found sign openssl 'ECDSA: imported'
found verify openssl 'ECDSA: imported'
found cipher openssl 'AES .*: imported'
found aead openssl 'CM: imported'
found asymmetric openssl 'RSA .*: imported'
found agree openssl 'ECDH: imported'
check 'no provider at all is exit status 2' \
	sh -c 'parsec-provider-check 2>/dev/null; test $? = 2'
done_testing
