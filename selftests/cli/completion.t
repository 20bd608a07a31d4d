#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# What bash completes for parsecctl.

. selftests/cli/lib.sh
. tools/dist/parsecctl.bash
forget_keys root

# completes WORDS WANTED...: the last of WORDS, which are separated by blanks
completes()
{
	local wanted=$2

	mapfile -d ' ' -t COMP_WORDS < <(printf %s "$1")
	[[ $1 != *' ' ]] || COMP_WORDS+=('')
	COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
	COMPREPLY=()
	_parsecctl
	same "$wanted" "${COMPREPLY[*]}"
}

parsecctl create-ecc-key -k plain >/dev/null
parsecctl create-ecc-key -k 'with blank' >/dev/null

check 'commands' completes 'parsecctl list-' \
	'list-providers list-opcodes list-authenticators list-keys list-clients'
check 'options of a command' completes 'parsecctl sign --' \
	'--key-name --hash --message --der --base64 --output --provider --json --device --timeout --help'
check 'options before a command' completes 'parsecctl --v' --version
check 'a command after an option with a value' completes 'parsecctl --provider 1 export-p' \
	export-public-key
check 'key names' completes 'parsecctl sign --key-name ' plain
check 'types' completes 'parsecctl create-key --type ecc' 'ecc ecc-public'
check 'words' completes 'parsecctl audit ' verify
check 'files' completes 'parsecctl sign Makef' Makefile
done_testing
