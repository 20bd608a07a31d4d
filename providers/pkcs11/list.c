// SPDX-License-Identifier: Apache-2.0
/*
 * Which keys of this service are on the token: objects whose label is the one that their
 * CKA_ID would have been given here.
 */
#include <stdlib.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/**
 * struct found - ids of objects with such a label
 * @ids:	once for each object
 * @count:	how many
 */
struct found {
	uint8_t (*ids)[PARSEC_BACKEND_ID_SIZE];
	size_t count;
};

/* What has no id or label, or longer ones, is none of ours; nor is what has just been removed */
static CK_RV look_at(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session,
		     CK_OBJECT_HANDLE handle, struct found *found)
{
	uint8_t id[PARSEC_BACKEND_ID_SIZE], label[LABEL_SIZE], right[LABEL_SIZE];
	CK_ATTRIBUTE attributes[] = {
		{ CKA_ID, id, sizeof(id) },
		{ CKA_LABEL, label, sizeof(label) },
	};
	CK_RV rv = cryptoki(ctx)->C_GetAttributeValue(session, handle, attributes,
						      ELEMENTS(attributes));

	if (is_lost(rv))
		return rv;
	if (rv != CKR_OK || attributes[0].ulValueLen != sizeof(id) ||
	    attributes[1].ulValueLen != sizeof(label))
		return CKR_OK;
	label_of(id, right);
	if (!memcmp(label, right, sizeof(label)))
		memcpy(found->ids[found->count++], id, sizeof(id));
	return CKR_OK;
}

/* By a search of its own: others may have added or removed objects since the token was listed */
static CK_RV find_ours(struct parsec_provider_ctx *ctx, CK_SESSION_HANDLE session, void *arg,
		       bool again)
{
	struct template template = { .count = 0 };
	struct found *found = arg;
	CK_OBJECT_HANDLE *handles;
	size_t count;
	CK_RV rv;

	(void)again;
	free(found->ids);
	*found = (struct found){ 0 };
	template_flag(&template, CKA_TOKEN, true);
	rv = objects_search(ctx, session, &template, &handles, &count);
	if (rv == CKR_OK && count) {
		found->ids = calloc(count, sizeof(*found->ids));
		rv = found->ids ? CKR_OK : CKR_HOST_MEMORY;
	}
	for (size_t i = 0; rv == CKR_OK && i < count; i++)
		rv = look_at(ctx, session, handles[i], found);
	free(handles);
	/* Without a login there is less to be seen */
	if (rv == CKR_OK && !token_is_there(ctx, session))
		rv = CKR_TOKEN_NOT_PRESENT;
	return rv;
}

static int compare_ids(const void *left, const void *right)
{
	return memcmp(left, right, PARSEC_BACKEND_ID_SIZE);
}

enum parsec_status key_list(struct parsec_provider_ctx *ctx,
			    enum parsec_status (*each)(void *arg,
						       const uint8_t id[PARSEC_BACKEND_ID_SIZE]),
			    void *arg)
{
	struct found found = { 0 };
	enum parsec_status status = failed(ctx, "listing the keys",
					   session_run(ctx, find_ours, &found));

	if (status == PARSEC_SUCCESS && found.count)
		qsort(found.ids, found.count, sizeof(*found.ids), compare_ids);
	for (size_t i = 0; status == PARSEC_SUCCESS && i < found.count; i++) {
		/* The two objects of a pair are one key */
		if (!i || compare_ids(found.ids[i - 1], found.ids[i]))
			status = each(arg, found.ids[i]);
	}
	free(found.ids);
	return status;
}
