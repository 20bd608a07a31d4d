/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values of options, read by all providers in the same way: what cannot be read is said in
 * the log, with the line of the configuration and without the value.
 */
#ifndef PARSEC_PROVIDERS_OPTION_H
#define PARSEC_PROVIDERS_OPTION_H

#include "providers/provider.h"

/* Bytes of the longest PIN or authorisation value */
#define SECRET_MAX	256

/**
 * struct secret - a PIN or an authorisation value
 * @data:	bytes, and not a text: there may be zeros among them
 * @len:	how many
 */
struct secret {
	uint8_t data[SECRET_MAX];
	size_t len;
};

/* option.c */
enum parsec_status option_bad(const struct parsec_provider_host *host,
			      const struct parsec_option *option, const char *what);
enum parsec_status option_unknown(const struct parsec_provider_host *host,
				  const struct parsec_option *option);
enum parsec_status option_bool(const struct parsec_provider_host *host,
			       const struct parsec_option *option, bool *value);
enum parsec_status option_secret(const struct parsec_provider_host *host,
				 const struct parsec_option *option, struct secret *secret);
void secret_wipe(struct secret *secret);

#endif /* PARSEC_PROVIDERS_OPTION_H */
