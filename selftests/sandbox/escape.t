#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# A provider that somebody has broken into, in a service that goes on. It tries a way out
# each time that it is asked to make a key. More of them are in the unit test.

. selftests/sandbox/lib.sh

software=$(host software)
master=/var/lib/parsec/software/master.key
tmp=/tmp/escaped

check 'the provider is there' configure required parsec-pkcs11
escape worked create-file $store/x 'to keep a file of its own'
escape 'refused, EACCES' read-file $master 'to read keys of another'
escape 'refused, EACCES' read-file /etc/shadow 'to read passwords'
escape 'refused, EACCES' read-file "$conf" 'to read the configuration'
escape 'refused, EACCES' read-proc-memory "$software" 'to read the memory of another by a file'
escape 'refused, EACCES' write-file "$evil" 'to change its own code'
escape 'refused, EACCES' create-file $tmp 'to leave a file outside'
escape 'refused, EACCES' create-file /run/parsec/software/x 'to leave a file with another'
escape 'refused, EAFNOSUPPORT' connect-unix /run/parsec/software/sock 'to ask another'
escape 'refused, EAFNOSUPPORT' connect-unix /run/parsecd-notify 'to talk to who manages parsecd'
escape 'refused, EAFNOSUPPORT' open-inet '' 'to use the network'
escape 'refused, EAFNOSUPPORT' open-netlink '' 'to open a line to the kernel'
escape 'refused, ENOSYS' allow-dumps '' 'to allow core dumps'
escape 'refused, ENOSYS' write-code '' 'to write code'
escape killed run-program /bin/true 'to run a program'
escape killed make-process '' 'to make a process'
escape killed trace "$software" 'to trace another'
escape killed send-signal "$software" 'to signal another'
escape killed trace "$parsecd" 'to trace parsecd'
escape killed become-root '' 'to become root'

# What only Landlock is in the way of
check 'it may be of the same user as another' configure required parsec-openssl
escape 'refused, EACCES' read-file $master 'to read keys of the same user'
check 'it need not be locked in' configure off parsec-openssl
escape worked read-file $master 'unlocked, to read keys of the same user'
escape worked create-file $tmp 'unlocked, to leave a file outside'
escape worked open-netlink '' 'unlocked, to open a line to the kernel'
escape worked open-inet '' 'unlocked, to use the network'

# What a user of its own does alone
check 'it may be unlocked and of a user of its own' configure off parsec-pkcs11
escape 'refused, EACCES' read-file $master 'unlocked, to read keys of another'

no_device()
{
	before=$(wc -l <"$log")
	echo 'devices = /dev/not-there' >>"$conf"
	sed -i 's/^sandbox = off/sandbox = required/' "$conf"
	kill -HUP "$parsecd"
	eventually says_now '/dev/not-there cannot be let into the sandbox' && eventually serves 1
}

# connects USER: to the socket at which the software provider answers core
connects()
{
	as "$1" python3 -IS -c 'import socket
socket.socket(socket.AF_UNIX).connect("/run/parsec/software/sock")'
}

other_user_does_not_connect()
{
	connects parsec-core && ! connects parsec-pkcs11 && ! connects alice
}

# Requests come over netlink and over sockets that somebody listens at: which of a process
# are of these kinds?
ways_in()
{
	readlink "/proc/$1"/fd/* | sed -n 's/^socket:\[\(.*\)\]$/\1/p' >"$scratch/sockets"
	{
		awk 'NR > 1 { print $NF }' /proc/net/netlink
		awk 'NR > 1 && NF > 7 { print $7 }' /proc/net/unix
	} | grep -xFf "$scratch/sockets"
}

parsecd_gets_no_requests()
{
	ways_in "$(host software)" >"$scratch/ways" && ! ways_in "$parsecd"
}

check 'a device that is missing is said so, others serve' no_device
check 'only core can ask a host' other_user_does_not_connect
check 'parsecd has no line to the kernel, nor listens' parsecd_gets_no_requests
check 'in the end the service is as it was' as_it_was
done_testing
