#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The device, on the kernel that looks for errors, and with faults at every place.

# overload_test opens 10,000 files, which takes minutes on a busy processor
export MACHINE_TEST_SECONDS=1800
# shellcheck disable=SC2086 # a list
exec selftests/lib/machine --kernel debug --no-helper --timeout 3600 -- $DEVICE_PROGRAMS $FAULT_PROGRAMS
