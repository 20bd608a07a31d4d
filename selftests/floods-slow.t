#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a slow TPM means for who does not use it: a boot of its own, of a machine whose clock counts
# instructions.

export MACHINE_TEST_SECONDS=500
exec selftests/lib/machine --icount --tpm --config selftests/floods/tpm.conf --timeout 860 -- \
	selftests/floods/slow.t
