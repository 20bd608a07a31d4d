#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The doctor, on a machine that is in order and on one that is not: a boot of its own, as
# it leaves a complaint in the kernel's log.

export MACHINE_TEST_SECONDS=540
exec selftests/lib/machine --timeout 580 -- selftests/cli/doctor/*.t
