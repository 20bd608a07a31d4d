#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The device, on the kernel that looks for errors, and with faults at every place.

export MACHINE_TEST_SECONDS=480
# shellcheck disable=SC2086 # a list
exec selftests/lib/machine --kernel debug --no-helper --timeout 2400 -- $DEVICE_PROGRAMS $FAULT_PROGRAMS
