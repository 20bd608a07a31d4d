#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# parsec-provider-check on the PKCS #11 provider with a token of SoftHSM, which goes away and
# comes back, and which the library between has given AES-CCM, and Montgomery curves as PKCS #11
# 3.0 has them, or what $PARSEC_TRAP says. What it does without memory, and what it keeps for itself, is not what is looked
# at: the library between the two tells the kit when SoftHSM is at work. Arguments are options for
# it.

. selftests/lib/tap.sh
. selftests/lib/softhsm.sh

TRAP=${PARSEC_TRAP-ccm montgomery}

build=$(dirname "$0")/../..
trap=$(realpath "$build/selftests/pkcs11/trap.so")
softhsm_token "$trap" >"$scratch/token" 2>&1 || { cat "$scratch/token"; exit 1; }

cat >"$scratch/fault" <<end
case \$1 in
break) mv $hsm/tokens $hsm/away && mkdir $hsm/tokens ;;
mend) rmdir $hsm/tokens && mv $hsm/away $hsm/tokens ;;
lose) pkcs11-tool --module $softhsm_module --token-label parsec --login --pin 1234 \
	--delete-object --type secrkey --id "\$2" >&2 ;;
*) false ;;
esac
end

# What its host has to be told: the configuration and the tokens of SoftHSM, the library between
printf "paths = %s\nwritable = %s\n" "$(dirname "$trap")" "$hsm" >>"$hsm/provider.conf"
# What SoftHSM, pkcs11-tool's OpenSSL and C++ keep to the end is theirs
printf 'leak:libsofthsm2\nleak:libstdc++\n' >"$scratch/leaks"
LSAN_OPTIONS=suppressions=$scratch/leaks:print_suppressions=0 TMPDIR=$hsm \
	"$build/tools/provider-check/parsec-provider-check" --provider "$build/providers/pkcs11.so" \
	--config "$hsm/provider.conf" --keys 50 --sandbox --fault-command "sh $scratch/fault" "$@"
