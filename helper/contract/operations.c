// SPDX-License-Identifier: Apache-2.0
/*
 * The table of operations that the codec knows. An operation whose request consists
 * of parts that others have too, and whose result is some bytes or nothing, is added
 * by a .proto file and a row here.
 */
#include "helper/contract/operations.h"

#include "helper/contract/attest_key.pb-c.h"
#include "helper/contract/can_do_crypto.pb-c.h"
#include "helper/contract/compare_keys.pb-c.h"
#include "helper/contract/delete_client.pb-c.h"
#include "helper/contract/explain.pb-c.h"
#include "helper/contract/get_stats.pb-c.h"
#include "helper/contract/list_authenticators.pb-c.h"
#include "helper/contract/list_clients.pb-c.h"
#include "helper/contract/list_keys.pb-c.h"
#include "helper/contract/list_opcodes.pb-c.h"
#include "helper/contract/list_providers.pb-c.h"
#include "helper/contract/ping.pb-c.h"
#include "helper/contract/prepare_key_attestation.pb-c.h"
#include "helper/contract/psa_aead_decrypt.pb-c.h"
#include "helper/contract/psa_aead_encrypt.pb-c.h"
#include "helper/contract/psa_asymmetric_decrypt.pb-c.h"
#include "helper/contract/psa_asymmetric_encrypt.pb-c.h"
#include "helper/contract/psa_cipher_decrypt.pb-c.h"
#include "helper/contract/psa_cipher_encrypt.pb-c.h"
#include "helper/contract/psa_destroy_key.pb-c.h"
#include "helper/contract/psa_export_key.pb-c.h"
#include "helper/contract/psa_export_public_key.pb-c.h"
#include "helper/contract/psa_generate_key.pb-c.h"
#include "helper/contract/psa_generate_random.pb-c.h"
#include "helper/contract/psa_hash_compare.pb-c.h"
#include "helper/contract/psa_hash_compute.pb-c.h"
#include "helper/contract/psa_import_key.pb-c.h"
#include "helper/contract/psa_mac_compute.pb-c.h"
#include "helper/contract/psa_mac_verify.pb-c.h"
#include "helper/contract/psa_raw_key_agreement.pb-c.h"
#include "helper/contract/psa_sign_hash.pb-c.h"
#include "helper/contract/psa_sign_message.pb-c.h"
#include "helper/contract/psa_verify_hash.pb-c.h"
#include "helper/contract/psa_verify_message.pb-c.h"
#include "helper/contract/who_am_i.pb-c.h"

#define MESSAGES(package) \
	.request = &package##__operation__descriptor, \
	.result = &package##__result__descriptor

