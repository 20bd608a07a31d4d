// SPDX-License-Identifier: Apache-2.0
/*
 * What workers say about themselves when they register.
 */
#include "kselftest_harness.h"

#include <stdlib.h>
#include <unistd.h>

#include "helper/worker.h"
#include "selftests/unit/fake_kernel.h"
#include "selftests/unit/signer.h"

#define MAX_RESPONSE	(150 * 1024)

/* What a pool of one says about itself; the kernel's answer is there before the question */
static uint32_t registration(bool takeover)
{
	struct config config = { .takeover = takeover };
	struct host host = { .config = &config, .id = SIGNER_ID };
	struct worker worker = { .started = false };
	struct worker_pool pool = { .count = 1, .workers = &worker };
	int kernel = fake_kernel_adopt(&worker.nl, MAX_RESPONSE);
	struct host_message *message;

	fake_kernel_registered(kernel, worker.nl.seq + 1, MAX_RESPONSE);
	if (worker_pool_register(&pool, &host))
		abort();
	message = fake_kernel_read(kernel);
	netlink_close(&worker.nl);
	close(kernel);
	return message && message->cmd == PARSEC_CMD_REGISTER ? message->attrs : 0;
}

TEST(another_process_is_replaced_as_configured)
{
	EXPECT_EQ(1 << PARSEC_A_TAKEOVER, registration(true) & 1 << PARSEC_A_TAKEOVER);
	EXPECT_NE(0, registration(false));
	EXPECT_EQ(0, registration(false) & 1 << PARSEC_A_TAKEOVER);
}

TEST_HARNESS_MAIN
