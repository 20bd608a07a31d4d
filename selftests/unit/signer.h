/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that serves a provider which signs, after a fashion: what the tests of the
 * dispatch and of its transports have behind them.
 *
 * A signature is the hash with each bit turned over, a public key is "public", and what
 * is random is 0xa5.
 */
#ifndef UNIT_SIGNER_H
#define UNIT_SIGNER_H

#include "helper/dispatch.h"

#define SIGNER_ID	21

extern const struct parsec_provider signer_provider;

/* What the provider was asked to do so far */
struct signer_calls {
	_Atomic unsigned int created, imported, destroyed, signed_, verified, random;
};

extern struct signer_calls signer_calls;

/* How long it takes to have random bytes, in microseconds */
extern _Atomic unsigned int signer_random_us;

/**
 * struct signer - a host with it
 * @config:	tests may change it before they use the host
 * @plugin, @host: what is served
 * @dir:	its state and runtime directory
 */
struct signer {
	struct config config;
	struct plugin plugin;
	struct host host;
	char dir[64];
};

/** signer_open() - aborts when it cannot */
void signer_open(struct signer *signer);

/** signer_open_with() - the same with another provider behind it */
void signer_open_with(struct signer *signer, const struct parsec_provider *provider);
void signer_close(struct signer *signer);

/** signer_make_key() - a key pair that may sign and verify hashes, ECDSA with SHA-256 */
void signer_make_key(struct signer *signer, const char *app, const char *name);

/** signer_has_key() - is there a key of this name? */
bool signer_has_key(struct signer *signer, const char *app, const char *name);

/* Attributes of signer_make_key() */
extern const struct parsec_key_attributes signer_attributes;

#endif /* UNIT_SIGNER_H */
