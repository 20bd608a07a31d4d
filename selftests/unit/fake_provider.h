/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A provider for the tests of the key store. Its keys are files in state_dir, named
 * by backend id, so that they outlive the process as those of a token would.
 */
#ifndef UNIT_FAKE_PROVIDER_H
#define UNIT_FAKE_PROVIDER_H

#include "helper/keystore.h"

/**
 * struct fake_control - what the fake provider is to do, and did
 * @create, @import, @destroy, @exists, @list, @load: status that it answers instead of working
 * @blob_len:	bytes of blob that create() claims, instead of the right number
 * @loaded:	keys that are loaded now
 * @loads:	calls of load() so far
 * @destroys:	calls of destroy() so far
 * @on_load:	called by load(), without locks of the fake provider
 * @on_exists:	called by exists(), before it looks
 * @on_list:	called by list(), after it has listed
 * @on_effect:	called before and after a key comes or goes
 * @calls:	calls of create(), import(), destroy() and exists() so far
 * @fail_call:	which of them fails; 0 for none
 * @fail_on:	also those after it fail
 * @fail_after:	it fails after having done what it was asked
 * @fail_with:	its status
 * @forgets_files: load() needs no file, as a provider whose keys are in the blob
 */
struct fake_control {
	enum parsec_status create, import, destroy, exists, list, load;
	size_t blob_len;
	_Atomic int loaded;
	_Atomic int loads;
	_Atomic int destroys;
	void (*on_load)(void);
	void (*on_exists)(void);
	void (*on_list)(void);
	void (*on_effect)(const char *what);
	int calls;
	int fail_call;
	bool fail_on;
	bool fail_after;
	enum parsec_status fail_with;
	bool forgets_files;
};

extern struct fake_control fake;

/* With and without exists() and list(): keys outside the blob, or only in it */
extern const struct parsec_provider fake_token;
extern const struct parsec_provider fake_software;

/* A key as the provider sees it */
struct parsec_key {
	uint8_t id[PARSEC_BACKEND_ID_SIZE];
	uint64_t magic;
};

#define FAKE_MAGIC	UINT64_C(0x6b65792d6f6b2121)

/* Keys in the backend of the fake token */
int fake_count(const char *dir);

/* Temporary directory, in memory where possible */
void make_dir(char path[64]);
void remove_dir(const char *path);

/* Key identity from strings */
struct key_identity key_named(const char *app, const char *name);

extern const struct parsec_key_attributes some_attributes;

#endif /* UNIT_FAKE_PROVIDER_H */
