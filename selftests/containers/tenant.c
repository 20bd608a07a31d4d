// SPDX-License-Identifier: Apache-2.0
/*
 * An application with keys, inside of a container or outside. Does what it is told, one
 * thing after the other, in one process and with one open file, and prints a line for each:
 *
 *   name		what the service calls it
 *   make KEY		"done"
 *   use KEY		"done"
 *   remove KEY		"done"
 *   reach KEY		"yes" when it sees and can use the key, "no" when it neither sees
 *			it nor can use or remove it, or else which of these it can
 *
 * Or the name of the status, when something cannot be done. Linked statically, as
 * processes begin slowly in an emulated machine.
 */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/lib/parsec.h"

static const struct parsec_alg ecdsa = {
	.kind = PARSEC_ALG_SIGNATURE, .scheme = PARSEC_SIGN_ECDSA, .hash = PARSEC_HASH_SHA_256,
};

static void answer(int result)
{
	if (result < 0)
		puts(parsec_strerror(result));
	else
		puts(result ? parsec_status_name(result) : "done");
}

static void tell_name(struct parsec *parsec)
{
	struct parsec_explanation *me;
	int result = parsec_who_am_i(parsec, &me);

	if (result) {
		answer(result);
		return;
	}
	puts(me->decision.application);
	parsec_free_explanation(me);
}

static int make(struct parsec *parsec, const char *key)
{
	const struct parsec_key_attributes attrs = {
		.type = PARSEC_KEY_TYPE_ECC_KEY_PAIR,
		.family = PARSEC_ECC_SECP_R1,
		.bits = 256,
		.usage = PARSEC_USAGE_SIGN_HASH,
		.alg = ecdsa,
	};

	return parsec_psa_generate_key(parsec, key, &attrs);
}

static int use(struct parsec *parsec, const char *key)
{
	static const uint8_t hash[32];
	uint8_t signature[PARSEC_SIGNATURE_SIZE_MAX];
	size_t len;

	return parsec_psa_sign_hash(parsec, key, &ecdsa, hash, sizeof(hash), signature,
				    sizeof(signature), &len);
}

/* Not to know is neither to see it nor not to */
static int is_listed(struct parsec *parsec, const char *key, bool *listed)
{
	struct parsec_key_info *list;
	size_t count;
	int result = parsec_list_keys(parsec, &list, &count);

	*listed = false;
	if (result)
		return result;
	for (size_t i = 0; i < count; i++)
		*listed = *listed || !strcmp(list[i].name, key);
	parsec_free_keys(list);
	return 0;
}

/* Removes the key only where it should be out of reach */
static void reach(struct parsec *parsec, const char *key)
{
	bool listed;
	int result = is_listed(parsec, key, &listed);
	int used, removed = PARSEC_SUCCESS;

	if (result) {
		answer(result);
		return;
	}
	used = use(parsec, key);
	if (listed && !used) {
		puts("yes");
		return;
	}
	if (!listed)
		removed = parsec_psa_destroy_key(parsec, key);
	if (!listed && used == PARSEC_PSA_ERROR_DOES_NOT_EXIST &&
	    removed == PARSEC_PSA_ERROR_DOES_NOT_EXIST)
		puts("no");
	else
		printf("listed %d, use %d, remove %d\n", listed, used, removed);
}

int main(int argc, char **argv)
{
	struct parsec *parsec;
	int result = parsec_open(&parsec);

	if (result) {
		fprintf(stderr, "tenant: opening: %s\n", parsec_strerror(result));
		return 1;
	}
	parsec_use_provider(parsec, 1);
	for (int i = 1; i < argc; i++) {
		const char *what = argv[i];

		if (!strcmp(what, "name")) {
			tell_name(parsec);
			continue;
		}
		if (++i == argc)
			return 2;
		if (!strcmp(what, "make"))
			answer(make(parsec, argv[i]));
		else if (!strcmp(what, "use"))
			answer(use(parsec, argv[i]));
		else if (!strcmp(what, "remove"))
			answer(parsec_psa_destroy_key(parsec, argv[i]));
		else if (!strcmp(what, "reach"))
			reach(parsec, argv[i]);
		else
			return 2;
	}
	parsec_close(parsec);
	return 0;
}
