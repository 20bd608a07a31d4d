#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
#
# A TPM of the kernel's own, /dev/tpmN and /dev/tpmrmN, whose commands a simulated one answers:
#
#   vtpm.py SOCKET
#
# prints N and passes commands on to the socket of a swtpm until it is killed; with it the device
# goes, as one that is unplugged. Stopped, it is a TPM that hangs. swtpm could do it itself, but
# in an emulated machine its self-test takes longer than the kernel waits for a new device's.

import errno
import fcntl
import os
import socket
import struct
import sys

VTPM_PROXY_IOC_NEW_DEV = 0xC014A100
VTPM_PROXY_FLAG_TPM2 = 1
# Of the driver itself: it asks before a command for the right to send it
TPM2_CC_SET_LOCALITY = 0x20001000
# Of everything, so that nothing is left to be tested when the kernel asks for it
SELF_TEST = bytes.fromhex("80010000000b0000014301")
# More than a command or an answer has
SIZE = 4096

def new_device():
    with open("/dev/vtpmx", "rb+", buffering=0) as control:
        device = bytearray(struct.pack("=IIIII", VTPM_PROXY_FLAG_TPM2, 0, 0, 0, 0))
        fcntl.ioctl(control, VTPM_PROXY_IOC_NEW_DEV, device)
    return struct.unpack("=IIIII", device)[1:3]

def exchange(tpm, command):
    tpm.sendall(command)
    answer = tpm.recv(SIZE)
    while len(answer) < 6 or len(answer) < struct.unpack_from(">I", answer, 2)[0]:
        more = tpm.recv(SIZE)
        if not more:
            sys.exit("the simulated TPM is gone")
        answer += more
    return answer

tpm = socket.socket(socket.AF_UNIX)
tpm.connect(sys.argv[1])
exchange(tpm, SELF_TEST)
number, fd = new_device()
print(number, flush=True)
while True:
    command = os.read(fd, SIZE)
    if struct.unpack_from(">I", command, 6)[0] == TPM2_CC_SET_LOCALITY:
        answer = struct.pack(">HII", 0x8001, 10, 0)
    else:
        answer = exchange(tpm, command)
    try:
        os.write(fd, answer)
    except OSError as error:
        # The kernel has given this command up, for it was stopped for too long
        if error.errno != errno.EIO:
            raise
