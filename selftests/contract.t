#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The contract, through the device, the module, the helper and the software provider:
# one boot.

# shellcheck disable=SC2086 # a list
exec selftests/lib/machine --timeout 420 -- $CONTRACT_PROGRAMS
