#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The TPM provider in the service, with a TPM of the machine and Debian's driver for it.

export MACHINE_TEST_SECONDS=400
exec selftests/lib/machine --no-helper --tpm --timeout 860 -- selftests/tpm/*.t
