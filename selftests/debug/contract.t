#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The whole way to the software provider, on the kernel that looks for errors.

export MACHINE_TEST_SECONDS=900
# shellcheck disable=SC2086 # a list
exec selftests/lib/machine --kernel debug --timeout 2400 -- $CONTRACT_PROGRAMS
