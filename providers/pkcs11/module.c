// SPDX-License-Identifier: Apache-2.0
/*
 * The PKCS #11 library of the token's maker. It is in this process only, which is why the
 * provider has one of its own.
 */
#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "providers/pkcs11/pkcs11.h"

/* A list with holes would be called into nowhere */
static bool is_whole(const CK_FUNCTION_LIST *list)
{
	size_t first = offsetof(CK_FUNCTION_LIST, C_Initialize);
	size_t last = offsetof(CK_FUNCTION_LIST, C_GenerateRandom);
	void (*function)(void);

	for (size_t at = first; at <= last; at += sizeof(function)) {
		memcpy(&function, (const uint8_t *)list + at, sizeof(function));
		if (!function)
			return false;
	}
	return true;
}

/**
 * module_load() - load the library and find its functions
 *
 * Return: PARSEC_SUCCESS; PARSEC_PSA_ERROR_INVALID_ARGUMENT when it is none, with a line in
 * the log.
 */
enum parsec_status module_load(struct parsec_provider_ctx *ctx)
{
	const char *path = ctx->settings.module;
	struct module *module = &ctx->module;
	CK_C_GetFunctionList get_list;

	module->handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
	if (!module->handle) {
		/* dlerror() names the file */
		ctx->host->log(PARSEC_LOG_ERROR, "the PKCS #11 library cannot be loaded: %s; check "
			       "\"module\", and that \"paths\" has its folder", dlerror());
		return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
	}
	/* POSIX's way from an object pointer to a function */
	*(void **)&get_list = dlsym(module->handle, "C_GetFunctionList");
	if (get_list && get_list(&module->call) == CKR_OK && module->call &&
	    module->call->version.major >= 2 && is_whole(module->call))
		return PARSEC_SUCCESS;
	ctx->host->log(PARSEC_LOG_ERROR, "%s is not a PKCS #11 library of version 2 or 3; check "
		       "\"module\"", path);
	module_unload(ctx);
	return PARSEC_PSA_ERROR_INVALID_ARGUMENT;
}

/* C_Initialize(): a library that cannot lock is called by one thread at a time */
CK_RV module_start(struct parsec_provider_ctx *ctx)
{
	CK_C_INITIALIZE_ARGS args = { .flags = CKF_OS_LOCKING_OK };
	CK_RV rv = cryptoki(ctx)->C_Initialize(&args);

	ctx->module.threads = rv == CKR_OK || rv == CKR_CRYPTOKI_ALREADY_INITIALIZED;
	if (rv == CKR_CANT_LOCK || rv == CKR_ARGUMENTS_BAD)
		rv = cryptoki(ctx)->C_Initialize(NULL);
	return rv == CKR_CRYPTOKI_ALREADY_INITIALIZED ? CKR_OK : rv;
}

void module_unload(struct parsec_provider_ctx *ctx)
{
	if (ctx->module.handle)
		dlclose(ctx->module.handle);
	ctx->module.handle = NULL;
	ctx->module.call = NULL;
}
