#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Keys in a PKCS#11 token: a boot of their own.

export MACHINE_TEST_SECONDS=600
exec selftests/lib/machine --no-helper --timeout 1200 -- selftests/token/*.t
