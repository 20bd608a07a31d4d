#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsec-provider-check --fault-command, on a provider that keeps keys in files: a folder
# that is taken away for a while is a backend that is broken.

. selftests/lib/tap.sh

here=$(dirname "$0")
PATH=$here/../../tools/provider-check:$PATH
mkdir "$scratch/tmp"

cat >"$scratch/fault" <<'END'
case $1 in
break) mv "$STATE_DIR/keys" "$STATE_DIR/away" ;;
mend) test ! -e "$STATE_DIR/keys" && mv "$STATE_DIR/away" "$STATE_DIR/keys" ;;
lose) test -f "$STATE_DIR/keys/$2" && rm "$STATE_DIR/keys/$2" ;;
*) false ;;
esac
END

# kit COMMAND: with few keys, as nothing here is about many
kit()
{
	TMPDIR=$scratch/tmp parsec-provider-check --provider "$here/file_provider.so" --keys 10 \
		--fault-command "$1"
}

good()
{
	kit "sh $scratch/fault" >"$scratch/all" || { cat "$scratch/all"; return 1; }
	for fact in 'listed until it is destroyed' 'list ends where' 'are listed, each' \
		'none of them is listed' 'failures while' 'there are some' 'all is as before' 'has lost is gone' \
		'opens when the backend' 'does no harm'; do
		grep "^ok .*$fact" "$scratch/all" || return
	done
}

# found FAULT FACT [COMMAND]: with the fault this fact does not hold
found()
{
	(export FAULT="$1"; kit "${3:-sh $scratch/fault}") >"$scratch/found" 2>/dev/null
	status=$?
	# shellcheck disable=SC2016 # expanded by the inner shell
	check "$1: found" sh -c \
		'test "$1" = 1 && grep -q "^not ok .* - .*$2" "$3" || { cat "$3"; false; }' \
		- "$status" "$2" "$scratch/found"
}

check 'a provider whose failures are clean is accepted' good
found blame 'failures while the backend is broken are clean'
found blind 'failures while the backend is broken are clean'
found zeros 'failures while the backend is broken are clean'
found made-up 'all is as before'
found sure 'all is as before'
found stuck 'all is as before'
found stale 'has lost is gone'
found anew 'opens when the backend is mended'
found refuse 'does no harm'
found empty-list 'failures while the backend is broken are clean'
found short-list 'listed until it is destroyed'
found double-list 'listed until it is destroyed'
found endless-list 'list ends where it is to end'
found 'command that breaks nothing' 'there are some' true
found 'command that does not work' 'the backend can be broken' false
found 'command that does not mend' 'all is as before' "! test mend ="
done_testing
