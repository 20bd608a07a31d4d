#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A minute of the device's fuzzer, each time with another seed.

export MACHINE_TEST_SECONDS=600
export PARSEC_FUZZ_SEED="${SEED:-$(date +%s)}"
echo "# seed $PARSEC_FUZZ_SEED"
exec selftests/lib/machine --kernel debug --no-helper --timeout 900 -- selftests/debug/guest/fuzz
