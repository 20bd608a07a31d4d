# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# A token of SoftHSM for a test, with $scratch of tap.sh. Where there is memory to be had it
# is there: SoftHSM waits for the disk with each write.
#
#   . selftests/lib/softhsm.sh
#   softhsm_token MODULE	into $hsm, with $hsm/provider.conf for the provider

softhsm_module=/usr/lib/softhsm/libsofthsm2.so
hsm=$(mktemp -d -p "$([ -w /dev/shm ] && echo /dev/shm || echo "$scratch")" softhsm-XXXXXX)
trap 'rm -rf "$scratch" "$hsm"' EXIT
export SOFTHSM2_CONF="$hsm/softhsm2.conf"
# The rules of the library that is broken on demand: none
export TRAP=

softhsm_token()
{
	mkdir -p "$hsm/tokens"
	printf '%s\n' "directories.tokendir = $hsm/tokens" 'objectstore.backend = file' \
		'log.level = ERROR' >"$SOFTHSM2_CONF"
	cat >"$hsm/provider.conf" <<-end
	[provider token]
	library = pkcs11.so
	id = 2
	module = $1
	token = pkcs11:token=parsec
	user_pin = str:1234
	end
	softhsm2-util --init-token --free --label parsec --pin 1234 --so-pin 5678
}
