#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The whole way, from the command line through the device to the helper: one boot.

exec selftests/lib/machine --timeout 600 -- selftests/cli/*.t
