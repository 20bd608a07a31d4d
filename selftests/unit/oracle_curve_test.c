// SPDX-License-Identifier: Apache-2.0
/*
 * ECDSA, and key agreement of each kind, against libgcrypt, in both directions.
 */
#include "kselftest_harness.h"

#include "selftests/unit/oracle_asymmetric.h"

#define TIMEOUT		600

FIXTURE(oracle)
{
	struct parsec_provider_ctx *ctx;
};

typedef FIXTURE_DATA(oracle) fixture;

FIXTURE_SETUP(oracle)
{
	oracle_begin();
	ASSERT_EQ(PARSEC_SUCCESS, ops->open(&quiet_host, NULL, 0, &self->ctx));
}

FIXTURE_TEARDOWN(oracle)
{
	ops->close(self->ctx);
}

static const struct curve {
	uint8_t family;
	uint32_t bits;
	const char *name;
} curves[] = {
	{ PARSEC_ECC_SECP_R1, 192, "NIST P-192" }, { PARSEC_ECC_SECP_R1, 224, "NIST P-224" },
	{ PARSEC_ECC_SECP_R1, 256, "NIST P-256" }, { PARSEC_ECC_SECP_R1, 384, "NIST P-384" },
	{ PARSEC_ECC_SECP_R1, 521, "NIST P-521" }, { PARSEC_ECC_SECP_K1, 256, "secp256k1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 160, "brainpoolP160r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 192, "brainpoolP192r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 224, "brainpoolP224r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 256, "brainpoolP256r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 320, "brainpoolP320r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 384, "brainpoolP384r1" },
	{ PARSEC_ECC_BRAINPOOL_P_R1, 512, "brainpoolP512r1" },
};

#define CURVES	(sizeof(curves) / sizeof(curves[0]))

static struct parsec_key *load_attrs(fixture *self, struct parsec_key_attributes *attrs,
				     const struct bytes *data)
{
	struct bytes blob;
	struct parsec_out out = { blob.data, sizeof(blob.data), 0 };
	struct parsec_key_ref ref;
	struct parsec_key *key;

	if (data ? ops->import(self->ctx, some_id, attrs, span_of(data), &out) :
		   ops->create(self->ctx, some_id, attrs, &out))
		return NULL;
	blob.len = out.len;
	ref = (struct parsec_key_ref){ .blob = span_of(&blob) };
	return ops->load(self->ctx, &ref, attrs, &key) ? NULL : key;
}

/* The integer that ECDSA makes of a hash: as many bits from the left as the order has */
static gcry_mpi_t ecdsa_number(const struct bytes *hash, unsigned int order_bits)
{
	gcry_mpi_t number = mpi_of(hash->data, hash->len);

	if (hash->len * 8 > order_bits)
		gcry_mpi_rshift(number, number, (unsigned int)hash->len * 8 - order_bits);
	return number;
}

