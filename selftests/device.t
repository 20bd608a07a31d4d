#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The device, with tests that play the helper themselves: one boot for all of them.

# shellcheck disable=SC2086 # a list
exec selftests/lib/machine --no-helper --timeout 900 -- $DEVICE_PROGRAMS
