#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsecd and its hosts, with the module and without it: a boot of their own. First the unit tests
# that an ordinary user cannot run whole: in the machine they are run by root, and skip nothing.

export MACHINE_TEST_SECONDS=400
unit=${PARSEC_BUILD:-build}/selftests/unit
exec selftests/lib/machine --no-module --timeout 860 -- "$unit/inner_test" "$unit/instance_test" \
	"$unit/netlink_test" "$unit/privileges_test" selftests/helper/*.t
