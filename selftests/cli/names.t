#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Key names are bytes of others: any of them works, none of them reaches the terminal.

. selftests/cli/lib.sh
forget_keys root alice bob

long=$(head -c 4096 /dev/zero | tr '\0' x)
newline='
'

# Make, use and delete it, and find it in both lists: NAME AS-TEXT
works()
{
	expect 0 parsecctl create-ecc-key -k "$1" && says "created $2: " &&
		expect 0 parsecctl list-keys && says "  $2" && lines 2 &&
		expect 0 parsecctl list-keys --json && printf %s "$1" >"$scratch/name" &&
		json "d[0]['name'] == open('$scratch/name', newline='').read()" &&
		parsecctl sign -k "$1" -o "$scratch/sig" Makefile &&
		expect 0 parsecctl verify -k "$1" --signature "$scratch/sig" Makefile &&
		expect 0 parsecctl delete-key -k "$1" && says "deleted $2"
}

# Nothing but printable ASCII and newlines, and as many lines as there should be
harmless()
{
	name=$(printf '\033]0;title\007\r\b\177\302\233\342\200\256')
	expect 0 parsecctl create-ecc-key -k "$name" || return 1
	{
		cat "$out"
		parsecctl list-keys
		parsecctl list-keys --json
		parsecctl create-ecc-key -k "$name" 2>&1
		parsecctl verify -k "$name" --signature Makefile Makefile 2>&1
		parsecctl delete-key -k "$name"
		parsecctl delete-key -k "$name" 2>&1
		parsecctl delete-key -k "$name" --json 2>&1
	} >"$scratch/all"
	same '' "$(tr -d '\n -~' <"$scratch/all" | od -An -c)"
}

host()
{
	pgrep -f 'parsec-host.* --provider software '
}

# A list leaves out a provider that is just starting
listed_again()
{
	for _ in $(seq 600); do
		parsecctl list-keys --json >"$out" && cmp -s "$scratch/before" "$out" && return
		sleep 0.1
	done
	return 1
}

# Another process answers afterwards, from what is on the disk
survive_a_restart()
{
	old=$(host)
	[ "$old" ] || return 1
	for name in "$long" "$(printf 'clé-🔑-\033[31m')" ../x; do
		parsecctl create-ecc-key -k "$name" || return 1
	done >"$out" 2>&1
	parsecctl list-keys --json >"$scratch/before" && kill -KILL "$old" && listed_again &&
		json 'len(d) == 3 and max(len(k["name"]) for k in d) == 4096' &&
		[ "$(host)" != "$old" ] && expect 0 parsecctl sign -k ../x -o "$scratch/sig" Makefile
}

check 'a word' works web web
check 'spaces' works ' a b ' '" a b "'
check 'a dash in front' works --help --help
check 'quotes and backslashes' works "a\"b'c\\d" "\"a\\\"b'c\\\\d\""
check 'a path' works ../../etc/passwd ../../etc/passwd
check 'a newline' works "a${newline}b" '"a\nb"'
check 'a formatting instruction' works '%s%n%d' '%s%n%d'
check 'letters beyond ASCII' works 'clé-鍵-🔑' 'clé-鍵-🔑'
check 'a control sequence' works "$(printf 'a\033[31mb')" '"a\x1b[31mb"'
check '4096 bytes' works "$long" "$long"
check '4097 bytes are 1135' refuses 1 '(1135)' parsecctl create-ecc-key -k "x$long"
check 'bytes that are not UTF-8 are 1135' \
	refuses 1 '"a\xffb": PsaErrorInvalidArgument' parsecctl create-ecc-key -k "$(printf 'a\377b')"
check 'names are the same after a restart' survive_a_restart
forget_keys root
check 'no name can steer a terminal' harmless
done_testing
