#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecd and its hosts, with the module and without it: a boot of their own.

export MACHINE_TEST_SECONDS=300
exec selftests/lib/machine --no-module --timeout 330 -- selftests/helper/*.t
