#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Real containers, and the service as systemd runs it, with a TPM and a token: a boot of their
# own, in which the service is installed.

export MACHINE_TEST_SECONDS=600
make -s --no-print-directory B="${PARSEC_BUILD:?}" install DESTDIR="$PARSEC_BUILD/containers/root" \
	>&2 || exit
exec selftests/lib/machine --systemd --tpm --no-helper --timeout 1000 -- selftests/containers/*.t
