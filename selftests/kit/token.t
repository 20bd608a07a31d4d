#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The conformance kit with a token of SoftHSM as it is, on the kernel whose Landlock and seccomp the
# provider's host has. Natively it has more keys, and allocations that fail.

PARSEC_TRAP='' exec "$PARSEC_BUILD/selftests/unit/provider_check_pkcs11_test" --keys 10 --quick
