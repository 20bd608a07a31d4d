#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecd and its hosts, with the module and without it: a boot of their own.

export MACHINE_TEST_SECONDS=400
exec selftests/lib/machine --no-module --timeout 860 -- selftests/helper/*.t
