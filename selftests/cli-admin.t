#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The command line with administrators and a second provider: a boot of its own.

exec selftests/lib/machine --config selftests/cli/admin/parsecd.conf -- selftests/cli/admin/*.t
