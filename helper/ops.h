/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The operations, as the dispatch table calls them. When one is called, everything
 * that the table says about it has been checked: who may ask, the request is decoded,
 * a key that is used is loaded and its policy permits it.
 *
 * An operation fills in @call->result. Those marked "body" write the response body
 * into @call->out themselves.
 */
#ifndef PARSEC_OPS_H
#define PARSEC_OPS_H

#include "helper/dispatch.h"

/* op_core.c */
enum parsec_status op_ping(struct call *call);
enum parsec_status op_list_providers(struct call *call);	/* body */
enum parsec_status op_list_opcodes(struct call *call);		/* body */
enum parsec_status op_list_authenticators(struct call *call);
enum parsec_status op_list_keys(struct call *call);		/* body */
enum parsec_status op_list_clients(struct call *call);		/* body */
enum parsec_status op_delete_client(struct call *call);

/* op_service.c */
enum parsec_status op_who_am_i(struct call *call);		/* body */
enum parsec_status op_explain(struct call *call);		/* body */

/* op_stats.c */
enum parsec_status op_get_stats(struct call *call);		/* body */
enum parsec_status op_peer_stats(struct call *call);		/* body */

/* op_compare.c */
enum parsec_status op_compare_keys(struct call *call);		/* body */
enum parsec_status op_peer_compare(struct call *call);		/* body */

/* op_peer.c: what a provider host tells the core host */
enum parsec_status op_peer_describe(struct call *call);
enum parsec_status op_peer_opcodes(struct call *call);		/* body */
enum parsec_status op_peer_keys(struct call *call);		/* body */
enum parsec_status op_peer_clients(struct call *call);		/* body */
enum parsec_status op_peer_delete_client(struct call *call);

/* op_key.c */
enum parsec_status op_generate_key(struct call *call);
enum parsec_status op_import_key(struct call *call);
enum parsec_status op_destroy_key(struct call *call);
enum parsec_status op_export_key(struct call *call);
enum parsec_status op_export_public_key(struct call *call);

/* op_sign.c */
enum parsec_status op_sign_hash(struct call *call);
enum parsec_status op_verify_hash(struct call *call);
enum parsec_status op_sign_message(struct call *call);
enum parsec_status op_verify_message(struct call *call);

/* op_hash.c */
enum parsec_status op_hash_compute(struct call *call);
enum parsec_status op_hash_compare(struct call *call);

/* op_asymmetric.c */
enum parsec_status op_asymmetric_encrypt(struct call *call);
enum parsec_status op_asymmetric_decrypt(struct call *call);

/* op_aead.c */
enum parsec_status op_aead_encrypt(struct call *call);
enum parsec_status op_aead_decrypt(struct call *call);

/* op_cipher.c */
enum parsec_status op_cipher_encrypt(struct call *call);
enum parsec_status op_cipher_decrypt(struct call *call);

/* op_mac.c */
enum parsec_status op_mac_compute(struct call *call);
enum parsec_status op_mac_verify(struct call *call);

/* op_agree.c */
enum parsec_status op_raw_key_agreement(struct call *call);

/* op_attest.c */
enum parsec_status op_prepare_key_attestation(struct call *call);	/* body */
enum parsec_status op_attest_key(struct call *call);

/* op_check.c */
enum parsec_status op_can_do_crypto(struct call *call);

/* op_random.c */
enum parsec_status op_generate_random(struct call *call);

#endif /* PARSEC_OPS_H */
