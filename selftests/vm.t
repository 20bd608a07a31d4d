#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tools/vm/run passes on what a command says and notices when the machine is unwell.

. selftests/lib/tap.sh

out=$scratch/out
err=$scratch/err

# run STATUS ARGUMENTS...: the run must end with that status
run()
{
	want=$1
	shift
	tools/vm/run "$@" >"$out" 2>"$err"
	status=$?
	[ "$status" = "$want" ] || { echo "exit status $status"; cat "$err"; return 1; }
}

same()
{
	[ "$1" = "$2" ] || { echo "got: $1"; echo "want: $2"; return 1; }
}

separate_and_complete()
{
	run 7 --no-module -- sh -c 'seq 20000; seq 10000 >&2; exit 7' &&
		same "$(wc -l <"$out") $(wc -l <"$err")" '20000 10000'
}

facts()
{
	PARSEC_FACT='a b' run 0 --no-module -- sh -c '
		id -u; pwd; echo "$PARSEC_FACT"; nproc; id -u parsec alice bob >/dev/null
		ls /sys/kernel/security/lsm /sys/kernel/debug/tracing/trace /sys/fs/cgroup/cgroup.procs \
			/dev/pts/ptmx >/dev/null && echo mounted; touch /written && echo written' &&
		same "$(paste -sd ' ' "$out")" "0 $PWD a b 2 mounted written" && [ ! -e /written ]
}

# The counter as the kernel inside takes it, in its own seconds, and as it is here
right_clock()
{
	run 0 --no-module -- "${PARSEC_BUILD:-build}/vm/ticks" || return
	here=$("${PARSEC_BUILD:-build}/vm/ticks")
	inside=$(cat "$out")
	echo "$inside kHz inside, $here kHz here"
	[ $((inside * 100)) -gt $((here * 99)) ] && [ $((inside * 99)) -lt $((here * 100)) ]
}

# In a folder for temporary files of its own, to see that nothing stays there
interrupted()
{
	dir=$scratch/tmp
	mkdir "$dir"
	TMPDIR=$dir tools/vm/run --no-module -- sleep 60 >"$out" 2>&1 &
	sleep 2
	kill "$!"
	wait "$!"
	status=$?
	same "$status $(ls "$dir")" '143 '
}

complains()
{
	run 125 --no-module -- sh -c "echo '$1' >/dev/kmsg" && grep -q "$2" "$err"
}

panics()
{
	run 125 --no-module -- sh -c 'echo c >/proc/sysrq-trigger' && grep -q 'panic' "$err"
}

two_at_a_time()
{
	tools/vm/run --no-module -- echo first >"$out" 2>&1 &
	tools/vm/run --no-module -- echo second >"$err" 2>&1
	wait "$!" && same "$(cat "$out" "$err")" "$(printf 'first\nsecond')"
}

# A make that says what it was asked for, and fails, so that nothing is booted
mkdir "$scratch/bin" "$scratch/build"
cat >"$scratch/bin/make" <<-'EOT'
	#!/bin/sh
	echo "make $*"
	exit 1
EOT
chmod 755 "$scratch/bin/make"

# By hand it makes all, so that no test is of an old build
made_by_hand()
{
	(
		unset PARSEC_BUILD
		PATH=$scratch/bin:$PATH
		run 125 --no-module -- true
	) && grep -q '^make .* B=build machine-build$' "$err" && same "$(cat "$out")" ''
}

made_by_the_caller()
{
	PATH=$scratch/bin:$PATH PARSEC_BUILD=$scratch/build run 125 -- true &&
		! grep -q machine-build "$out" "$err"
}

# prepared: $scratch/build is a folder with all that is needed but a module
prepared()
{
	mkdir -p "$scratch/build/vm" && touch "$scratch/build/vm/ticks" &&
		touch "$scratch/build/vm/initramfs-$stock.cpio"
}

no_module()
{
	prepared && PARSEC_BUILD=$scratch/build run 125 -- true &&
		grep -q "there is no .*/module-$stock/parsec.ko: run make" "$err"
}

# What it was built of is newer; the boot archive is no archive, and so that is all
old_module()
{
	prepared && mkdir -p "$scratch/build/module-$stock" &&
		touch -d 2000-01-01 "$scratch/build/module-$stock/parsec.ko" || return
	PARSEC_BUILD=$scratch/build run 124 --timeout 1 -- true
	grep -q "module-$stock/parsec.ko is older than Kbuild: run make" "$err"
}

new_module()
{
	touch "$scratch/build/module-$stock/parsec.ko" || return
	PARSEC_BUILD=$scratch/build run 124 --timeout 1 -- true
	! grep 'is older than' "$err"
}

stock=$(tools/vm/kernel --version)
check 'by hand all is made first' made_by_hand
check 'the caller has made all' made_by_the_caller
check 'a module that is not there is missed' no_module
check 'a module that is older than its sources is told of' old_module
check 'a module that is newer is not' new_module
check 'both streams are complete and apart, the exit status is passed on' separate_and_complete
check 'the command finds what it needs and can change nothing here' facts
check 'its seconds are as long as those here' right_clock
check 'a command that is not there is 127' run 127 --no-module -- /no/such/command
check 'the time limit is 124' run 124 --no-module --timeout 3 -- sleep 60
check 'an interrupted run leaves nothing behind' interrupted
check 'two runs do not disturb each other' two_at_a_time
check 'a warning of the kernel fails the run' complains '<4>WARNING: CPU: 0 PID: 1 at x' 'at x'
check 'a bug of the kernel fails the run' complains '<1>BUG: kernel NULL pointer' 'NULL'
check 'a panic fails the run and is shown' panics
check 'a TPM is there when asked for' run 0 --tpm --no-module -- test -c /dev/tpmrm0
check 'the instruction clock has one processor' \
	run 0 --icount --no-module -- sh -c '[ "$(nproc)" = 1 ]'
check 'an unknown option is 2' run 2 --no-such-option -- true
check 'no command is 2' run 2
check 'the module loads and unloads' run 0 --no-helper -- test -c /dev/parsec
check 'a module in use when the command ends is no obstacle' run 0 --no-helper -- \
	sh -c 'sleep 100 </dev/parsec & exit 0'
done_testing
