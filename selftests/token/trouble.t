#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A library that crashes, hangs and lies, a token that goes away, a PIN that is wrong: it is
# the matter of this one host, while the software provider signs, verifies and decrypts.

. selftests/token/lib.sh

sig=$scratch/sig
broken=$PARSEC_BUILD/selftests/pkcs11/trap.so

workers=2
# Seconds until a library that hangs is given up, which is what others would wait if they had
# to wait for the token, and after which they complain
timeout=15
patience=8

# Somebody who uses the software provider all the time: the milliseconds of each call, and
# what fails or takes too long
use_software()
{
	until [ -e "$scratch/enough" ]; do
		for command in 'sign -k beside' "verify -k beside --signature $scratch/beside.sig" \
			'decrypt -k beside-aes'; do
			file=$text
			[ "$command" != 'decrypt -k beside-aes' ] || file=$scratch/beside.box
			began=$(date +%s%3N)
			# shellcheck disable=SC2086 # words
			parsecctl -t $patience $command "$file" >/dev/null 2>>"$scratch/failures" ||
				echo "$command: failed" >>"$scratch/failures"
			echo $(($(date +%s%3N) - began)) >>"$scratch/times"
		done
	done
}

prepare()
{
	expect 0 token create-ecc-key -k one && expect 0 parsecctl create-ecc-key -k beside &&
		expect 0 parsecctl sign -k beside -o "$scratch/beside.sig" "$text" &&
		expect 0 parsecctl create-key -k beside-aes --type aes &&
		expect 0 parsecctl encrypt -k beside-aes -o "$scratch/beside.box" "$text"
}

# There have been calls, all of them good and in time
went_on()
{
	sort -n "$scratch/times" >"$scratch/sorted"
	calls=$(wc -l <"$scratch/sorted")
	echo "$calls calls, 99 % within $(sed -n "$((calls * 99 / 100))p" "$scratch/sorted") ms," \
		"longest $(tail -n 1 "$scratch/sorted") ms" >>"$scratch/figures"
	[ "$calls" -ge "$1" ] && same '' "$(cat "$scratch/failures")"
}

# beside COMMAND...: it must succeed, and nobody at the software provider notice
beside()
{
	rm -f "$scratch/enough"
	: >"$scratch/failures"
	: >"$scratch/times"
	use_software &
	user=$!
	"$@"
	done=$?
	: >"$scratch/enough"
	wait "$user"
	[ $done = 0 ] && went_on 6
}

# Are all workers of the token's host asleep in the library (clock_nanosleep)?
hanging()
{
	[ "$(cat "/proc/$(host token)"/task/*/syscall | grep -c '^230 ')" -ge $workers ]
}

# All workers hang and more wait; then the library works again, and each of them is answered
hangs()
{
	pid=$(host token)
	echo C_Sign=hang >"$rules"
	callers=
	for _ in 1 2 3 4; do
		token sign -k one --der "$text" >/dev/null 2>>"$scratch/callers" &
		callers="$callers $!"
	done
	eventually hanging || return
	: >"$rules"
	eventually logged "the PKCS #11 library has not answered for $timeout s" &&
		eventually logged 'host token was killed by signal 6' &&
		eventually is_new token "$pid" || return
	for caller in $callers; do
		wait "$caller" || { cat "$scratch/callers"; return 1; }
	done
}

# What kills a host twice is given up
crashes()
{
	: >"$log"
	echo C_Sign=crash >"$rules"
	token sign -k one "$text" >"$out" 2>"$err" && return 1
	eventually crashed_twice
	crashed=$?
	: >"$rules"
	[ $crashed = 0 ] && eventually signs && crashed_twice
}

crashed_twice()
{
	same 2 "$(grep -c 'host token was killed by signal 11' "$log")"
}

signs()
{
	expect 0 token sign -k one --der -o "$sig" "$text" &&
		expect 0 token verify -k one --der --signature "$sig" "$text"
}

# lies RULE: the host lives on, answers with a failure, and is all right when the library is
lies()
{
	pid=$(host token)
	echo "$1" >"$rules"
	refuses 1 "$2" token sign -k one "$text"
	refused=$?
	: >"$rules"
	[ $refused = 0 ] && eventually signs && same "$pid" "$(host token)"
}

# The token is taken away, and put back: with sessions and login of before
goes_away()
{
	pid=$(host token)
	: >"$log"
	mkdir -p /var/lib/softhsm/away && mv "$tokens"/* /var/lib/softhsm/away || return
	expect 1 token sign -k one "$text" && says '(114' "$err" && expect 0 token list-keys && says one &&
		! token create-ecc-key -k two >"$out" 2>&1
	went=$?
	mv /var/lib/softhsm/away/* "$tokens" && [ $went = 0 ] && eventually signs &&
		same "$pid" "$(host token)" && logged 'connected to the token again' &&
		expect 0 token create-ecc-key -k two && expect 0 token delete-key -k two
}

# A host that starts without the token is there when the token is
starts_without()
{
	stop && mv "$tokens"/* /var/lib/softhsm/away && serve 2 &&
		logged 'no initialised token' && expect 0 parsecctl sign -k beside "$text" &&
		mv /var/lib/softhsm/away/* "$tokens" && eventually signs
}

# A PIN that is wrong is tried once, though the host is started often, and the file may be mended
wrong_pin()
{
	stop && chmod 600 "$pin" && printf 4321 >"$pin" && serve 2 &&
		logged 'the token does not take user_pin' &&
		logged 'host token stays off' && expect 0 parsecctl sign -k beside "$text" &&
		sleep 3 && same 1 "$(grep -c 'does not take user_pin' "$log")" && ! grep -q 4321 "$log" &&
		printf 1234 >"$pin" && stop && serve && signs
}

# pin_file MODE OWNER TEXT: it is refused, and says why
pin_file()
{
	stop && chmod "$1" "$pin" && chown "$2" "$pin" && serve 2 && logged "$3" &&
		expect 0 parsecctl sign -k beside "$text"
	went=$?
	chmod 400 "$pin" && chown parsec-pkcs11: "$pin" && stop && serve && [ $went = 0 ] && signs
}

: >"$scratch/figures"
check 'there is a token' make_token
configure "$broken" "workers = $workers" "call_timeout = $timeout"
check 'the service starts' serve
check 'both providers have keys' prepare
check 'a library that hangs is given up, its callers are answered' beside hangs
check 'a library that crashes ends its own host alone' beside crashes
check 'a length that cannot be is a failure' lies C_Sign=lie '(1145)'
check 'a device that fails is a failure of the hardware' lies C_SignInit=0x30 '(1147)'
check 'a token that goes away comes back with all its keys' beside goes_away
check 'a host that starts without its token waits for it' starts_without
check 'a PIN that is wrong is tried once' wrong_pin
check 'a PIN that others may read is refused' pin_file 444 parsec-pkcs11: \
	'its file may be read or written by others'
check 'so is one that the host cannot read' pin_file 400 root: 'its file cannot be opened'
check 'it stops' stop
sed 's/^/# beside the token: /' "$scratch/figures"
done_testing