static bool ecdsa_both_ways(fixture *self, const struct curve *curve, struct parsec_key *key)
{
	size_t field = (curve->bits + 7) / 8, i = oracle_below(HASHES + 3);
	struct parsec_alg alg = HASH_ALG(PARSEC_SIGN_ECDSA_ANY, 0);
	struct bytes scalar = exported(self->ctx, key, true), hash, ours;
	struct bytes point = exported(self->ctx, key, false), theirs = { .len = 2 * field };
	gcry_sexp_t private, public, data, signature;
	gcry_mpi_t number;
	bool good;

	if (i < HASHES)
		alg = HASH_ALG(PARSEC_SIGN_ECDSA, hashes[i].hash);
	oracle_fill(&hash, i < HASHES ? hashes[i].size : 1 + oracle_below(100));
	/* All these orders have as many bits as the field */
	number = ecdsa_number(&hash, curve->bits);
	BUILD(&private, "(private-key(ecc(curve %s)(q %b)(d %b)))", curve->name, (int)point.len,
	      point.data, (int)scalar.len, scalar.data);
	BUILD(&public, "(public-key(ecc(curve %s)(q %b)))", curve->name, (int)point.len,
	      point.data);
	BUILD(&data, "(data(flags raw)(value %m))", number);
	if (gcry_pk_sign(&signature, data, private))
		abort();
	put_named(theirs.data, field, signature, "r");
	put_named(theirs.data + field, field, signature, "s");
	gcry_sexp_release(signature);
	good = !verify(self->ctx, key, alg, span_of(&hash), &theirs) &&
	       !sign(self->ctx, key, alg, span_of(&hash), &ours) && ours.len == 2 * field;
	if (good) {
		gcry_mpi_t r = mpi_of(ours.data, field), s = mpi_of(ours.data + field, field);

		BUILD(&signature, "(sig-val(ecdsa(r %m)(s %m)))", r, s);
		good = !gcry_pk_verify(signature, data, public);
		gcry_sexp_release(signature);
		gcry_mpi_release(r);
		gcry_mpi_release(s);
		theirs.data[oracle_below(theirs.len)] ^= (uint8_t)(1 << oracle_below(8));
		good = good && verify(self->ctx, key, alg, span_of(&hash), &theirs) ==
			       PARSEC_PSA_ERROR_INVALID_SIGNATURE;
	}
	gcry_sexp_release(data);
	gcry_sexp_release(private);
	gcry_sexp_release(public);
	gcry_mpi_release(number);
	return good;
}

TEST_F_TIMEOUT(oracle, ecdsa, TIMEOUT)
{
	for (unsigned int round = oracle_rounds(20 * CURVES); round; round--) {
		const struct curve *curve = &curves[round % CURVES];
		struct parsec_key_attributes attrs = {
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = curve->family,
			.bits = curve->bits, .alg.kind = PARSEC_ALG_NONE,
		};
		struct parsec_key *key = load_attrs(self, &attrs, NULL);

		ASSERT_NE(NULL, key);
		ASSERT_TRUE(ecdsa_both_ways(self, curve, key)) TH_LOG("%s", curve->name);
		ops->unload(self->ctx, key);
	}
}

static bool our_agreement(fixture *self, struct parsec_key *key, uint8_t scheme,
			  const struct bytes *peer, struct bytes *secret)
{
	struct parsec_alg alg = { .kind = PARSEC_ALG_KEY_AGREEMENT, .scheme = scheme };
	struct parsec_out out = { secret->data, sizeof(secret->data), 0 };
	enum parsec_status status = ops->agree(self->ctx, key, &alg, span_of(peer), &out);

	secret->len = out.len;
	return !status;
}

/* Scalar times point, in libgcrypt; the generator for no point. 0x04 and both coordinates */
static struct bytes their_point(const struct curve *curve, const struct bytes *scalar,
				const struct bytes *point)
{
	size_t field = (curve->bits + 7) / 8;
	struct bytes result = { .data = { 4 }, .len = 1 + 2 * field };
	gcry_mpi_t d = mpi_of(scalar->data, scalar->len), x = gcry_mpi_new(0);
	gcry_mpi_t y = gcry_mpi_new(0), one = gcry_mpi_set_ui(NULL, 1);
	gcry_mpi_point_t from, to = gcry_mpi_point_new(0);
	gcry_ctx_t ctx;

	if (gcry_mpi_ec_new(&ctx, NULL, curve->name))
		abort();
	from = gcry_mpi_ec_get_point("g", ctx, 1);
	if (point) {
		gcry_mpi_t px = mpi_of(point->data + 1, field);
		gcry_mpi_t py = mpi_of(point->data + 1 + field, field);

		gcry_mpi_point_set(from, px, py, one);
		gcry_mpi_release(px);
		gcry_mpi_release(py);
	}
	gcry_mpi_ec_mul(to, d, from, ctx);
	if (gcry_mpi_ec_get_affine(x, y, to, ctx))
		abort();
	put_mpi(result.data + 1, field, x);
	put_mpi(result.data + 1 + field, field, y);
	gcry_mpi_release(d);
	gcry_mpi_release(x);
	gcry_mpi_release(y);
	gcry_mpi_release(one);
	gcry_mpi_point_release(from);
	gcry_mpi_point_release(to);
	gcry_ctx_release(ctx);
	return result;
}

