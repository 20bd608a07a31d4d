#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What becomes of calls when somebody dies or is replaced: a boot of their own.

export MACHINE_TEST_SECONDS=500
exec selftests/lib/machine --no-module --timeout 860 -- selftests/deaths/*.t