static const struct operation operations[] = {
	[PARSEC_OP_PING] = { MESSAGES(ping), .list = &codec_ping },
	[PARSEC_OP_LIST_PROVIDERS] = {
		MESSAGES(list_providers), .list = &codec_providers,
	},
	[PARSEC_OP_LIST_OPCODES] = {
		MESSAGES(list_opcodes), .list = &codec_opcodes,
		.roles = { ROLE_PROVIDER_ID },
	},
	[PARSEC_OP_LIST_AUTHENTICATORS] = {
		MESSAGES(list_authenticators), .list = &codec_authenticators,
	},
	[PARSEC_OP_LIST_KEYS] = { MESSAGES(list_keys), .list = &codec_keys },
	[PARSEC_OP_PSA_GENERATE_KEY] = {
		MESSAGES(psa_generate_key),
		.roles = { ROLE_KEY_NAME, ROLE_ATTRIBUTES },
	},
	[PARSEC_OP_PSA_IMPORT_KEY] = {
		MESSAGES(psa_import_key),
		.roles = { ROLE_KEY_NAME, ROLE_ATTRIBUTES, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_DESTROY_KEY] = {
		MESSAGES(psa_destroy_key), .roles = { ROLE_KEY_NAME },
	},
	[PARSEC_OP_PSA_EXPORT_KEY] = {
		MESSAGES(psa_export_key), .roles = { ROLE_KEY_NAME },
	},
	[PARSEC_OP_PSA_EXPORT_PUBLIC_KEY] = {
		MESSAGES(psa_export_public_key), .roles = { ROLE_KEY_NAME },
	},
	[PARSEC_OP_PSA_SIGN_HASH] = {
		MESSAGES(psa_sign_hash),
		.roles = { ROLE_KEY_NAME, ROLE_SIGNATURE_ALG, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_VERIFY_HASH] = {
		MESSAGES(psa_verify_hash),
		.roles = {
			ROLE_KEY_NAME, ROLE_SIGNATURE_ALG, ROLE_INPUT, ROLE_REFERENCE,
		},
	},
	[PARSEC_OP_PSA_SIGN_MESSAGE] = {
		MESSAGES(psa_sign_message),
		.roles = { ROLE_KEY_NAME, ROLE_SIGNATURE_ALG, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_VERIFY_MESSAGE] = {
		MESSAGES(psa_verify_message),
		.roles = {
			ROLE_KEY_NAME, ROLE_SIGNATURE_ALG, ROLE_INPUT, ROLE_REFERENCE,
		},
	},
	[PARSEC_OP_PSA_HASH_COMPUTE] = {
		MESSAGES(psa_hash_compute), .roles = { ROLE_HASH_ALG, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_HASH_COMPARE] = {
		MESSAGES(psa_hash_compare),
		.roles = { ROLE_HASH_ALG, ROLE_INPUT, ROLE_REFERENCE },
	},
	[PARSEC_OP_PSA_GENERATE_RANDOM] = {
		MESSAGES(psa_generate_random), .roles = { ROLE_SIZE },
	},
	[PARSEC_OP_PSA_ASYMMETRIC_ENCRYPT] = {
		MESSAGES(psa_asymmetric_encrypt),
		.roles = { ROLE_KEY_NAME, ROLE_ENCRYPTION_ALG, ROLE_INPUT, ROLE_LABEL },
	},
	[PARSEC_OP_PSA_ASYMMETRIC_DECRYPT] = {
		MESSAGES(psa_asymmetric_decrypt),
		.roles = { ROLE_KEY_NAME, ROLE_ENCRYPTION_ALG, ROLE_INPUT, ROLE_LABEL },
	},
	[PARSEC_OP_PSA_AEAD_ENCRYPT] = {
		MESSAGES(psa_aead_encrypt),
		.roles = {
			ROLE_KEY_NAME, ROLE_AEAD_ALG, ROLE_NONCE, ROLE_ADDITIONAL_DATA,
			ROLE_INPUT,
		},
	},
	[PARSEC_OP_PSA_AEAD_DECRYPT] = {
		MESSAGES(psa_aead_decrypt),
		.roles = {
			ROLE_KEY_NAME, ROLE_AEAD_ALG, ROLE_NONCE, ROLE_ADDITIONAL_DATA,
			ROLE_INPUT,
		},
	},
	[PARSEC_OP_PSA_RAW_KEY_AGREEMENT] = {
		MESSAGES(psa_raw_key_agreement),
		.roles = { ROLE_AGREEMENT_ALG, ROLE_KEY_NAME, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_CIPHER_ENCRYPT] = {
		MESSAGES(psa_cipher_encrypt),
		.roles = { ROLE_KEY_NAME, ROLE_CIPHER_ALG, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_CIPHER_DECRYPT] = {
		MESSAGES(psa_cipher_decrypt),
		.roles = { ROLE_KEY_NAME, ROLE_CIPHER_ALG, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_MAC_COMPUTE] = {
		MESSAGES(psa_mac_compute),
		.roles = { ROLE_KEY_NAME, ROLE_MAC_ALG, ROLE_INPUT },
	},
	[PARSEC_OP_PSA_MAC_VERIFY] = {
		MESSAGES(psa_mac_verify),
		.roles = { ROLE_KEY_NAME, ROLE_MAC_ALG, ROLE_INPUT, ROLE_REFERENCE },
	},
	[PARSEC_OP_LIST_CLIENTS] = { MESSAGES(list_clients), .list = &codec_clients },
	[PARSEC_OP_DELETE_CLIENT] = {
		MESSAGES(delete_client), .roles = { ROLE_CLIENT },
	},
	[PARSEC_OP_ATTEST_KEY] = {
		MESSAGES(attest_key), .list = &codec_attested,
		.roles = { ROLE_KEY_NAME, ROLE_ACTIVATION, ROLE_ATTESTING_KEY },
	},
	[PARSEC_OP_PREPARE_KEY_ATTESTATION] = {
		MESSAGES(prepare_key_attestation), .list = &codec_prepared,
		.roles = { ROLE_PREPARE },
	},
	[PARSEC_OP_CAN_DO_CRYPTO] = {
		MESSAGES(can_do_crypto), .roles = { ROLE_CHECK, ROLE_ATTRIBUTES },
	},
	[PARSEC_OP_WHO_AM_I] = { MESSAGES(who_am_i), .list = &codec_who_am_i },
	[PARSEC_OP_EXPLAIN] = {
		MESSAGES(explain), .list = &codec_explain, .roles = { ROLE_FACTS },
	},
	[PARSEC_OP_GET_STATS] = { MESSAGES(get_stats), .list = &codec_stats },
	[PARSEC_OP_COMPARE_KEYS] = {
		MESSAGES(compare_keys), .list = &codec_comparison, .roles = { ROLE_DETAILS },
	},
};

const struct operation *operation_find(uint8_t opcode)
{
	if (opcode >= sizeof(operations) / sizeof(operations[0]))
		return NULL;
	return operations[opcode].request ? &operations[opcode] : NULL;
}
