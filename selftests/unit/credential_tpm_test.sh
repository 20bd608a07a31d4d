#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# Challenges that are made here, answered by a TPM: a simulated one and tpm2-tools, neither of
# which is ours. What parsec-provider-check wants refused, it refuses.

. selftests/lib/tap.sh

make_credential=$(realpath "$(dirname "$0")/make_credential")
cd "$scratch" || exit 1
mkdir state
swtpm socket --tpm2 --tpmstate dir=state --server type=unixio,path="$scratch/tpm" \
	--ctrl type=unixio,path="$scratch/tpm.ctrl" --flags not-need-init,startup-clear \
	2>swtpm.log &
tpm=$!
trap 'kill "$tpm"; wait "$tpm"; rm -rf "$scratch"' EXIT
export TPM2TOOLS_TCTI="swtpm:path=$scratch/tpm"

# No resource manager is there: what is loaded is removed after each command
do_tpm()
{
	"$@" >/dev/null && tpm2_flushcontext -t
}

# Endorsement key, and a key in the TPM with its name
make_keys()
{
	for _ in 1 2 3 4 5 6 7 8 9 10; do
		[ ! -S tpm ] || [ ! -S tpm.ctrl ] || break
		sleep 1
	done
	do_tpm tpm2_createek -c ek.ctx -G rsa -u ek.pub &&
		do_tpm tpm2_createprimary -C o -c primary.ctx &&
		do_tpm tpm2_create -C primary.ctx -G ecc -u key.pub -r key.priv &&
		do_tpm tpm2_load -C primary.ctx -u key.pub -r key.priv -c key.ctx -n key.name &&
		do_tpm tpm2_readpublic -c ek.ctx -f pem -o ek.pem &&
		openssl rsa -pubin -in ek.pem -RSAPublicKey_out -outform der -out ek.der
}

# bytes HEX: two digits for each
bytes()
{
	printf '%s' "$1" | perl -ne 'print pack "H*", $_'
}

# challenge LABEL INNER
challenge()
{
	bytes "$2" >inner
	"$make_credential" "$1" ek.der key.name inner >challenge
}

# What the TPM makes of it is in "credential"
activate()
{
	rm -f credential
	do_tpm tpm2_startauthsession --policy-session -S session &&
		do_tpm tpm2_policysecret -S session -c e || return
	tpm2_activatecredential -c key.ctx -C ek.ctx -i challenge -o credential \
		-P session:session >/dev/null
	activated=$?
	tpm2_flushcontext session && tpm2_flushcontext -t || return
	return "$activated"
}

# answered CREDENTIAL
answered()
{
	challenge IDENTITY "$(printf '%04x' $((${#1} / 2)))$1" && activate || return
	bytes "$1" | cmp - credential
}

# refused LABEL INNER: and the TPM goes on
refused()
{
	challenge "$1" "$2" || return
	! activate && [ ! -e credential ] && answered "$one"
}

# changed POSITION: of a byte in a good one
changed()
{
	challenge IDENTITY "0020$most" || return
	perl -0777 -i -pe "substr(\$_, $1, 1) ^= '@'" challenge || return
	! activate && [ ! -e credential ]
}

# The same the other way round: what tpm2-tools make is as long as ours
as_long_as_theirs()
{
	bytes "$most" >credential
	tpm2_makecredential -T none -G rsa -u ek.pem -s credential \
		-n "$(od -An -v -tx1 key.name | tr -d " \n")" -o theirs >/dev/null 2>&1 &&
		challenge IDENTITY "0020$most" &&
		[ "$(wc -c <theirs)" = "$(wc -c <challenge)" ]
}

one=55
most=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f

check 'there are keys in a TPM' make_keys
check 'a credential of one byte comes out again' answered "$one"
check 'one as long as the hash does' answered "$most"
check 'tpm2-tools make one of the same length' as_long_as_theirs
check 'a secret with another label is refused' refused DUPLICATE "0020$most"
check 'a secret without a label is refused' refused '' "0020$most"
check 'a credential that claims a byte more is refused' refused IDENTITY "0021$most"
check 'a credential that claims far more is refused' refused IDENTITY "ffff$most"
check 'a credential with something behind it is refused' refused IDENTITY "001f$most"
check 'a credential longer than any hash is refused' refused IDENTITY "0041$most${most}00"
# Behind magic number, version and length
check 'a changed HMAC is refused' changed 12
check 'a changed ciphertext is refused' changed 50
check 'a changed secret is refused' changed 100
done_testing
