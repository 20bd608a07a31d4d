#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The software provider, the TPM provider with a simulated TPM and the PKCS#11 provider with a
# token of SoftHSM, with each other: cross.c.

if [ -z "${TPM_TCTI:-}" ]; then
	exec selftests/lib/swtpm "$0"
fi
. selftests/lib/tap.sh
. selftests/lib/softhsm.sh

build=$(dirname "$0")/../..
softhsm_token "$(realpath "$build/selftests/pkcs11/trap.so")" >"$scratch/token" 2>&1 || { cat "$scratch/token"; exit 1; }
cat - "$hsm/provider.conf" >"$scratch/cross.conf" <<end
[provider software]
library = openssl.so
id = 1

[provider tpm]
library = tpm.so
id = 3
tcti = $TPM_TCTI

end
# What SoftHSM and C++ keep to the end is theirs
printf 'leak:libsofthsm2\nleak:libstdc++\n' >"$scratch/leaks"
LSAN_OPTIONS=suppressions=$scratch/leaks:print_suppressions=0 TMPDIR=$scratch \
	"$build/selftests/unit/cross" "$scratch/cross.conf" "$build/providers"
