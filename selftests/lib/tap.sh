# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# TAP for the checks written in shell: one line for each thing that is looked at.
#
#   . selftests/lib/tap.sh
#   check 'what must hold' command arguments...
#   done_testing
#
# Files of a test's own go into $scratch, which is removed at the end.

tap_count=0
scratch=$(mktemp -d)
tap_output=$scratch/tap-output
trap 'rm -rf "$scratch"' EXIT
trap 'exit 1' INT TERM HUP

# result STATUS NAME: with what is in $tap_output as the reason when it is not zero
result()
{
	tap_count=$((tap_count + 1))
	if [ "$1" = 0 ]; then
		echo "ok $tap_count - $2"
	else
		echo "not ok $tap_count - $2"
		sed 's/^/# /' "$tap_output" >&2
	fi
}

# check NAME COMMAND...: the command must succeed
check()
{
	tap_name=$1
	shift
	"$@" >"$tap_output" 2>&1
	result $? "$tap_name"
}

# silent NAME COMMAND...: the command must succeed and have nothing to say
silent()
{
	tap_name=$1
	shift
	if "$@" >"$tap_output" 2>&1 && [ ! -s "$tap_output" ]; then
		result 0 "$tap_name"
	else
		result 1 "$tap_name"
	fi
}

skip()
{
	tap_count=$((tap_count + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

done_testing()
{
	echo "1..$tap_count"
}

# rst_table FILE: its lines, of columns with tabs between them, the first a header, as a table
# of a page
rst_table()
{
	awk -F '\t' '
		function line(    i, text) {
			for (i = 1; i <= NF; i++)
				text = text sprintf("%-" width[i] + 2 "s", $i)
			sub(/ +$/, "", text)
			return text
		}
		NR == FNR {
			for (i = 1; i <= NF; i++)
				if (length($i) > width[i])
					width[i] = length($i)
			next
		}
		FNR == 1 {
			for (i = 1; i <= NF; i++) {
				bar = sprintf("%" width[i] "s", "")
				gsub(/ /, "=", bar)
				bars = bars (i > 1 ? "  " : "") bar
			}
			print bars
			print line()
			print bars
			next
		}
		{ print line() }
		END { print bars }' "$1" "$1"
}

# page_has NAME PAGE FILE: what is in the page between ".. NAME" and ".. end of NAME" must be
# what the file has
page_has()
{
	sed -n "/^\\.\\. $1\$/,/^\\.\\. end of $1\$/p" "$2" | grep -v -e '^\.\.' -e '^$' >"$scratch/page"
	grep -v '^$' "$3" >"$scratch/wanted"
	diff -u "$scratch/page" "$scratch/wanted"
}

# The files of the tree, without what was built
tracked()
{
	git ls-files -- "$@" 2>/dev/null | while read -r tap_file; do
		[ -e "$tap_file" ] && echo "$tap_file"
	done
}
