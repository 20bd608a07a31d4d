#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The conformance kit on the provider with the machine's TPM, through the kernel's resource
# manager, and once more in the sandbox of a host.

conf=$(mktemp)
trap 'rm -f "$conf"' EXIT
cat >"$conf" <<end
[provider tpm]
library = tpm.so
id = 3
user = parsec-tpm
devices = /dev/tpmrm0
end
"$PARSEC_BUILD/tools/provider-check/parsec-provider-check" \
	--provider "$PARSEC_BUILD/providers/tpm.so" --config "$conf" --keys 5 --quick --sandbox
