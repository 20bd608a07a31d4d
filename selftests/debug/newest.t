#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The device on the newest kernel that Debian has for its release.

tools/vm/kernel newest >/dev/null || {
	echo '1..0 # SKIP no newer kernel than the stock one can be had'
	exit
}
export MACHINE_TEST_SECONDS=480
# shellcheck disable=SC2086 # a list
exec selftests/lib/machine --kernel newest --no-helper --timeout 2400 -- $DEVICE_PROGRAMS
