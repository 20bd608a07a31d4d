#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# What a section of the configuration opens to its host, devices, files and sockets, and nothing
# beside it. The device is a TPM, which is asked for random bytes; so this needs a machine that
# has one.

. selftests/sandbox/lib.sh

tpm=/dev/tpmrm0
beside=/dev/tpm0
listed=/srv/listed
other=/srv/other
listener=/srv/listener

# Modes let everybody at all of it: what is refused, the sandbox refuses
prepare()
{
	chmod 666 "$tpm" "$beside" && mkdir -p "$listed" "$other" && chmod 777 "$listed" "$other" &&
		: >"$listed/file" && : >"$other/file" && chmod 666 "$listed/file" "$other/file"
}

listen()
{
	python3 -IS -c 'import os, socket, sys
s = socket.socket(socket.AF_UNIX)
s.bind(sys.argv[1])
os.chmod(sys.argv[1], 0o666)
s.listen(9)
while True: s.accept()' "$listener" &
	eventually test -S "$listener"
}

check 'there is something to be opened' prepare
check 'somebody listens' listen

check 'a section may list nothing' configure required parsec-tpm
escape 'refused, EACCES' ask-tpm $tpm 'not listed, to ask the TPM'
escape 'refused, ENOSYS' control-device '' 'without devices, to control one'
escape 'refused, EACCES' read-file $listed/file 'not listed, to read'
escape 'refused, EAFNOSUPPORT' connect-unix $listener 'without network, to connect'

check 'a section may list a device, files to read, Unix sockets' \
	configure required parsec-tpm "devices = $tpm" "paths = $listed" 'network = unix'
escape worked ask-tpm $tpm 'listed, to ask the TPM'
escape 'refused, EACCES' ask-tpm $beside 'to ask it by another device'
escape worked control-device '' 'with devices, to control one'
escape worked read-file $listed/file 'listed, to read'
escape 'refused, EACCES' write-file $listed/file 'to write what is listed to be read'
escape 'refused, EACCES' create-file $listed/new 'to make a file where it may read'
escape 'refused, EACCES' read-file $other/file 'to read beside it'
escape worked connect-unix $listener 'with Unix sockets, to connect'
escape 'refused, ENOSYS' open-inet '' 'with Unix sockets, to use the network'

check 'a section may list files to write, and the network' \
	configure required parsec-tpm "writable = $listed" 'network = inet'
escape 'refused, EACCES' ask-tpm $tpm 'not listed any more, to ask the TPM'
escape worked write-file $listed/file 'listed, to write'
escape worked create-file $listed/new 'listed, to make a file'
escape 'refused, EACCES' write-file $other/file 'to write beside it'
escape 'refused, EACCES' create-file $other/new 'to make a file beside it'
escape worked open-inet '' 'with the network, to use it'
escape worked connect-unix $listener 'with the network, to connect'
escape 'refused, ENOSYS' open-netlink '' 'with the network, to open a line to the kernel'
check 'in the end the service is as it was' as_it_was
done_testing
