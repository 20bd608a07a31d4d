#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The module's own unit tests, which the kernel runs when it loads a module that has them.

exec selftests/lib/machine --kernel debug --no-module --timeout 600 \
	--append kunit.enable=1 -- selftests/debug/guest/kunit
