#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsec-provider-check on a provider with one thing wrong: each fault is found, by the
# facts that are about it, and without a fault there is nothing to find.

. selftests/lib/tap.sh

build=$(dirname "$0")/../..
PATH=$build/tools/provider-check:$PATH
export FAULT REAL

# found FAULT PROVIDER FACT [TYPE [KIND]]: with the fault, a fact matching this does not hold
found()
{
	(
		unset OPENED LOST
		FAULT=$1 REAL=$build/providers/$2.so
		[ -z "$4" ] || export TYPE="$4"
		[ -z "$5" ] || export KIND="$5"
		parsec-provider-check --bail --provider "$(dirname "$0")/broken_provider.so"
	) >"$scratch/found" 2>/dev/null
	status=$?
	# shellcheck disable=SC2016 # expanded by the inner shell
	check "$1, $2: found" sh -c \
		'test "$1" = 1 && grep -q "^not ok .* - .*$2" "$3" || { cat "$3"; false; }' \
		- "$status" "$3" "$scratch/found"
}

# Numbers of <parsec/types.h>
aes=4 rsa=10 ecc=11 mac=3 cipher=4 aead=5 sign=6 crypt=7 agree=8

check 'without a fault nothing is found' env FAULT=none REAL="$build/providers/template.so" \
	parsec-provider-check --provider "$(dirname "$0")/broken_provider.so"
# The template could do more at a time than it declares here
limited()
{
	FAULT=none REAL=$build/providers/template.so CONCURRENCY=$1 parsec-provider-check \
		--keys 10 --provider "$(dirname "$0")/broken_provider.so" >"$scratch/limited" &&
		grep "^ok .*the host lets in what is declared: $2" "$scratch/limited" ||
		{ cat "$scratch/limited"; return 1; }
}

check 'one call at a time is what the host lets in' limited 0 'one call at a time$'
check 'one call for each key is what the host lets in' limited 1 'one call at a time for each key'
found abi template 'provider of this ABI'
found text template 'vendor'
found constant template 'capabilities are constant'
found mac template 'used as by OpenSSL'
found bounds template 'used as by OpenSSL'
found export template 'used as by OpenSSL'
found generate template 'generated and used'
found import template 'refused with 1135'
found size template 'keys of unclaimed sizes are refused'
found blob template 'generated'
found destroy template 'destroying what never was'
found never template 'one that never was is not there'
found exists template 'one that never was is not there'
found odd template 'wrong blobs do no harm'
found leak template 'leaves no memory behind'
found failure-leak template 'each allocation may fail'
found blame template 'each allocation may fail'
found careless template 'each allocation may fail'
found partial openssl 'each allocation may fail' $aes $cipher
found open-file template 'opening it again leaves nothing behind'
found open-leak template 'opening it again leaves nothing behind'
# What only LeakSanitizer sees, in a kit that is built with it
if nm "$build/tools/provider-check/parsec-provider-check" | grep -q __lsan_do; then
	found lost template 'LeakSanitizer finds nothing'
else
	skip 'lost, template: found' 'only with LeakSanitizer'
fi
found restart template 'used after it'
found full template 'keys are made'
found tired template 'loaded and used after a restart'
found threads template 'threads get the right results'
found random openssl 'random fills' $aes $mac
found sign openssl 'ECDSA: imported' $ecc $sign
found verify openssl 'ECDSA: imported' $ecc $sign
found verify-length openssl 'ECDSA: bad input is refused' $ecc $sign
found cipher openssl 'AES .*: imported' $aes $cipher
found padding openssl 'CBC-PKCS7: bad input is refused' $aes $cipher
found iv openssl 'AES .*: bad input is refused' $aes $cipher
found aead openssl 'CM: imported' $aes $aead
found tag openssl 'CM: .*imported' $aes $aead
found tag-length openssl 'CM: imported' $aes $aead
found asymmetric openssl 'RSA .*: imported' $rsa $crypt
found rsa-padding openssl 'RSA .*: bad input is refused' $rsa $crypt
found label openssl 'OAEP: bad input is refused' $rsa $crypt
found agree openssl 'ECDH: imported' $ecc $agree
found peer openssl 'ECDH: imported' $ecc $agree

# sandboxed FAULT PATH: run also in the sandbox, where it may read PATH besides the other provider
sandboxed()
{
	printf '[provider broken]\nlibrary = broken.so\nid = 16\npaths = %s, %s\n' \
		"$(realpath "$build/providers")" "$2" >"$scratch/conf"
	FAULT=$1 REAL=$(realpath "$build/providers/template.so") parsec-provider-check --sandbox \
		--keys 10 --config "$scratch/conf" --provider "$(dirname "$0")/broken_provider.so" \
		>"$scratch/sandboxed"
	status=$?
	cat "$scratch/sandboxed"
	return $status
}

# stopped FAULT WHY: by the sandbox, and by nothing else
stopped()
{
	! sandboxed "$1" /etc/group && test "$(grep -c '^not ok' "$scratch/sandboxed")" = 1 &&
		grep '^not ok .*in the sandbox of a host$' "$scratch/sandboxed" &&
		grep "^# .*$2" "$scratch/sandboxed"
}

check 'without a fault nothing is found in the sandbox' sandboxed none /etc/group
if grep -q 'SKIP the kernel has no Landlock' "$scratch/sandboxed"; then
	skip 'in the sandbox: found' 'only with Landlock'
else
	check 'program, template: found in the sandbox' stopped program 'killed for a system call'
	check 'reading, template: found in the sandbox' stopped reading 'not ok .* made, used'
	check 'and not when it may read that' sandboxed reading /proc/version
fi
check 'no provider at all is exit status 2' \
	sh -c 'parsec-provider-check 2>/dev/null; test $? = 2'
done_testing
