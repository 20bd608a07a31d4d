#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsec-provider-check on a provider that attests its keys: there is nothing to find, and
# each fault of attestation is found.

. selftests/lib/tap.sh

here=$(dirname "$0")
PATH=$here/../../tools/provider-check:$PATH
mkdir "$scratch/tmp"
export FAULT TMPDIR="$scratch/tmp"

# Numbers of <parsec/types.h>
rsa=10 ecc=11

kit()
{
	parsec-provider-check --keys 10 --provider "$here/attest_provider.so" "$@"
}

good()
{
	kit >"$scratch/all" || { cat "$scratch/all"; return 1; }
	for fact in 'a challenge can be made' 'its challenges are answered' \
		'other challenges are refused' 'other keys attest it' 'from before a restart'; do
		for key in 'ECC key pair 256' 'RSA key pair 1024'; do
			grep "^ok .*$key.*$fact" "$scratch/all" || return
		done
	done
	ls "$TMPDIR"/parsec-provider-check-*/endorsement
}

# found FAULT TYPE FACT: with the fault, a fact matching this does not hold
found()
{
	(
		FAULT=$1
		export TYPE="$2"
		kit --bail
	) >"$scratch/found" 2>/dev/null
	status=$?
	# shellcheck disable=SC2016 # expanded by the inner shell
	check "$1: found" sh -c \
		'test "$1" = 1 && grep -q "^not ok .* - .*$2" "$3" || { cat "$3"; false; }' \
		- "$status" "$3" "$scratch/found"
}

check 'without a fault nothing is found' good
found name $ecc 'a challenge can be made'
found other-key $ecc 'a challenge can be made'
found trailing $ecc 'a challenge can be made'
found weak $ecc 'a challenge can be made'
found prepare-room $ecc 'a challenge can be made'
found origin $rsa 'a challenge can be made'
found activate-room $ecc 'its challenges are answered'
found integrity $ecc 'other challenges are refused'
found status $ecc 'other challenges are refused'
found padding $ecc 'other challenges are refused'
found label $ecc 'other challenges are refused'
found inner-length $ecc 'other challenges are refused'
found long-credential $ecc 'other challenges are refused'
found any-key $ecc 'other challenges are refused'
found own-only $rsa 'other keys attest it'
found new-endorsement $ecc 'from before a restart'
done_testing
