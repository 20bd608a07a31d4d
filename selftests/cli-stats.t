#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What is counted, and what the doctor makes of it: a boot of its own, as counts stay.

export MACHINE_TEST_SECONDS=400
exec selftests/lib/machine --timeout 580 --config selftests/cli/stats/parsecd.conf -- \
	selftests/cli/stats/*.t
