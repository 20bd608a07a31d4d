#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The conformance kit on the PKCS#11 provider with a token in the machine.

export MACHINE_TEST_SECONDS=1100
exec selftests/lib/machine --no-helper --timeout 1200 -- selftests/kit/token.t
