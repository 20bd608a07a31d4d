#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The installed service, as systemd runs it: a boot of its own.

export MACHINE_TEST_SECONDS=540
make -s --no-print-directory B="$PARSEC_BUILD" install DESTDIR="$PARSEC_BUILD/containers/root" \
	>&2 || exit
exec selftests/lib/machine --systemd --no-helper --timeout 580 -- selftests/containers/*.t
