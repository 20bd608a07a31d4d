#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The TPM provider in the service, with a TPM of the machine and Debian's driver for it.

export MACHINE_TEST_SECONDS=600
exec selftests/lib/machine --no-helper --tpm --timeout 1500 -- selftests/tpm/*.t
