#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# The golden encodings of the contract through protoc, an encoder that is not ours:
# our .proto files give the bytes that the contract has.  Runs in the top folder.

cd helper/contract || exit 1
n=0

# check MESSAGE HEX TEXT
check()
{
	n=$((n + 1))
	got=$(printf '%s' "$3" | protoc --encode="$1" -I. ./*.proto | od -An -v -tx1 | tr -d ' \n')
	if [ "$got" = "$2" ]; then
		echo "ok $n $1 $2"
	else
		echo "not ok $n $1 $2"
		echo "# got $got"
	fi
}

echo 'TAP version 13'
check psa_algorithm.Algorithm 0a00 'none {}'
check psa_algorithm.Algorithm 1007 'hash: SHA_256'
check psa_algorithm.Algorithm 1a060a040a020807 \
	'mac { full_length { hmac { hash_alg: SHA_256 } } }'
check psa_algorithm.Algorithm 2008 'cipher: CBC_PKCS7'
check psa_algorithm.Algorithm 2a020802 'aead { aead_with_default_length_tag: GCM }'
check psa_algorithm.Algorithm 2a06120408011008 \
	'aead { aead_with_shortened_tag { aead_alg: CCM tag_length: 8 } }'
check psa_algorithm.Algorithm 32060a040a021007 \
	'asymmetric_signature { rsa_pkcs1v15_sign { hash_alg { specific: SHA_256 } } }'
check psa_algorithm.Algorithm 32061a040a020a00 \
	'asymmetric_signature { rsa_pss { hash_alg { any {} } } }'
check psa_algorithm.Algorithm 320622040a021007 \
	'asymmetric_signature { ecdsa { hash_alg { specific: SHA_256 } } }'
check psa_algorithm.Algorithm 3a020a00 'asymmetric_encryption { rsa_pkcs1v15_crypt {} }'
check psa_algorithm.Algorithm 3a0412020807 \
	'asymmetric_encryption { rsa_oaep { hash_alg: SHA_256 } }'
check psa_algorithm.Algorithm 42020802 'key_agreement { raw: ECDH }'

flags='sign_message: true verify_message: true sign_hash: true verify_hash: true'
check psa_generate_key.Operation \
	0a016b121d0a0252001080081a140a083001380140014801120832060a040a021007 \
	"key_name: 'k' attributes { key_type { rsa_key_pair {} } key_bits: 1024
	 key_policy { key_usage_flags { $flags } key_algorithm { asymmetric_signature {
	 rsa_pkcs1v15_sign { hash_alg { specific: SHA_256 } } } } } }"
check psa_generate_key.Operation \
	0a016b121f0a045a0208021080021a140a0830013801400148011208320622040a021007 \
	"key_name: 'k' attributes { key_type { ecc_key_pair { curve_family: SECP_R1 } }
	 key_bits: 256 key_policy { key_usage_flags { $flags } key_algorithm {
	 asymmetric_signature { ecdsa { hash_alg { specific: SHA_256 } } } } } }"
check psa_generate_key.Operation 0a016b12150a0222001080011a0c0a042001280112042a020802 \
	"key_name: 'k' attributes { key_type { aes {} } key_bits: 128 key_policy {
	 key_usage_flags { encrypt: true decrypt: true }
	 key_algorithm { aead { aead_with_default_length_tag: GCM } } } }"
check psa_generate_key.Operation 0a016b12170a045a0208021080021a0c0a001208320622040a021007 \
	"key_name: 'k' attributes { key_type { ecc_key_pair { curve_family: SECP_R1 } }
	 key_bits: 256 key_policy { key_usage_flags {} key_algorithm {
	 asymmetric_signature { ecdsa { hash_alg { specific: SHA_256 } } } } } }"
check psa_sign_hash.Operation 0a016b120622040a0210071a03aaaaaa \
	"key_name: 'k' alg { ecdsa { hash_alg { specific: SHA_256 } } } hash: '\\xaa\\xaa\\xaa'"
for op in psa_destroy_key psa_export_key psa_export_public_key; do
	check $op.Operation 0a016b "key_name: 'k'"
done
check psa_hash_compute.Operation 08071203616263 "alg: SHA_256 input: 'abc'"
check psa_generate_random.Operation 0810 'size: 16'
check list_opcodes.Operation '' ''
check list_opcodes.Operation 0803 'provider_id: 3'
check list_opcodes.Result 0a050108090e1a \
	'opcodes: 1 opcodes: 8 opcodes: 9 opcodes: 14 opcodes: 26'
check ping.Result 0801 'wire_protocol_version_maj: 1 wire_protocol_version_min: 0'
check prepare_key_attestation.Operation 0a050a030a016b \
	"parameters { activate_credential { attested_key_name: 'k' } }"
check prepare_key_attestation.Result 0a0c0a0a0a016e120270701a0161 \
	"output { activate_credential { name: 'n' public: 'pp' attesting_key_pub: 'a' } }"
check attest_key.Operation 0a016b12090a070a0262621201731a0165 \
	"attested_key_name: 'k' attesting_key_name: 'e'
	 parameters { activate_credential { credential_blob: 'bb' secret: 's' } }"
check attest_key.Result 0a050a030a0163 "output { activate_credential { credential: 'c' } }"
echo "1..$n"
