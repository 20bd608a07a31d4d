/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Inside the codec: the messages of attestation, whose parameters and results are
 * messages of a mechanism. There is one, ActivateCredential.
 */
#ifndef PARSEC_CONTRACT_ATTEST_H
#define PARSEC_CONTRACT_ATTEST_H

#include "helper/contract/attest_key.pb-c.h"
#include "helper/contract/contract.h"
#include "helper/contract/prepare_key_attestation.pb-c.h"

/** codec_check_attesting() - as text_check_name(), but none is a name too */
enum parsec_status codec_check_attesting(struct parsec_span name);

/** codec_get_prepare() - parameters of PrepareKeyAttestation: both names */
enum parsec_status codec_get_prepare(const PrepareKeyAttestation__Params *msg,
				     struct contract_request *req);

struct codec_prepare {
	PrepareKeyAttestation__Params top;
	PrepareKeyAttestation__Params__Activation activation;
};

void codec_put_prepare(const struct contract_request *req, struct codec_prepare *msg);

/** codec_get_activation() - parameters of AttestKey: blob and secret */
enum parsec_status codec_get_activation(const AttestKey__Params *msg,
					struct contract_request *req);

struct codec_activation {
	AttestKey__Params top;
	AttestKey__Params__Activation activation;
};

void codec_put_activation(const struct contract_request *req, struct codec_activation *msg);

#endif /* PARSEC_CONTRACT_ATTEST_H */
