#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Shares and waiting times of who is flooded: a boot of its own, of a machine whose clock counts
# instructions.

export MACHINE_TEST_SECONDS=500
exec selftests/lib/machine --icount --timeout 860 -- selftests/floods/fair.t
