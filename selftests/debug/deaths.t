#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What becomes of calls when somebody dies, on the kernel that looks for errors and, in the
# end, for memory that was lost.

export MACHINE_TEST_SECONDS=3200
exec selftests/lib/machine --kernel debug --no-module --timeout 3600 -- selftests/deaths/matrix.t