TEST_F_TIMEOUT(oracle, ecdh, TIMEOUT)
{
	for (unsigned int round = oracle_rounds(20 * CURVES); round; round--) {
		const struct curve *curve = &curves[round % CURVES];
		size_t field = (curve->bits + 7) / 8;
		struct parsec_key_attributes attrs = {
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = curve->family,
			.bits = curve->bits, .alg.kind = PARSEC_ALG_NONE,
		};
		struct parsec_key *key = load_attrs(self, &attrs, NULL);
		struct bytes scalar, point, peer_scalar, peer, theirs, ours;

		ASSERT_NE(NULL, key);
		scalar = exported(self->ctx, key, true);
		point = exported(self->ctx, key, false);
		theirs = their_point(curve, &scalar, NULL);
		ASSERT_TRUE(same(&point, &theirs)) TH_LOG("%s", curve->name);
		/* Below each of the orders, which have the top bit of their highest byte set */
		oracle_fill(&peer_scalar, field);
		peer_scalar.data[0] = 0;
		peer_scalar.data[1] &= 0x7f;
		peer = their_point(curve, &peer_scalar, NULL);
		theirs = their_point(curve, &scalar, &peer);
		ASSERT_TRUE(our_agreement(self, key, PARSEC_AGREE_ECDH, &peer, &ours));
		ASSERT_EQ(field, ours.len);
		ASSERT_EQ(0, memcmp(ours.data, theirs.data + 1, field)) TH_LOG("%s", curve->name);
		ops->unload(self->ctx, key);
	}
}

TEST_F_TIMEOUT(oracle, x25519_and_x448, TIMEOUT)
{
	static const struct {
		uint32_t bits;
		size_t size;
		int curve;
	} sets[] = { { 255, 32, GCRY_ECC_CURVE25519 }, { 448, 56, GCRY_ECC_CURVE448 } };

	for (unsigned int round = oracle_rounds(400); round; round--) {
		const size_t set = round % 2, size = sets[set].size;
		struct parsec_key_attributes attrs = {
			.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR, .family = PARSEC_ECC_MONTGOMERY,
			.bits = sets[set].bits, .alg.kind = PARSEC_ALG_NONE,
		};
		struct bytes scalar, peer, ours, theirs = { .len = size };
		struct parsec_key *key;

		oracle_fill(&scalar, size);
		key = load_attrs(self, &attrs, &scalar);
		ASSERT_NE(NULL, key);
		scalar = exported(self->ctx, key, true);
		ours = exported(self->ctx, key, false);
		ASSERT_EQ(0, gcry_ecc_mul_point(sets[set].curve, theirs.data, scalar.data, NULL));
		ASSERT_TRUE(same(&ours, &theirs));
		/* Each number is a point, of the curve or of its twist */
		oracle_fill(&peer, size);
		ASSERT_EQ(0, gcry_ecc_mul_point(sets[set].curve, theirs.data, scalar.data,
						peer.data));
		ASSERT_TRUE(our_agreement(self, key, PARSEC_AGREE_ECDH, &peer, &ours));
		ASSERT_TRUE(same(&ours, &theirs)) TH_LOG("%u bits", sets[set].bits);
		ops->unload(self->ctx, key);
	}
}

