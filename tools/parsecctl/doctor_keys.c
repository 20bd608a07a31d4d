// SPDX-License-Identifier: Apache-2.0
/*
 * Do the names of keys and what backends keep agree? Which ones do not is said only with
 * --details, as there are names of keys among them. Nothing is changed.
 */
#include "doctor.h"

/* "keys 255" */
#define WHAT_MAX	16
#define ID_TEXT_MAX	(2 * PARSEC_COMPARISON_ID_SIZE + 1)

static const char *id_text(const uint8_t id[PARSEC_COMPARISON_ID_SIZE], char text[ID_TEXT_MAX])
{
	for (size_t i = 0; i < PARSEC_COMPARISON_ID_SIZE; i++)
		snprintf(text + 2 * i, 3, "%02x", id[i]);
	return text;
}

/* There is not always room for all in the answer */
static void say_rest(struct doctor *doctor, const char *what, uint64_t count, uint64_t said)
{
	if (doctor->ctl->args.details && said < count)
		doctor_say(doctor, FOUND_DETAIL, what, NULL, "and %llu more",
			   (unsigned long long)(count - said));
}

static void say_missing(struct doctor *doctor, const struct parsec_comparison *all,
			const struct parsec_comparison_provider *provider, const char *what)
{
	char id[ID_TEXT_MAX];
	uint64_t said = 0;

	doctor_say(doctor, FOUND_PROBLEM, what,
		   "bring them back there if you can: the next start removes the names",
		   "%s: %llu of %llu names have no key in the backend", provider->name,
		   (unsigned long long)provider->missing, (unsigned long long)provider->keys);
	for (size_t i = 0; i < all->missing_count; i++) {
		const struct parsec_comparison_missing *one = &all->missing[i];

		if (one->provider != provider->id)
			continue;
		said++;
		doctor_say(doctor, FOUND_DETAIL, what, NULL, "name %s of %s, id %s",
			   one->key_name, one->application, id_text(one->id, id));
	}
	say_rest(doctor, what, provider->missing, said);
}

static void say_strangers(struct doctor *doctor, const struct parsec_comparison *all,
			  const struct parsec_comparison_provider *provider, const char *what)
{
	char id[ID_TEXT_MAX];
	uint64_t said = 0;

	doctor_say(doctor, FOUND_PROBLEM, what,
		   "find out whose they are, see \"doctor\" in parsecctl(1)",
		   "%s: %llu keys in the backend have no name here", provider->name,
		   (unsigned long long)provider->strangers);
	for (size_t i = 0; i < all->stranger_count; i++) {
		if (all->strangers[i].provider != provider->id)
			continue;
		said++;
		doctor_say(doctor, FOUND_DETAIL, what, NULL, "key %s",
			   id_text(all->strangers[i].id, id));
	}
	say_rest(doctor, what, provider->strangers, said);
}

static void check_provider(struct doctor *doctor, const struct parsec_comparison *all,
			   const struct parsec_comparison_provider *provider)
{
	char what[WHAT_MAX];

	snprintf(what, sizeof(what), "keys %u", provider->id);
	/* That a provider cannot be asked is said elsewhere */
	if (provider->status) {
		doctor_say(doctor, FOUND_UNKNOWN, what, NULL, "%s: they cannot be compared: %s",
			   provider->name, parsec_strerror((int)provider->status));
		return;
	}
	if (provider->missing)
		say_missing(doctor, all, provider, what);
	if (provider->strangers)
		say_strangers(doctor, all, provider, what);
	if (provider->unknown)
		doctor_say(doctor, FOUND_UNKNOWN, what, NULL,
			   "%s: of %llu it cannot be told now", provider->name,
			   (unsigned long long)provider->unknown);
	if (!provider->missing && !provider->strangers && !provider->unknown)
		doctor_say(doctor, FOUND_OK, what, NULL, "%s: %llu, %s", provider->name,
			   (unsigned long long)provider->keys, provider->lists ?
			   "and nothing in the backend but these" :
			   "all in the backend, which cannot be asked for others");
}

void doctor_keys(struct doctor *doctor)
{
	const struct parsec_comparison *all;
	int error = parsec_compare_keys(doctor->ctl->parsec, doctor->ctl->args.details, &all);
	bool some = false;

	if (error) {
		doctor_say(doctor, FOUND_UNKNOWN, "keys", NULL, "%s",
			   error == PARSEC_ADMIN_OPERATION ?
			   "only an administrator of the service is told" :
			   parsec_strerror(error));
		return;
	}
	for (size_t i = 0; i < all->provider_count; i++) {
		if (all->providers[i].status == PARSEC_PSA_ERROR_NOT_SUPPORTED)
			continue;
		some = true;
		check_provider(doctor, all, &all->providers[i]);
	}
	if (!some)
		doctor_say(doctor, FOUND_OK, "keys", NULL,
			   "no provider keeps any outside the key store");
	parsec_free_comparison(all);
}
