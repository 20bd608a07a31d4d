// SPDX-License-Identifier: Apache-2.0
/*
 * Key attributes as protobuf messages and as struct parsec_key_attributes.
 */
#include "helper/contract/codec.h"
#include "helper/policy.h"

static enum parsec_status get_type(const PsaKeyAttributes__KeyType *msg,
				   struct parsec_key_attributes *attrs)
{
	uint32_t family;

	if (!msg || !msg->variant_case)
		return PARSEC_INVALID_ENCODING;
	attrs->type = (uint8_t)msg->variant_case;
	switch (attrs->type) {
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		family = (uint32_t)msg->ecc_key_pair->curve_family;
		if (!family || family > PARSEC_ECC_LAST)
			return PARSEC_INVALID_ENCODING;
		break;
	case PARSEC_KEY_TYPE_DH_KEY_PAIR:
	case PARSEC_KEY_TYPE_DH_PUBLIC_KEY:
		family = (uint32_t)msg->dh_key_pair->group_family;
		if (family != PARSEC_DH_RFC7919)
			return PARSEC_INVALID_ENCODING;
		break;
	default:
		family = 0;
	}
	attrs->family = (uint8_t)family;
	return PARSEC_SUCCESS;
}

static uint32_t get_usage(const PsaKeyAttributes__UsageFlags *msg)
{
	uint32_t usage = 0;

	usage |= msg->export ? PARSEC_USAGE_EXPORT : 0;
	usage |= msg->copy ? PARSEC_USAGE_COPY : 0;
	usage |= msg->cache ? PARSEC_USAGE_CACHE : 0;
	usage |= msg->encrypt ? PARSEC_USAGE_ENCRYPT : 0;
	usage |= msg->decrypt ? PARSEC_USAGE_DECRYPT : 0;
	usage |= msg->sign_message ? PARSEC_USAGE_SIGN_MESSAGE : 0;
	usage |= msg->verify_message ? PARSEC_USAGE_VERIFY_MESSAGE : 0;
	usage |= msg->sign_hash ? PARSEC_USAGE_SIGN_HASH : 0;
	usage |= msg->verify_hash ? PARSEC_USAGE_VERIFY_HASH : 0;
	usage |= msg->derive ? PARSEC_USAGE_DERIVE : 0;
	return usage;
}

enum parsec_status codec_get_attributes(const PsaKeyAttributes__KeyAttributes *msg,
					struct parsec_key_attributes *attrs)
{
	enum parsec_status status;

	*attrs = (struct parsec_key_attributes) { 0 };
	if (!msg || !msg->key_policy || !msg->key_policy->key_usage_flags)
		return PARSEC_INVALID_ENCODING;
	status = get_type(msg->key_type, attrs);
	if (status)
		return status;
	attrs->bits = msg->key_bits;
	attrs->usage = policy_imply_usage(get_usage(msg->key_policy->key_usage_flags));
	return codec_get_algorithm(msg->key_policy->key_algorithm, &attrs->alg);
}

static bool put_type(const struct parsec_key_attributes *attrs,
		     struct codec_attributes *msg)
{
	psa_key_attributes__key_type__init(&msg->type);
	if (!attrs->type || attrs->type > PARSEC_KEY_TYPE_LAST)
		return false;
	msg->type.variant_case = (PsaKeyAttributes__KeyType__VariantCase)attrs->type;
	switch (attrs->type) {
	case PARSEC_KEY_TYPE_ECC_KEY_PAIR:
	case PARSEC_KEY_TYPE_ECC_PUBLIC_KEY:
		psa_key_attributes__ecc_type__init(&msg->ecc);
		msg->type.ecc_key_pair = &msg->ecc;
		msg->ecc.curve_family = (PsaKeyAttributes__EccType__Family)attrs->family;
		return attrs->family && attrs->family <= PARSEC_ECC_LAST;
	case PARSEC_KEY_TYPE_DH_KEY_PAIR:
	case PARSEC_KEY_TYPE_DH_PUBLIC_KEY:
		psa_key_attributes__dh_type__init(&msg->dh);
		msg->type.dh_key_pair = &msg->dh;
		return attrs->family == PARSEC_DH_RFC7919;
	default:
		psa_key_attributes__plain_type__init(&msg->plain);
		msg->type.raw_data = &msg->plain;
		return true;
	}
}

static bool put_usage(uint32_t usage, PsaKeyAttributes__UsageFlags *msg)
{
	psa_key_attributes__usage_flags__init(msg);
	msg->export = !!(usage & PARSEC_USAGE_EXPORT);
	msg->copy = !!(usage & PARSEC_USAGE_COPY);
	msg->cache = !!(usage & PARSEC_USAGE_CACHE);
	msg->encrypt = !!(usage & PARSEC_USAGE_ENCRYPT);
	msg->decrypt = !!(usage & PARSEC_USAGE_DECRYPT);
	msg->sign_message = !!(usage & PARSEC_USAGE_SIGN_MESSAGE);
	msg->verify_message = !!(usage & PARSEC_USAGE_VERIFY_MESSAGE);
	msg->sign_hash = !!(usage & PARSEC_USAGE_SIGN_HASH);
	msg->verify_hash = !!(usage & PARSEC_USAGE_VERIFY_HASH);
	msg->derive = !!(usage & PARSEC_USAGE_DERIVE);
	return !(usage & ~(uint32_t)PARSEC_USAGE_ALL);
}

bool codec_put_attributes(const struct parsec_key_attributes *attrs,
			  struct codec_attributes *msg)
{
	psa_key_attributes__key_attributes__init(&msg->top);
	psa_key_attributes__key_policy__init(&msg->policy);
	msg->top.key_type = &msg->type;
	msg->top.key_bits = attrs->bits;
	msg->top.key_policy = &msg->policy;
	msg->policy.key_usage_flags = &msg->usage;
	msg->policy.key_algorithm = &msg->alg.top;
	return put_type(attrs, msg) && put_usage(attrs->usage, &msg->usage) &&
	       codec_put_algorithm(&attrs->alg, &msg->alg);
}
