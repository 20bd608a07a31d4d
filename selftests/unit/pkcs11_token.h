/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the tests of the PKCS #11 provider that each begin with a new token, and have one key in
 * hand. To be included after the harness.
 */
#ifndef UNIT_PKCS11_TOKEN_H
#define UNIT_PKCS11_TOKEN_H

#include "selftests/unit/pkcs11_fixture.h"

FIXTURE(pkcs11_token)
{
	struct parsec_provider_ctx *ctx;
	struct item item;
};

FIXTURE_SETUP(pkcs11_token)
{
	ASSERT_TRUE(hsm_make());
}

FIXTURE_TEARDOWN(pkcs11_token)
{
	setenv("TRAP", "", 1);
	if (self->ctx) {
		if (self->item.key)
			ops->unload(self->ctx, self->item.key);
		ops->close(self->ctx);
	}
	hsm_remove();
}

#endif /* UNIT_PKCS11_TOKEN_H */
