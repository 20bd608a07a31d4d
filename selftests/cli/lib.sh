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
#
# Here and below the shell does it itself: a process costs a lot in an emulated machine.
says()
{
	while IFS= read -r tap_line || [ -n "$tap_line" ]; do
		case $tap_line in
		*"$1"*) return ;;
		esac
	done <"${2-$out}"
	echo "no \"$1\" in:"
	cat "${2-$out}"
	return 1
}

# lines N [FILE]: the file ($out) must have so many lines
lines()
{
	tap_lines=0
	while IFS= read -r tap_line || [ -n "$tap_line" ]; do
		tap_lines=$((tap_lines + 1))
	done <"${2-$out}"
	[ "$tap_lines" = "$1" ] && return
	echo "$tap_lines lines, not $1:"
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

# json EXPRESSION...: $out must be one JSON document, d, for which this Python holds
json()
{
	python3 -IS -c '
import json, sys
d = json.load(open(sys.argv[1]))
for expression in sys.argv[2:]:
	if not eval(expression):
		sys.exit("not so: " + expression)' "$out" "$@" && return
	cat "$out"
	return 1
}

# refuses STATUS TEXT COMMAND...: nothing on $out, one line with this text on $err
refuses()
{
	tap_want=$1
	tap_text=$2
	shift 2
	expect "$tap_want" "$@" && says "$tap_text" "$err" && lines 1 "$err" && lines 0
}

# as USER COMMAND...
as()
{
	tap_user=$1
	shift
	setpriv --reuid="$tap_user" --regid="$tap_user" --init-groups "$@"
}

# No keys of an earlier test: USER...
forget_keys()
{
	for user in "$@"; do
		as "$user" parsecctl list-keys --json >"$out"
		lines 1 >/dev/null || as "$user" python3 -IS -c '
import json, subprocess, sys
for key in json.load(open(sys.argv[1])):
	subprocess.run(["parsecctl", "delete-key", "-k", key["name"]])' "$out"
	done >/dev/null
}
