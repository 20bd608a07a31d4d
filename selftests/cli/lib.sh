# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# For the tests of parsecctl, which run in the test machine: run it, look at what it said.

. selftests/lib/tap.sh

PATH=$PARSEC_BUILD/tools/parsecctl:$PATH
out=$scratch/out
err=$scratch/err
chmod 755 "$scratch"

# expect STATUS COMMAND...: it must end with this status; streams go to $out and $err
expect()
{
	want=$1
	shift
	"$@" >"$out" 2>"$err"
	status=$?
	[ "$status" = "$want" ] && return
	echo "$*: exit status $status, not $want"
	cat "$out" "$err"
	return 1
}

# says TEXT [FILE]: the file ($out) must have a line with this text in it
says()
{
	grep -q -F -e "$1" "${2-$out}" && return
	echo "no \"$1\" in:"
	cat "${2-$out}"
	return 1
}

# same WANTED GOT
same()
{
	[ "$1" = "$2" ] && return
	printf 'wanted: %s\ngot:    %s\n' "$1" "$2"
	return 1
}

# json EXPRESSION: $out must be one JSON document, d, for which this Python holds
json()
{
	python3 -c '
import json, sys
d = json.load(open(sys.argv[1]))
sys.exit(not eval(sys.argv[2]))' "$out" "$1" && return
	echo "not so: $1"
	cat "$out"
	return 1
}

# refuses STATUS TEXT COMMAND...: nothing on $out, one line with this text on $err
refuses()
{
	tap_want=$1
	tap_text=$2
	shift 2
	expect "$tap_want" "$@" && says "$tap_text" "$err" && same 1 "$(wc -l <"$err")" &&
		same 0 "$(wc -c <"$out")"
}

# as USER COMMAND...
as()
{
	tap_user=$1
	shift
	setpriv --reuid="$tap_user" --regid="$tap_user" --init-groups "$@"
}
