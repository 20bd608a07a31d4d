#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The options of the providers: what the libraries take is what the pages tell, no more and no
# less.

. selftests/lib/tap.sh

# in_library PROVIDER: what it compares the name of an option with
in_library()
{
	cat "providers/$1"/*.c | grep -o 'option->name, "[^"]*"' | cut -d '"' -f 2 | sort
}

# in_table FILE [TITLE]: first column of the tables, all of them or those below a title
in_table()
{
	awk -v title="${2:-}" '
		/^[-=][-=]+$/ { here = !title || last == title }
		here && match($0, /^``[a-z_]+``  /) { print substr($0, 3, RLENGTH - 6) }
		{ last = $0 }' "$1" | sort
}

# in_man TITLE: options below a title of parsecd.conf.5
in_man()
{
	awk -v title="$1" '
		/^\.S[sh] / { here = substr($0, 5) == title }
		here && /^\.It Ic / { print $3 }' Documentation/man/parsecd.conf.5 | sort
}

# same PROVIDER COMMAND...: there are options, and the command tells them
same()
{
	in_library "$1" >"$scratch/library"
	shift
	"$@" >"$scratch/page"
	[ -s "$scratch/library" ] && diff "$scratch/library" "$scratch/page"
}

check 'pkcs11: configuration.rst' same pkcs11 in_table Documentation/configuration.rst \
	'The options of pkcs11.so'
check 'pkcs11: its own page' same pkcs11 in_table Documentation/token-provider.rst
check 'pkcs11: the man page' same pkcs11 in_man 'The PKCS#11 provider'
check 'tpm: configuration.rst' same tpm in_table Documentation/configuration.rst \
	'The options of tpm.so'
check 'tpm: its own page' same tpm in_table Documentation/tpm-provider.rst
check 'tpm: the man page' same tpm in_man 'The TPM provider'
silent 'openssl has none' in_library openssl
done_testing
