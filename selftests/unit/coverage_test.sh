#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Documentation/coverage.rst is what make coverage would write.  Runs in the top folder.

. selftests/lib/tap.sh

build=$(dirname "$0")/../..
page=Documentation/coverage.rst
export fresh=$scratch/fresh

check 'the providers say what they can do' sh -c '"$0" "$@" >"$fresh"' \
	tools/coverage/page "$build"
silent 'coverage.rst is up to date, or else: make coverage' diff -u "$page" "$fresh"
done_testing
