#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Attestation: a service with a provider that attests its keys, which no provider for users
# in software does. Begins with no module loaded.

. selftests/cli/lib.sh

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
	"$PARSEC_BUILD/helper/parsecd" --provider-dir "$PARSEC_BUILD/providers" 2>>"$log" &
	parsecd=$!
	for _ in $(seq 300); do
		! grep -q '3 of 3 hosts are running' "$log" || return 0
		sleep 0.2
	done
	cat "$log"
	return 1
}

stop()
{
	kill "$parsecd" && wait "$parsecd" && rmmod parsec
}

check 'the service starts' start
check 'keys are attested through the device' "$PARSEC_BUILD/selftests/contract/attest_test"
check 'it stops' stop
done_testing
