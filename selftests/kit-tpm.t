#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The conformance kit on the TPM provider with a TPM of the machine.

export MACHINE_TEST_SECONDS=1100
exec selftests/lib/machine --no-helper --tpm --timeout 1200 -- selftests/kit/tpm.t
