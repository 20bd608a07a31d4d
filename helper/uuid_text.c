// SPDX-License-Identifier: Apache-2.0
/*
 * What can be the UUID of a provider.
 */
#include "helper/uuid_text.h"

#include <ctype.h>
#include <string.h>

#include <uuid/uuid.h>

#include "providers/core.h"

const char *uuid_text_fault(const char *uuid)
{
	uuid_t parsed;

	if (strlen(uuid) != UUID_TEXT_LEN || uuid_parse(uuid, parsed))
		return "not a UUID of 36 characters in lower case";
	/* uuid_parse() takes upper case */
	for (const char *c = uuid; *c; c++)
		if (isupper((unsigned char)*c))
			return "not a UUID of 36 characters in lower case";
	if (uuid_is_null(parsed))
		return "the nil UUID, which is nobody's";
	if (!strcmp(uuid, CORE_UUID))
		return "the UUID of core";
	return NULL;
}
