#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Keys in a TPM when the machine boots again, with the same TPM and with another: three boots,
# with one key store.

. selftests/lib/tap.sh

# Where the machine sees it
kept=${PARSEC_BUILD:-build}/tpm-reboot
trap 'rm -rf "$scratch" "$kept"' EXIT
rm -rf "$kept"
mkdir -p "$kept"

# boot STATE COMMAND...
boot()
{
	state=$1
	shift
	tools/vm/run --no-helper --tpm-state "$kept/$state" --timeout 300 -- \
		selftests/tpm/reboot "$@"
}

make_keys()
{
	boot one make >"$kept/store"
}

check 'a machine makes keys in its TPM' make_keys
check 'they work after a reboot' boot one same "$kept/store"
check 'with another TPM they say so' boot two other "$kept/store"
done_testing
