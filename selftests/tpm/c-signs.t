#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Signatures in a row: nothing is used up, in the TPM, in the kernel's resource manager or in the
# host. Of these it takes 70,000 to be sure, for the kernel and the TPM count contexts and
# sessions in 16 bits: "make nightly" does that, with $PARSEC_TPM_SIGNS.

. selftests/tpm/lib.sh

count=${PARSEC_TPM_SIGNS:-300}
signs=$PARSEC_BUILD/selftests/tpm/signs

sign()
{
	expect 0 as alice "$signs" "$1" && says "$1 signatures"
}

files()
{
	set -- "/proc/$1/fd"/*
	echo $#
}

warm()
{
	sign 50 && tap_host=$(host tpm) && before=$(memory "$tap_host" Anonymous) &&
		open=$(files "$tap_host") && refused=$(counter)
}

# It was one host all the time, it has not grown, and nobody had anything to complain about
used_nothing_up()
{
	same "$tap_host" "$(host tpm)" && same "$open" "$(files "$tap_host")" || return
	now=$(memory "$tap_host" Anonymous)
	echo "memory: $before kB, then $now kB"
	[ "$now" -le $((before + 256)) ] &&
		same "$refused" "$(counter)" && same '' "$(tpm2_getcap handles-transient)" &&
		! grep -v -e 'hosts are running' -e ': audit ' "$log"
}

check 'the service starts' begin
check 'it signs' warm
check "it signs $count times more" sign "$count"
sed 's/^/# /' "$out"
check 'nothing was used up' used_nothing_up
check 'it stops' end
done_testing
