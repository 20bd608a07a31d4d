#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The command line where the module or the helper is missing: a boot of its own.

exec selftests/lib/machine --no-module -- selftests/cli/alone/*.t
