// SPDX-License-Identifier: Apache-2.0
/*
 * Contexts: opening the device, and which provider it is used for.
 */
#include "tools/lib/internal.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/parsec.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

int parsec_open(struct parsec **ctx)
{
	return parsec_open_device(PARSEC_DEVICE, ctx);
}

int parsec_open_device(const char *path, struct parsec **ctx)
{
	struct parsec *opened = calloc(1, sizeof(*opened));
	struct parsec_info info;
	int error;

	if (!opened)
		return -ENOMEM;
	opened->fd = open(path, O_RDWR | O_CLOEXEC);
	if (opened->fd < 0) {
		error = -errno;
		free(opened);
		return error;
	}
	/* Who just opened it has a right to ask: it is a sandbox that does not like to be asked */
	if (ioctl(opened->fd, PARSEC_IOC_INFO, &info) && errno != EPERM && errno != EACCES) {
		error = -errno;
		parsec_close(opened);
		return error;
	}
	*ctx = opened;
	return 0;
}

void parsec_close(struct parsec *ctx)
{
	if (!ctx)
		return;
	close(ctx->fd);
	free(ctx);
}

void parsec_set_timeout(struct parsec *ctx, unsigned int ms)
{
	atomic_store(&ctx->timeout_ms, ms);
}

void parsec_use_provider(struct parsec *ctx, uint8_t id)
{
	atomic_store(&ctx->chosen, id);
}

int parsec_current_provider(struct parsec *ctx, uint8_t *id)
{
	const struct contract_request req = { 0 };
	struct contract_result result;
	int status;

	*id = atomic_load_explicit(&ctx->chosen, memory_order_relaxed);
	if (!*id)
		*id = atomic_load_explicit(&ctx->preferred, memory_order_relaxed);
	if (*id)
		return 0;
	status = parsec_ask(ctx, PARSEC_PROVIDER_CORE, PARSEC_OP_LIST_PROVIDERS, &req, 0,
			    &result);
	if (status)
		return status;
	if (result.count && result.providers[0].id <= PARSEC_PROVIDER_MAX)
		*id = (uint8_t)result.providers[0].id;
	contract_result_free(&result);
	if (!*id)
		return PARSEC_PROVIDER_NOT_REGISTERED;
	atomic_store(&ctx->preferred, *id);
	return 0;
}

int parsec_device_info(struct parsec *ctx, struct parsec_device_info *info)
{
	struct parsec_info from;

	if (ioctl(ctx->fd, PARSEC_IOC_INFO, &from))
		return -errno;
	*info = (struct parsec_device_info) {
		.abi = from.abi,
		.helper = from.flags & PARSEC_INFO_HELPER,
		.max_request = from.max_request,
		.max_response = from.max_response,
		.session = from.session,
	};
	return 0;
}
