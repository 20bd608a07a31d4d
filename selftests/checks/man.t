#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Man pages that mandoc has no complaint about, for every program and interface.

. selftests/lib/tap.sh

# That a page is not installed on this machine is no fault of the page that names it
lint()
{
	! mandoc -T lint -W style "$1" | grep -v 'referenced manual not found'
}

# The operations that a word of a rule stands for, a line of each: as the helper has them
groups_in_code()
{
	sed -n '/^} groups\[\] = {/,/^};/p' helper/config_rule.c | sed -e 1d -e '/^};/d' |
		tr -d '\n{' | sed 's/} *},/\n/g' | tr -d '",' | while read -r group opcodes; do
		for opcode in $opcodes; do
			echo "$group $(sed -n "s/.*, ${opcode#PARSEC_OP_}, \([A-Za-z]*\)).*/\1/p" \
				include/parsec/types.h)"
		done
	done
}

# And as the page has them, in the list that comes after those words
groups_in_page()
{
	sed -n '/^or the words for these groups:$/,/^\.El$/p' Documentation/man/parsecd.conf.5 |
		sed 1,2d | tr -d , | awk '
			$1 == ".It" { group = $3; next }
			$1 != ".El" { for (i = 1; i <= NF; i++) print group, $i }'
}

groups_agree()
{
	groups_in_code | sort >"$scratch/code" && groups_in_page | sort >"$scratch/page" &&
		[ "$(wc -l <"$scratch/code")" -gt 30 ] && diff -u "$scratch/code" "$scratch/page"
}

# What libparsec exports
exported()
{
	sed -n '/^global:/,/^local:/s/^[[:space:]]*\([a-z_0-9]*\);$/\1/p' tools/lib/libparsec.map
}

# documented SECTION MACROS: what the page has in a section, as arguments of these macros
documented()
{
	awk -v section="$1" -v macros="$2" '
		$1 == ".Sh" { inside = $2 == section }
		inside && $1 ~ "^\\.(" macros ")$" { print $2 }' Documentation/man/libparsec.3
}

# functions_agree SECTION MACROS: it has what is exported, once, and nothing else
functions_agree()
{
	exported | sort >"$scratch/exported" && documented "$@" | sort >"$scratch/page" &&
		[ "$(wc -l <"$scratch/exported")" -gt 50 ] &&
		diff -u "$scratch/exported" "$scratch/page"
}

for file in Documentation/man/*.[1-9]; do
	check "$file" lint "$file"
done
for page in parsecctl.1 libparsec.3 parsec.4 parsecd.conf.5 parsecd.8; do
	check "$page is there" test -s "Documentation/man/$page"
done
check 'parsecd.conf.5 has the groups of operations' groups_agree
check 'NAME of libparsec.3 has every function that is exported' functions_agree NAME Nm
check 'SYNOPSIS of libparsec.3 has every function that is exported' \
	functions_agree SYNOPSIS 'Fn|Fo'
done_testing
