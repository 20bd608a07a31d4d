#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The doctor on keys without names and names without keys, in a token: a boot of its own, as
# the service has a provider for the token and an administrator.

export MACHINE_TEST_SECONDS=400
exec selftests/lib/machine --no-helper --timeout 480 -- selftests/cli/strangers/*.t
