#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Misuse of parsecctl: one helpful line on standard error, nothing else, exit status 2.

. selftests/cli/lib.sh

# wrong TEXT ARGUMENT...
wrong()
{
	text=$1
	shift
	case $* in
	"$escape") title='parsecctl with a control sequence' ;;
	*) title="parsecctl $*" ;;
	esac
	check "$title" refuses 2 "$text" parsecctl "$@"
}

escape=$(printf 'a\033[31m\nb')

wrong 'there is no command "frobnicate"; see "parsecctl --help"' frobnicate
wrong 'there is no command "list-key", but "list-keys"' list-key
wrong 'there is no command "a\x1b[31m\nb"' "$escape"
wrong 'there is no command ""' ''
wrong '"--frobnicate" is no option here; see "parsecctl --help"' --frobnicate
wrong '"-x" is no option here' -x
wrong '"--frobnicate" is no option here; see "parsecctl ping --help"' ping --frobnicate
wrong '"--key-name" is no option here' ping --key-name web
wrong '"-x" is no option here' ping -x
wrong '"word" is one word too many' ping word
wrong '"b" is one word too many' sign -k web a b
wrong '--json takes no value' ping --json=yes
wrong '--provider makes no sense here' --provider 1 ping
wrong '--provider makes no sense without a command' --provider 1
wrong '--provider needs a value' list-keys --provider
wrong '--key-name needs a value' sign -k
wrong '--key-name NAME is missing' sign file
wrong '--key-name NAME is missing' create-ecc-key
wrong '--key-name NAME is missing' create-rsa-key --bits 2048
wrong '--key-name NAME is missing' export-public-key
wrong '--key-name NAME is missing' delete-key
wrong '--signature FILE is missing' verify -k web file
wrong '--nbytes N is missing' generate-random
wrong 'only one of FILE and --signature' verify -k web --signature -
wrong '--nbytes "0" is not a number from 1 to' generate-random -n 0
wrong '--nbytes "-1" is not a number' generate-random -n -1
wrong '--nbytes "1k" is not a number' generate-random -n 1k
wrong '--nbytes "99999999999999999999" is not a number' generate-random -n 99999999999999999999
wrong '--bits "many" is not a number from 1 to 65535' create-ecc-key -k x --bits many
wrong '--bits "" is not a number' create-rsa-key -k x --bits ''
wrong '--timeout "0" is not a number of seconds' --timeout 0 ping
wrong '--timeout "1s" is not a number of seconds' ping -t 1s
wrong '--timeout "nan" is not a number of seconds' ping -t nan
wrong '--timeout "99999999999" is not a number of seconds' ping -t 99999999999
wrong 'no hash is called "sha"' create-ecc-key -k x --hash sha
wrong 'no hash is called "any"' hash --hash any
wrong 'no hash is called "sha257"' sign -k x --hash sha257
wrong '"zz" is not hexadecimal' hash --compare zz Makefile
wrong '"abc" is not hexadecimal' hash --compare abc Makefile
wrong 'shows no provider "hal"' list-keys --provider hal
wrong 'shows no provider "256"' list-keys --provider 256
wrong 'shows no provider ""' list-keys --provider ''
wrong 'provider 0, core, does no cryptography' create-ecc-key -k x --provider core
wrong '--raw and --pkcs1 exclude each other' export-public-key -k x --raw --pkcs1
wrong '"--version" is no option here' ping --version
done_testing
