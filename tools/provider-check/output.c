// SPDX-License-Identifier: Apache-2.0
/*
 * Outputs without room, and random numbers.
 */
#include <string.h>

#include "tools/provider-check/check.h"

/* With too little room: the status for it, and no byte beyond the room */
bool check_bounds(struct check *check, struct subject *subject, enum primitive primitive,
		  const struct input *input, size_t len)
{
	size_t sizes[] = { 0, 1, len / 2, len - 1 }, got;
	uint8_t out[ROOM];
	bool good = true;

	for (size_t i = 0; i < ELEMENTS(sizes) && len; i++) {
		enum parsec_status status;

		if (sizes[i] >= len)
			continue;
		status = run(check, subject, primitive, input, out, sizes[i], &got);
		if (status != PARSEC_PSA_ERROR_BUFFER_TOO_SMALL) {
			because("%s: %zu bytes into %zu: status %d%s",
				name_of_primitive(primitive), len, sizes[i], status,
				status == PARSEC_PSA_ERROR_CORRUPTION_DETECTED ?
					", written beyond the room" : "");
			good = false;
		}
	}
	return good;
}

void check_random(struct check *check)
{
	static const size_t sizes[] = { 1, 31, 32, 33, 64, 1000, ROOM };
	static uint8_t room[ROOM + 64], again[ROOM];
	bool full = true;

	if (!check->ops->random)
		return;
	for (size_t i = 0; i < ELEMENTS(sizes); i++) {
		struct parsec_out out = { room, sizes[i], 0 };
		size_t zeros = 0;

		memset(room, 0, sizeof(room));
		plugin_enter(&check->plugin, NULL);
		full &= check->ops->random(check->plugin.ctx, &out) == PARSEC_SUCCESS &&
			out.len == sizes[i];
		plugin_leave(&check->plugin, NULL);
		for (size_t j = 0; j < sizeof(room); j++)
			zeros += !room[j] && j < sizes[i];
		/* Of 16384 random bytes 64 are zero, of 31 hardly ever eight */
		full &= zeros < 8 + sizes[i] / 32;
		for (size_t j = sizes[i]; j < sizeof(room); j++)
			full &= !room[j];
	}
	fact(full, "random fills all of the output and nothing else");
	memcpy(again, room, ROOM);
	plugin_enter(&check->plugin, NULL);
	full = check->ops->random(check->plugin.ctx, &(struct parsec_out){ room, ROOM, 0 }) ==
	       PARSEC_SUCCESS;
	plugin_leave(&check->plugin, NULL);
	fact(full && memcmp(room, again, ROOM), "random differs from call to call");
}
