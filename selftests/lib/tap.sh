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

# The files of the tree, without what was built
tracked()
{
	git ls-files -- "$@" 2>/dev/null | while read -r tap_file; do
		[ -e "$tap_file" ] && echo "$tap_file"
	done
}
