#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# tpm2-tools as the witness: what keys are in the TPM's own words, attestation verified by who
# knows nothing of the service, and whether the TPM feels attacked by any of it. Next to the
# provider, for the kernel lets both at the TPM.

. selftests/tpm/lib.sh

area=$scratch/area
blob=$PARSEC_BUILD/selftests/tpm/blob

makes_keys()
{
	tpm create-ecc-key -k ecc && tpm create-rsa-key -k rsa &&
		tpm create-key -k attesting --type rsa --algorithm attesting &&
		openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 \
			-out "$scratch/pair" && chmod 644 "$scratch/pair" &&
		tpm import-key -k imported --hash sha256 "$scratch/pair"
}

# The endorsement key, as the TPM makes it for tpm2-tools
endorsement()
{
	tpm2_createek -c "$scratch/ek.ctx" -G rsa -u "$scratch/ek.pub" &&
		tpm2_readpublic -c "$scratch/ek.ctx" -f pem -o "$scratch/ek.pem"
}

# prepare KEY [OPTION]...: name, public area and attesting key, as alice has them
prepare()
{
	tap_key=$1
	shift
	mkdir -p "$scratch/alice" && chmod 777 "$scratch/alice" && rm -f "$scratch/alice"/* &&
		tpm prepare-attestation -k "$tap_key" --public-area "$scratch/alice/area" \
			--attesting-public "$scratch/alice/attesting" "$@" >"$scratch/name" &&
		cp "$scratch/alice/area" "$area"
}

# challenge: for the name and the attesting key that were prepared, by tpm2-tools in software
challenge()
{
	head -c 32 /dev/urandom >"$scratch/credential" &&
		tpm2_makecredential -T none -G rsa -u "$scratch/alice/attesting" \
			-s "$scratch/credential" -n "$(cat "$scratch/name")" \
			-o "$scratch/challenge" && chmod 644 "$scratch/challenge"
}

# Name and public area belong together, and the area has the key that is used
name_is_of_the_area()
{
	same "$(cat "$scratch/name")" "000b$(sha256sum <"$area" | cut -d ' ' -f 1)" &&
		tpm2_print -t TPMT_PUBLIC -f pem "$area" | cmp - "$pem"
}

# has_attributes KEY WORD...: these and no others
has_attributes()
{
	tpm2_print -t TPMT_PUBLIC "$area" | sed -n '/^attributes/,/raw/s/^  value: //p' >"$out"
	same "$2" "$(cat "$out")"
}

# attests KEY ATTRIBUTES: by the endorsement key, which is the TPM's own
attests()
{
	verifies "$1" sha256 && prepare "$1" && cmp "$scratch/alice/attesting" "$scratch/ek.pem" &&
		name_is_of_the_area && has_attributes "$1" "$2" && challenge &&
		tpm attest-key -k "$1" "$scratch/challenge" >"$out" &&
		cmp "$out" "$scratch/credential"
}

own='fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|sign'
other='userwithauth|noda|sign'

attests_by_another()
{
	tpm export-public-key -k attesting >"$pem" &&
		prepare ecc --attesting-key attesting && cmp "$scratch/alice/attesting" "$pem" &&
		challenge &&
		tpm attest-key -k ecc --attesting-key attesting "$scratch/challenge" >"$out" &&
		cmp "$out" "$scratch/credential"
}

# Made for one key, it is of no use with another; nor is one that somebody changed
refuses_challenges()
{
	prepare ecc && challenge && refuses 1 '(1135)' tpm attest-key -k rsa "$scratch/challenge" &&
		refuses 1 '(1135)' tpm attest-key -k ecc --attesting-key attesting \
			"$scratch/challenge" &&
		perl -0777 -pe 'substr($_, 20, 1) ^= "@"' "$scratch/challenge" >"$scratch/changed" &&
		chmod 644 "$scratch/changed" &&
		refuses 1 '(1135)' tpm attest-key -k ecc "$scratch/changed" &&
		refuses 1 '(1134)' tpm prepare-attestation -k ecc --attesting-key rsa &&
		head -c 99 "$scratch/challenge" >"$scratch/changed" &&
		refuses 4 'no challenge' tpm attest-key -k ecc "$scratch/changed"
}

# The parent, as the provider has it made; the tool wants both coordinates as it has them in memory
parent()
{
	{
		printf '\040\0'; head -c 128 /dev/zero
		printf '\040\0'; head -c 128 /dev/zero
	} >"$scratch/unique"
	tpm2_createprimary -C o -G ecc256:null:aes128cfb -u "$scratch/unique" -c "$scratch/parent" \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|noda|restricted|decrypt' &&
		tpm2_readpublic -c "$scratch/parent" -n "$scratch/parent.name" &&
		cmp "$scratch/parent.name" /var/lib/parsec/tpm/parent
}

# What somebody could do who has the store and its master key: load the key into this TPM
stolen()
{
	stop_parsecd && cp -r /var/lib/parsec/tpm "$scratch/stolen" && start_parsecd 3 3 &&
		"$blob" "$scratch/stolen" 1000 ecc "$scratch/stolen" &&
		tpm2_load -C "$scratch/parent" -u "$scratch/stolen/public" \
			-r "$scratch/stolen/private" -c "$scratch/ecc.ctx" &&
		auth=hex:$(od -An -v -tx1 "$scratch/stolen/auth" | tr -d ' \n') &&
		same 68 ${#auth}
}

# The TPM certifies it with a key of its own: this name is in it, made of this public area
certifies()
{
	prepare ecc &&
		tpm2_createak -C "$scratch/ek.ctx" -c "$scratch/ak.ctx" -G rsa -g sha256 -s rsassa \
			-u "$scratch/ak.pem" -f pem &&
		tpm2_certify -c "$scratch/ecc.ctx" -P "$auth" -C "$scratch/ak.ctx" -g sha256 \
			-f plain -o "$scratch/attest" -s "$scratch/attest.sig" &&
		openssl dgst -sha256 -verify "$scratch/ak.pem" -signature "$scratch/attest.sig" \
			"$scratch/attest" &&
		od -An -v -tx1 "$scratch/attest" | tr -d ' \n' >"$out" &&
		says "$(cat "$scratch/name")"
}

# Without its authorisation value it signs nothing, and the TPM does not mind being asked
wrong_auth()
{
	for _ in 1 2 3 4 5; do
		! tpm2_sign -c "$scratch/ecc.ctx" -p wrong -g sha256 -o "$scratch/s" "$file" || return
	done
	! tpm2_sign -c "$scratch/ecc.ctx" -g sha256 -o "$scratch/s" "$file" &&
		tpm2_sign -c "$scratch/ecc.ctx" -p "$auth" -g sha256 -o "$scratch/s" "$file" &&
		same 0x0 "$(counter)" && tpm sign -k ecc "$file" >"$sig"
}

# It does feel attacked by wrong values for what is guarded, or nothing of this would count
counter_counts()
{
	tpm2_create -C "$scratch/parent" -G ecc -p right -c "$scratch/guarded.ctx" \
		-a 'fixedtpm|fixedparent|sensitivedataorigin|userwithauth|sign' &&
		! tpm2_sign -c "$scratch/guarded.ctx" -p wrong -g sha256 -o "$scratch/s" "$file" &&
		same 0x1 "$(counter)"
}

check 'the service starts' begin
check 'there are keys' makes_keys
check 'there is an endorsement key' endorsement
check 'a generated ECC key is the TPM'\''s alone' attests ecc "$own"
check 'a generated RSA key is the TPM'\''s alone' attests rsa "$own"
check 'an imported key does not claim that it is' attests imported "$other"
check 'a key that was made for it attests, too' attests_by_another
check 'challenges for others are refused' refuses_challenges
check 'the storage key is the one that was remembered' parent
check 'a key of the store can be loaded into its TPM' stolen
check 'the TPM certifies it' certifies
check 'without the authorisation value it does nothing' wrong_auth
check 'all that was no attack to the TPM' same 0x0 "$(counter)"
check 'of which it would have told' counter_counts
check 'it stops' end
done_testing
