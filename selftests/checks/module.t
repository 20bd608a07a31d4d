#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The module builds without a word from the compiler's further warnings and from sparse.

. selftests/lib/tap.sh

log=$scratch/log
lint=$PARSEC_BUILD/lint
rm -rf "$lint"

# complaints PATTERN: about our files, not the kernel's own headers
complaints()
{
	! grep -E "(^|/)(kernel|include/uapi/linux)/[a-z_]+\.[ch]:[0-9]+(:[0-9]+)?: $1" "$log"
}

make B="$lint" V=1 KFLAGS="W=1 C=2 CF=-D__CHECK_ENDIAN__" modules >"$log" 2>&1
status=$?
check 'the module builds' sh -c 'tail -n 30 "$1"; exit $2' - "$log" $status
check 'the compiler has nothing to say with W=1' complaints '(warning|error): '
check 'modpost has nothing to say' sh -c '! grep -E "^(WARNING|ERROR): modpost" "$1"' - "$log"

if command -v sparse >/dev/null; then
	check 'sparse was run' grep -q '^ *sparse .*chardev' "$log"
else
	skip 'sparse was run' 'no sparse'
fi
done_testing
