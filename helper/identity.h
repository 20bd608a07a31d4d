/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who is asking: from the facts that the kernel took when the device was opened to
 * the application name that keys belong to.
 */
#ifndef PARSEC_IDENTITY_H
#define PARSEC_IDENTITY_H

#include "helper/config.h"

/* The authenticator that vouches for names made here (contract, section 5) */
#define AUTH_UNIX_PEER_CREDENTIALS	3

/**
 * struct identity_facts - what the kernel says about an open file
 * @uid:	effective user id at open(), in the initial user namespace
 * @init_userns: the opener was in the initial user namespace
 * @init_pidns:	the opener was in the initial pid namespace
 * @cgroup:	its cgroup v2 path, NULL when it has none
 */
struct identity_facts {
	uint32_t uid;
	bool init_userns;
	bool init_pidns;
	const char *cgroup;
};

/**
 * struct identity - an application; never changes, shared by counting
 * @refs:	how many hold it
 * @auth_id:	who vouches for the name
 * @admin:	may use admin operations
 * @app_len:	bytes of @app
 * @app:	its name
 */
struct identity {
	unsigned int refs;
	uint32_t auth_id;
	bool admin;
	size_t app_len;
	uint8_t app[];
};

/**
 * identity_from_facts() - name an application
 * @facts:	the kernel's
 * @config:	says who is an administrator
 *
 * A process of the host is its user id in decimal. So is a container with its own
 * user namespace: its ids are not those of anybody on the host. A container without
 * one is its cgroup path, a colon and the user id, so that its root is never the
 * host's; the path starts with a slash, so the two forms never meet.
 *
 * Return: NULL when the facts do not tell (a container that has neither a user
 * namespace nor a cgroup) or without memory.
 */
struct identity *identity_from_facts(const struct identity_facts *facts,
				     const struct config *config);

/** identity_new() - an identity that somebody else established, not an admin */
struct identity *identity_new(uint32_t auth_id, struct parsec_span app);

struct identity *identity_get(struct identity *identity);

/** identity_put() - NULL is fine */
void identity_put(struct identity *identity);

#endif /* PARSEC_IDENTITY_H */
