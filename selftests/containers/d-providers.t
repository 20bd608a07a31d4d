#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The installed service with a token and a TPM, as systemd runs it: set up by the sections that
# the shipped configuration has for them and the commands and drop-in of the documentation.

. selftests/containers/lib.sh
. selftests/lib/hosts.sh

text=$scratch/text
# The number of a driver's device changes when it comes back, as IMA keeps that of the first TPM
link=/dev/tpm-link
driver=/sys/bus/acpi/drivers/tpm_crb
acpi=MSFT0101:00
drop_in=/run/systemd/system/parsecd.service.d/page.conf
echo text >"$text"

# What udev does: the group of those who may use TPMs
name_tpm()
{
	device=$(echo "$driver/$acpi/tpmrm"/tpmrm* | sed 's,.*/,/dev/,')
	[ -c "$device" ] && chgrp tss "$device" && chmod 660 "$device" && ln -sfn "$device" "$link"
}

# The shipped configuration, with all that it shows in comments of two blanks
configure()
{
	sed "s/^#  //; s,/dev/tpmrm0,$link," tools/dist/parsecd.conf >"$conf" &&
		grep -q '^\[provider token\]' "$conf" && grep -q '^\[provider tpm\]' "$conf"
}

# As in Documentation/token-provider.rst, but for the PINs, which are asked for there
make_token()
{
	usermod -a -G softhsm parsec-pkcs11 &&
		setpriv --reuid=parsec-pkcs11 --regid=parsec-pkcs11 --init-groups \
			softhsm2-util --init-token --free --label parsec --pin 1234 --so-pin 5678 &&
		install -m 400 -o parsec-pkcs11 /dev/null /etc/parsec/token.pin &&
		printf 1234 >/etc/parsec/token.pin
}

# signs PROVIDER: with a key that is made if there is none
signs()
{
	as alice parsecctl list-keys >"$out" 2>&1 && grep -q "key-$1" "$out" ||
		expect 0 as alice parsecctl create-ecc-key -p "$1" -k "key-$1" || return
	as alice parsecctl sign -k "key-$1" -p "$1" --der "$text" >"$scratch/sig" &&
		as alice parsecctl export-public-key -k "key-$1" -p "$1" >"$scratch/pem" &&
		expect 0 openssl dgst -sha256 -verify "$scratch/pem" -signature "$scratch/sig" "$text"
}

# Without the keys of a configuration with other users
starts()
{
	install_service && name_tpm && usermod -a -G tss parsec-tpm && make_token && configure &&
		systemctl stop parsecd && rm -rf /var/lib/parsec/* && systemctl start parsecd &&
		eventually parsecctl ping
}

# in_service COMMAND...: with the limits that systemd puts on the processes of the unit as a whole
in_service()
{
	sh -c 'echo $$ >/sys/fs/cgroup/system.slice/parsecd.service/cgroup.procs && exec "$@"' - "$@"
}

opens()
{
	in_service sh -c ": <>$1"
}

devices_are_few()
{
	opens /dev/null && opens "$link" && (: <>/dev/parsec) && ! opens /dev/parsec
}

# The driver's, which comes when the service has long been there
comes_late()
{
	echo "$acpi" >"$driver/unbind" && rm -f "$link" && systemctl restart parsecd &&
		eventually signs software && ! signs tpm || return
	echo "$acpi" >"$driver/bind" && eventually name_tpm && eventually signs tpm
}

# To this machine
connects()
{
	in_service python3 - <<-'end'
	import socket
	with socket.create_server(("127.0.0.1", 0)) as server:
	    socket.create_connection(server.getsockname(), timeout=3).close()
	end
}

# In Documentation/sandbox.rst: a device that is not there keeps nobody from starting
drop_in_works()
{
	! connects || return
	mkdir -p "${drop_in%/*}" &&
		sed -n '/^    \[Service\]/,/^$/s/^    //p' Documentation/sandbox.rst |
		sed 's/192.0.2.7/127.0.0.1/' >"$drop_in" && says my-token "$drop_in" &&
		systemctl daemon-reload && systemctl restart parsecd && connects &&
		unit_shows RestrictAddressFamilies AF_INET && unit_shows ReadWritePaths my-token &&
		eventually signs software
	tap_result=$?
	rm -r "${drop_in%/*}"
	systemctl daemon-reload && systemctl restart parsecd && return "$tap_result"
}

all_sign()
{
	eventually signs software && eventually signs pkcs11 && eventually signs tpm
}

unit_shows()
{
	systemctl show --property="$1" parsecd >"$out" && says "$2" "$out"
}

check 'the service starts with the sections of the shipped configuration' starts
parsecctl ping >/dev/null || exit
check 'a key in software' eventually signs software
check 'a key in a token of SoftHSM' eventually signs pkcs11
check 'a key in a TPM' eventually signs tpm
check 'no other device is open to it' devices_are_few
check 'a TPM that comes after the service is used' comes_late
check 'the drop-in of the documentation opens what it says' drop_in_works
check 'the keys are there after all that' all_sign
done_testing
