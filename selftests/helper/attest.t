#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Attestation: a service with a provider that attests its keys, which no provider for users
# in software does. Begins with no module loaded.

. selftests/cli/lib.sh
. selftests/lib/hosts.sh

module=$PARSEC_BUILD/module-$(uname -r)/parsec.ko
conf=/etc/parsec/parsecd.conf
log=$scratch/log

mkdir -p /etc/parsec
chmod 755 "$scratch"
trap 'kill -9 "$parsecd" 2>/dev/null; rm -rf "$scratch"' EXIT

start()
{
	cat >"$conf" <<-end
	[provider software]
	library = openssl.so
	id = 1
	[provider attester]
	library = $PARSEC_BUILD/selftests/unit/attest_provider.so
	id = 16
	end
	chown root: "$conf"
	chmod 600 "$conf"
	insmod "$module"
	start_parsecd 3 3
}

stop()
{
	stop_parsecd && rmmod parsec
}

check 'the service starts' start
check 'keys are attested through the device' "$PARSEC_BUILD/selftests/contract/attest_test"
check 'it stops' stop
done_testing
