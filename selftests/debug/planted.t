#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The debug machine notices what it is for: errors that a module of the test's own makes.

. selftests/lib/tap.sh

err=$scratch/err

# plant WHAT...: a boot in which these errors are made must fail, whatever the command says
plant()
{
	tools/vm/run --kernel debug --no-module --timeout 600 --append kasan_multi_shot -- \
		selftests/debug/guest/plant "$@" >"$err" 2>&1
	status=$?
	[ "$status" = 125 ] || { echo "exit status $status"; cat "$err"; return 1; }
}

says()
{
	grep -q "$1" "$err" || { cat "$err"; return 1; }
}

# Locks first: after any other report the kernel looks at them no more
check 'errors of the kernel fail the run' plant lock-order sleep overflow use-after-free
check 'a wrong order of locks is reported' says 'possible circular locking dependency'
check 'sleeping under a spin lock is reported' says 'BUG: sleeping function called'
check 'undefined behaviour is reported' says 'UBSAN: shift-out-of-bounds'
check 'a use after free is reported' says 'KASAN: .*use-after-free'
check 'lost memory alone fails the run' plant leak
check 'it is reported with who took it' says 'leak.*\[planted\]'
done_testing
