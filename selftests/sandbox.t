#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Breaking out of a host: the unit test once more on Debian's kernel, and a provider that
# tries it in the running service, with and without what the configuration can open to it.

export MACHINE_TEST_SECONDS=500
exec selftests/lib/machine --tpm --timeout 860 -- \
	"${PARSEC_BUILD:-build}/selftests/unit/sandbox_test" selftests/sandbox/*.t
