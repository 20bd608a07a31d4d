#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who asks for too much: a boot of its own, with limits for some users.

export MACHINE_TEST_SECONDS=500
exec selftests/lib/machine --config selftests/floods/parsecd.conf --timeout 580 -- \
	selftests/floods/limits.t
