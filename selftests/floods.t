#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Who asks for too much: a boot of its own, with limits for some users.

export MACHINE_TEST_SECONDS=780
exec selftests/lib/machine --config selftests/floods/parsecd.conf --timeout 860 -- \
	selftests/floods/limits.t
