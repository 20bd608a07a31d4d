#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What .ci/run makes of its time: it is run with a make, a clock and a kernel that only say what
# they are told to.

. selftests/lib/tap.sh

tree=$scratch/tree
bin=$scratch/bin
called=$scratch/called

# of NAME: one of its numbers
of()
{
	sed -n "s/^$1=\([0-9]*\)\$/\1/p" .ci/run
}

limit=$(of limit)
debug=$(of debug)
kernel=$(of kernel)

# fake FILE: a script, from standard input
fake()
{
	{ echo '#!/bin/sh'; cat; } >"$1"
	chmod 755 "$1"
}

mkdir -p "$tree/.ci" "$tree/tools/vm" "$bin"
cp .ci/run "$tree/.ci/"
# make check takes the time, or fails; so does make check-debug
fake "$bin/make" <<-'EOT'
	echo "$*" >>"$CALLED"
	[ "$1" != check ] || echo $((1000000 + TAKES)) >"$CALLED.clock"
	[ "$1" != "$FAILS" ]
EOT
fake "$bin/date" <<-'EOT'
	cat "$CALLED.clock"
EOT
# Only --cached: it must not be made just because somebody asks
fake "$tree/tools/vm/kernel" <<-'EOT'
	[ "$*" = '--cached debug' ] && [ "$CACHED" = yes ]
EOT

# run SECONDS CACHED FAILS: make check takes so long; FAILS is what fails
run()
{
	: >"$called"
	echo 1000000 >"$called.clock"
	CALLED=$called TAKES=$1 CACHED=$2 FAILS=${3:-nothing} PATH=$bin:$PATH \
		"$tree/.ci/run" >"$scratch/out" 2>&1
	status=$?
}

# calls STATUS TARGET...: that was its exit status, and these were made
calls()
{
	echo "status $status: $(cat "$called" "$scratch/out")"
	[ "$status" = "$1" ] || return
	shift
	[ "$(tr '\n' ' ' <"$called")" = "$* " ]
}

both()
{
	run "$@" && calls 0 check check-debug && [ ! -s "$scratch/out" ]
}

# One line tells that it is left out, and why
left_out()
{
	run "$@" && calls 0 check && [ "$(wc -l <"$scratch/out")" = 1 ] &&
		grep -q "check-debug is left out: $1 s are gone" "$scratch/out"
}

failed_check()
{
	run 0 yes check
	calls 1 check
}

failed_debug()
{
	run 0 yes check-debug
	calls 1 check check-debug
}

numbers_are_safe()
{
	echo "limit $limit, check-debug $debug, kernel $kernel"
	[ "$limit" -le 3000 ] && [ "$debug" -gt 0 ] && [ "$kernel" -gt 0 ]
}

check 'its limit is well below an hour' numbers_are_safe
check 'with a kernel, the last second that is early enough' both $((limit - debug)) yes
check 'with a kernel, one second later' left_out $((limit - debug + 1)) yes
check 'without one, the last second that is early enough' both $((limit - debug - kernel)) no
check 'without one, one second later' left_out $((limit - debug - kernel + 1)) no
check 'when a test fails nothing else is run' failed_check
check 'when a test fails on the debug kernel all has failed' failed_debug
done_testing
