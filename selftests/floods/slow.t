#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who waits for a slow TPM does not make others wait, and the page about it says so.
#
#   slow.t [FILE]	the table goes to FILE, too

. selftests/floods/lib.sh
. selftests/lib/hosts.sh

# The provider looks for its TPM until it may use it
chown parsec-tpm /dev/tpmrm0
check 'the TPM is there' eventually parsecctl --provider 3 generate-random --nbytes 8
run slow_test
rows_are slow "${1:-$scratch/slow}" 'who asks for what' 'looked at' bound result
done_testing