/* The prime of RFC 7919: 2^b - 2^(b-64) + ([2^(b-130) e] + add) * 2^64 - 1 */
static gcry_mpi_t ffdhe_prime(unsigned int bits, unsigned long add)
{
	gcry_mpi_t e = gcry_mpi_set_ui(NULL, 0), term = gcry_mpi_set_ui(NULL, 1);
	gcry_mpi_t p = gcry_mpi_set_ui(NULL, 1), divisor = gcry_mpi_new(0);

	/* e is the sum of 1 / i!; 64 bits more than needed */
	gcry_mpi_mul_2exp(term, term, bits - 130 + 64);
	for (unsigned long i = 1; gcry_mpi_cmp_ui(term, 0); i++) {
		gcry_mpi_add(e, e, term);
		gcry_mpi_set_ui(divisor, i);
		gcry_mpi_div(term, NULL, term, divisor, 0);
	}
	gcry_mpi_rshift(e, e, 64);
	gcry_mpi_add_ui(e, e, add);
	gcry_mpi_mul_2exp(e, e, 64);
	gcry_mpi_mul_2exp(p, p, bits);
	gcry_mpi_add(p, p, e);
	gcry_mpi_set_ui(e, 1);
	gcry_mpi_mul_2exp(e, e, bits - 64);
	gcry_mpi_sub(p, p, e);
	gcry_mpi_sub_ui(p, p, 1);
	gcry_mpi_release(e);
	gcry_mpi_release(term);
	gcry_mpi_release(divisor);
	return p;
}

TEST_F_TIMEOUT(oracle, ffdh, TIMEOUT)
{
	static const struct {
		unsigned int bits, rounds;
		unsigned long add;
	} groups[] = {
		{ 2048, 20, 560316 }, { 3072, 6, 2625351 }, { 4096, 3, 5736041 },
		{ 6144, 1, 15705020 }, { 8192, 1, 10965728 },
	};

	for (size_t i = 0; i < sizeof(groups) / sizeof(groups[0]); i++) {
		gcry_mpi_t p = ffdhe_prime(groups[i].bits, groups[i].add);
		size_t size = groups[i].bits / 8;

		for (unsigned int round = oracle_rounds(groups[i].rounds); round; round--) {
			struct parsec_key_attributes attrs = {
				.type = PARSEC_KEY_TYPE_DH_KEY_PAIR, .bits = groups[i].bits,
				.family = PARSEC_DH_RFC7919, .alg.kind = PARSEC_ALG_NONE,
			};
			struct parsec_key *key = load_attrs(self, &attrs, NULL);
			struct bytes x, y, peer = { .len = size }, exponent, ours;
			struct bytes theirs = { .len = size };
			gcry_mpi_t ours_x, other, result = gcry_mpi_new(0);

			ASSERT_NE(NULL, key);
			x = exported(self->ctx, key, true);
			y = exported(self->ctx, key, false);
			ASSERT_EQ(size, x.len);
			ours_x = mpi_of(x.data, x.len);
			other = gcry_mpi_set_ui(NULL, 2);
			gcry_mpi_powm(result, other, ours_x, p);
			put_mpi(theirs.data, size, result);
			ASSERT_TRUE(same(&y, &theirs)) TH_LOG("%u bits", groups[i].bits);

			oracle_fill(&exponent, 32);
			gcry_mpi_release(result);
			result = mpi_of(exponent.data, exponent.len);
			gcry_mpi_powm(other, other, result, p);
			put_mpi(peer.data, size, other);
			gcry_mpi_powm(result, other, ours_x, p);
			put_mpi(theirs.data, size, result);
			ASSERT_TRUE(our_agreement(self, key, PARSEC_AGREE_FFDH, &peer, &ours));
			ASSERT_TRUE(same(&ours, &theirs)) TH_LOG("%u bits", groups[i].bits);
			gcry_mpi_release(ours_x);
			gcry_mpi_release(other);
			gcry_mpi_release(result);
			ops->unload(self->ctx, key);
		}
		gcry_mpi_release(p);
	}
}

TEST_HARNESS_MAIN
