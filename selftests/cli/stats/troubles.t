#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What parsecctl doctor makes of the counters. After the other tests, as they stay.

. selftests/cli/lib.sh

# Where it looks for parsecd
mkdir -p /usr/libexec/parsec
ln -sf "$PARSEC_BUILD/helper/parsecd" /usr/libexec/parsec/parsecd
conf=$scratch/conf
cp selftests/cli/stats/parsecd.conf "$conf"
chmod 644 "$conf"

# doctor [STATUS] : of an administrator, in $out
doctor()
{
	expect "$1" as alice parsecctl doctor --config "$conf"
}

nothing()
{
	doctor 0 && says 'ok       limits         nobody is at them' &&
		says 'ok       replies        none is forged' &&
		expect 0 as bob parsecctl doctor --config "$conf" && says 'you are not at them' &&
		says 'unknown  replies        only an administrator'
}

# Carol may have one file open: the rule holds from her first request on
as_many_as_allowed()
{
	mkfifo "$scratch/held"
	chmod 666 "$scratch/held"
	as carol sh -c 'exec 3<>/dev/parsec; "$1" 3; echo >"$2"; read -r _ <"$2"' - \
		"$PARSEC_BUILD/selftests/device/use_fd" "$scratch/held" &
	carol=$!
	read -r _ <"$scratch/held"
	doctor 1 && says 'PROBLEM  limits         user 1002 in /' &&
		says ': 0 refused; 1 of at most 1 files open'
	status=$?
	echo >"$scratch/held"
	wait "$carol" && [ $status = 0 ] && doctor 0 && says 'nobody is at them'
}

at_a_limit()
{
	mkfifo "$scratch/go"
	chmod 666 "$scratch/go"
	as carol sh -c 'exec 3<>/dev/parsec && parsecctl ping >/dev/null && ! parsecctl ping 2>/dev/null &&
		echo >"$1" && read -r _ <"$1"' - "$scratch/go" &
	carol=$!
	read -r _ <"$scratch/go"
	doctor 1 && says 'PROBLEM  limits         user 1002 in /' &&
		says ': 1 refused; 1 of at most 1 files open' && same 1 "$(grep -c ^PROBLEM "$out")" &&
		expect 1 as alice parsecctl doctor --config "$conf" --json &&
		json '[e["check"] for e in d if e["result"] == "problem"] == ["limits"]'
	status=$?
	echo >"$scratch/go"
	wait "$carol" && [ $status = 0 ] && doctor 0 &&
		says 'nobody is at them now; 1 were refused since the module was loaded'
}

# A host of a provider of its own answers a request that it never got
lie()
{
	python3 -IS <<'PYTHON'
import os
import socket
import struct

NETLINK_GENERIC, REQUEST_ACK = 16, 5
GENL_ID_CTRL, GETFAMILY, FAMILY_ID, FAMILY_NAME = 16, 3, 1, 2
REGISTER, REPLY, ID, PROVIDER, STATUS, CREDITS = 1, 3, 2, 4, 6, 7


def attr(number, data):
    return struct.pack("=HH", 4 + len(data), number) + data + bytes(-len(data) % 4)


def ask(family, cmd, *attrs):
    body = struct.pack("=BBH", cmd, 1, 0) + b"".join(attrs)
    sock.send(struct.pack("=IHHII", 16 + len(body), family, REQUEST_ACK, 1, 0) + body)
    return sock.recv(65536)


sock = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_GENERIC)
answer = ask(GENL_ID_CTRL, GETFAMILY, attr(FAMILY_NAME, b"parsec\0"))
sock.recv(65536)
at = 20
while True:
    length, number = struct.unpack_from("=HH", answer, at)
    if number == FAMILY_ID:
        family, = struct.unpack_from("=H", answer, at + 4)
        break
    at += length + -length % 4
ask(family, REGISTER, attr(PROVIDER, b"\xc8"), attr(CREDITS, struct.pack("=I", 1)))
sock.recv(65536)
ask(family, REPLY, attr(ID, struct.pack("=Q", 4711)), attr(STATUS, bytes(2)))
PYTHON
}

forged()
{
	lie && doctor 1 && says 'PROBLEM  replies        1 to requests that the host did not have' &&
		same 1 "$(grep -c ^PROBLEM "$out")"
}

check 'nothing is wrong where nothing is' nothing
check 'who has as much as it may have is named' as_many_as_allowed
check 'who was refused is named, as long as it is there' at_a_limit
check 'a forged reply is reported' forged
done_testing
