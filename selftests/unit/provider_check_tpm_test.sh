#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The conformance kit on the TPM provider, with a simulated TPM, whose socket is all that the
# sandbox has to be told about.

if [ -z "${TPM_TCTI:-}" ]; then
	exec selftests/lib/swtpm "$0"
fi
build=$(dirname "$0")/../..
cat >"$TPM_DIR/check.conf" <<end
[provider tpm]
library = tpm.so
id = 3
tcti = $TPM_TCTI
network = unix
end
# What --lossy is for. Where libcrypto was called from is not in a stack that is taken quickly, so
# what it lost while it served tpm2-tss looks like its own
printf 'leak:%s\n' libtss2- libcrypto >"$TPM_DIR/suppressions"
export LSAN_OPTIONS="suppressions=$TPM_DIR/suppressions:print_suppressions=0"
# The name of the TPM stays in the state directory
export TMPDIR="$TPM_DIR"
"$build/tools/provider-check/parsec-provider-check" --provider "$build/providers/tpm.so" \
	--config "$TPM_DIR/check.conf" --keys 20 --lossy --sandbox
