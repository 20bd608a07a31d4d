#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# The examples of the documentation do what it says. Each is run as it is printed there.

. selftests/cli/lib.sh
forget_keys root alice bob

install -o alice -m 644 README.md /home/alice/README.md

# As alice, at home, like a reader
by_alice()
{
	as alice env HOME=/home/alice sh -ec 'cd && . "$0"' "$1"
}

# example N FILE: the Nth literal block of a man page below EXAMPLES
example()
{
	awk -v n="$1" '
		/^\.Sh/ { within = /EXAMPLES/ }
		/^\.Ed/ { literal = 0 }
		literal && within && found == n
		/^\.Bd -literal/ && within { literal = 1; found++ }' "$2" |
		sed 's/\\e/\\/g'
}

readme()
{
	sed -n 's/^    \(\(parsecctl\|openssl\).*\)/\1/p' README.md >"$scratch/readme"
	chmod 644 "$scratch/readme"
	lines 5 "$scratch/readme" && expect 0 by_alice "$scratch/readme" &&
		says 'service     connected' && says 'Verified OK' &&
		as alice parsecctl delete-key -k web
}

parsecctl_1()
{
	for n in 1 2; do
		example "$n" Documentation/man/parsecctl.1 >"$scratch/example$n"
		[ -s "$scratch/example$n" ] || return 1
	done
	expect 0 by_alice "$scratch/example1" && says 'Verified OK' &&
		expect 0 by_alice "$scratch/example2" && same "'web'" "$(cat "$out")"
}

parsec_4()
{
	example 1 Documentation/man/parsec.4 >"$scratch/ping.c" && says '#include' "$scratch/ping.c" &&
		gcc -Wall -Wextra -Werror -isystem include/uapi -o "$scratch/ping" "$scratch/ping.c" &&
		expect 0 as alice "$scratch/ping" && same 'status 0, 2 bytes' "$(cat "$out")"
}

uapi()
{
	awk '/^    import ctypes/ { on = 1 } /^[^ ]/ { on = 0 } on' Documentation/uapi.rst |
		sed 's/^    //' >"$scratch/random.py"
	expect 0 as alice python3 - <"$scratch/random.py" && same 33 "$(wc -c <"$out")"
}

# What the manual says of exit statuses and the program does not must not differ
options_documented()
{
	parsecctl --help | sed -n 's/^  \([a-z][a-z-]*\)  .*/\1/p' |
		while read -r command; do
			grep -q "^\\.It Cm $command\\>" Documentation/man/parsecctl.1 || echo "$command"
			parsecctl "$command" --help
		done >"$scratch/helps"
	grep -v ' ' "$scratch/helps" | grep . && return 1
	grep -o -e '--[a-z0-9-]*' "$scratch/helps" | sort -u | sed 's/^--//' |
		while read -r option; do
			grep -q -- "\\\\-$option\\>" Documentation/man/parsecctl.1 || echo "--$option"
		done >"$out"
	lines 0
}

check 'README.md' readme
check 'parsecctl(1)' parsecctl_1
check 'parsec(4)' parsec_4
check 'uapi.rst' uapi
check 'every command and option is in parsecctl(1)' options_documented
done_testing
