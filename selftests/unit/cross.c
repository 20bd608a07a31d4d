// SPDX-License-Identifier: Apache-2.0
/*
 * Providers with each other: what one has signed, encrypted or agreed on is the other's as
 * well. What is tried is what both claim in their tables of capabilities, and nothing else.
 *
 *   cross CONFIG FOLDER		CONFIG is as parsecd.conf; the providers' libraries are in
 *				FOLDER, and their state goes into $TMPDIR
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/config.h"
#include "helper/log.h"
#include "helper/policy.h"
#include "selftests/unit/cross.h"

#define SIDES	8

/* Say why not */
bool failed(const struct side *side, const char *what, int status)
{
	because("%s: %s: status %d", side->name, what, status);
	return false;
}

/* Do both sides claim @meeting->attrs with this hash? */
bool both_have(const struct meeting *meeting, const struct kind *kind, uint8_t hash)
{
	struct parsec_key_attributes attrs = meeting->attrs;

	attrs.alg.hash = hash;
	if (policy_supported(&meeting->here->check.plugin.caps, &attrs, kind->here))
		return false;
	/* Encrypting, verifying: the public key; agreeing: another pair */
	if (!(kind->there & PARSEC_CAN_DERIVE))
		attrs.type = public_of(attrs.type);
	return !policy_supported(&meeting->there->check.plugin.caps, &attrs, kind->there);
}

/* Only the policy of a signing key may leave the hash open */
static bool for_each_hash(struct meeting *meeting)
{
	const struct kind *kind = &kinds[meeting->row->alg_kind];
	bool good = true;

	for (unsigned int hash = 0; good && hash <= PARSEC_HASH_LAST; hash++) {
		meeting->attrs.alg.hash = (uint8_t)hash;
		if (!hash != !meeting->row->hashes || !both_have(meeting, kind, (uint8_t)hash))
			continue;
		good = kind->meet(meeting);
		if (!good && hash)
			because("hash: %s", name_of_hash((uint8_t)hash));
	}
	return good;
}

/* Do both have keys of @meeting->attrs? */
static bool in_common(const struct meeting *meeting)
{
	const struct kind *kind = &kinds[meeting->row->alg_kind];
	bool common = false;

	for (unsigned int hash = 0; !common && hash <= PARSEC_HASH_LAST; hash++)
		common = both_have(meeting, kind, (uint8_t)hash);
	return common;
}

/* Try one size, if both have it. Return: whether it was one */
static bool try_size(struct side *here, struct side *there, const struct parsec_capability *row,
		     uint32_t bits)
{
	static struct meeting meeting;
	bool good;

	memset(&meeting, 0, sizeof(meeting));
	meeting.here = here;
	meeting.there = there;
	meeting.row = row;
	meeting.attrs.type = row->type;
	meeting.attrs.family = row->family;
	meeting.attrs.bits = bits;
	meeting.attrs.usage = PARSEC_USAGE_ALL;
	meeting.attrs.alg = alg_of(row);
	if (!in_common(&meeting))
		return false;
	if (row->alg_kind == PARSEC_ALG_SIGNATURE) {
		if (row->hashes)
			meeting.attrs.alg.hash = PARSEC_HASH_ANY;
		good = kinds[row->alg_kind].meet(&meeting);
	} else {
		good = for_each_hash(&meeting);
	}
	fact(good, "%s to %s: %s", here->name, there->name, name_of_key(row, bits));
	return true;
}

/* Each size of a row; where it has a range, its ends and what is usual in between */
static unsigned int try_row(struct side *here, struct side *there,
			    const struct parsec_capability *row)
{
	static const uint32_t usual[] = { 128, 256, 1024 };
	unsigned int tried = 0;

	for (size_t i = 0; i < ELEMENTS(row->bits) && row->bits[i]; i++)
		tried += try_size(here, there, row, row->bits[i]);
	for (size_t i = 0; row->bits_step && i < ELEMENTS(usual); i++) {
		if (usual[i] != row->bits[0] && usual[i] != row->bits[1])
			tried += try_size(here, there, row, usual[i]);
	}
	return tried;
}

static bool claims(const struct side *side, unsigned int kind)
{
	const struct parsec_capabilities *caps = &side->check.plugin.caps;

	for (size_t i = 0; i < caps->count; i++) {
		if (caps->rows[i].alg_kind == kind)
			return true;
	}
	return false;
}

static void try_pair(struct side *here, struct side *there)
{
	const struct parsec_capabilities *caps = &here->check.plugin.caps;
	unsigned int tried[KINDS] = { 0 };

	for (size_t i = 0; i < caps->count; i++) {
		const struct parsec_capability *row = &caps->rows[i];

		if (kinds[row->alg_kind].meet && !is_public(row->type))
			tried[row->alg_kind] += try_row(here, there, row);
	}
	for (unsigned int kind = 0; kind < KINDS; kind++) {
		if (kinds[kind].always || (kinds[kind].meet && claims(here, kind) &&
					   claims(there, kind)))
			fact(tried[kind], "%s to %s: %s was tried with %u kinds of keys",
			     here->name, there->name, kinds[kind].name, tried[kind]);
	}
}

static bool open_side(struct side *side, const struct provider_config *section,
		      const char *folder)
{
	const char *tmp = getenv("TMPDIR");
	struct check *check = &side->check;
	char library[PATH_MAX];
	void *handle = NULL;

	snprintf(library, sizeof(library), "%s/%s", folder, section->library);
	snprintf(side->state_dir, sizeof(side->state_dir), "%s/cross-%s-XXXXXX",
		 tmp && *tmp ? tmp : "/tmp", section->name);
	side->name = section->name;
	*check = (struct check){ .seed = 1, .state_dir = mkdtemp(side->state_dir),
				 .options = section->options,
				 .option_count = section->option_count };
	if (!check->state_dir)
		return failed(side, "there is no room for its state", 0);
	check->ops = plugin_load(library, &handle);
	return check->ops && !plugin_open(&check->plugin, check->ops, handle, check->options,
					  check->option_count, check->state_dir);
}

static struct config *read_config(const char *path)
{
	FILE *file = fopen(path, "re");
	struct config *config = NULL;

	if (file) {
		config = config_load(file, path, stderr);
		fclose(file);
	}
	return config;
}

int main(int argc, char **argv)
{
	static struct side sides[SIDES];
	struct config *config;
	size_t count = 0;
	bool good = true;

	if (argc != 3)
		return 2;
	log_init("cross", PARSEC_LOG_ERROR, false);
	config = read_config(argv[1]);
	if (!config || config->provider_count < 2 || config->provider_count > SIDES)
		return 2;
	for (size_t i = 0; good && i < config->provider_count; i++) {
		good = fact(open_side(&sides[i], &config->providers[i], argv[2]), "%s opens",
			    config->providers[i].name);
		count += good;
	}
	for (size_t i = 0; good && i < count * count; i++) {
		if (i / count != i % count)
			try_pair(&sides[i / count], &sides[i % count]);
	}
	for (size_t i = 0; i < count; i++)
		plugin_close(&sides[i].check.plugin);
	config_free(config);
	return tap_end();
}
