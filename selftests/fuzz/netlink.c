// SPDX-License-Identifier: Apache-2.0
/*
 * Fuzz target: what the host makes of the kernel's messages. The first byte says what the
 * host does; then come messages, each after two bytes of its length, little-endian. A
 * message's own length field is put right unless the top bit of that length is set.
 */
#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#include "helper/log.h"
#include "selftests/fuzz/fuzz.h"
#include "selftests/unit/fake_kernel.h"

#define MESSAGES_MAX	16
#define AS_IT_IS	0x8000

enum doing {
	RECEIVE,
	ASK_SESSION,
	REPLY,
	DOING_COUNT,
};

static struct netlink nl;
static int kernel = -1;

static void send_messages(const uint8_t *data, size_t size)
{
	static uint8_t message[AS_IT_IS] __attribute__((aligned(8)));

	for (int i = 0; i < MESSAGES_MAX && size >= 2; i++) {
		size_t word = data[0] | (size_t)data[1] << 8;
		size_t len = word & (AS_IT_IS - 1);
		uint32_t whole;

		data += 2;
		size -= 2;
		if (len > size)
			len = size;
		whole = (uint32_t)len;
		memcpy(message, data, len);
		if (!(word & AS_IT_IS) && len >= sizeof(whole))
			memcpy(message, &whole, sizeof(whole));
		/* An empty one would say that the other side has closed */
		if (len)
			fake_kernel_raw(kernel, message, len);
		data += len;
		size -= len;
	}
}

/* Look at each byte that was handed out */
static void touch(const uint8_t *data, size_t len)
{
	volatile uint8_t sum = 0;

	while (len--)
		sum = (uint8_t)(sum + *data++);
}

static void ask_session(void)
{
	struct config config = { .user = NULL };
	struct netlink_limits limits;
	struct parsec_facts facts;

	if (netlink_session(&nl, 5, &facts, &limits))
		return;
	if (facts.cgroup_path)
		touch((const uint8_t *)facts.cgroup_path, strlen(facts.cgroup_path));
	identity_put(identity_from_facts(&facts, &config));
}

/* Serve everything that is there, until nothing is */
static void receive_all(void)
{
	struct netlink_request req;
	int rc;

	do {
		rc = netlink_receive(&nl, &req, false);
		if (!rc) {
			touch(req.body.data, req.body.len);
			netlink_request_end(&nl, &req, 0);
		}
		/* A host ends there; what comes after a farewell is looked at all the same */
		if (rc == -NETLINK_GONE)
			nl.gone = false;
	} while (rc != -EAGAIN);
	must(!nl.kept);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct netlink_request answered = { .id = 77 };
	uint8_t sent[256];

	if (!size)
		return 0;
	if (kernel < 0) {
		log_init("fuzz", PARSEC_LOG_ERROR, false);
		kernel = fake_kernel_adopt(&nl, 64 * 1024);
	}
	nl.seq = 0;
	send_messages(data + 1, size - 1);
	/* The answer that ends each wait, to the question that has number 1 */
	fake_kernel_ack(kernel, 1, -ENOENT);
	switch (*data % DOING_COUNT) {
	case ASK_SESSION:
		ask_session();
		break;
	case REPLY:
		netlink_reply(&nl, &answered, 0, 8, true);
		break;
	}
	receive_all();
	while (recv(kernel, sent, sizeof(sent), MSG_DONTWAIT) > 0)
		;
	return 0;
}
