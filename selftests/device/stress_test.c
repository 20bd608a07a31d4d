// SPDX-License-Identifier: Apache-2.0
/*
 * Everything at once: 32 threads ask, processes are killed, hosts die and come back.
 * Whatever an ioctl says, it must be true, and in the end nothing may be left.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include "device.h"
#include "fakehost.h"
#include "kselftest_harness.h"

#define SECONDS		5
#define PROCESSES	8
#define THREADS		4
#define BODY		70000

/** struct tally - what happened, in memory that all share */
struct tally {
	unsigned int answered;
	unsigned int host_died;		/* EIO */
	unsigned int nobody_there;	/* ENOTCONN */
	unsigned int late;		/* ETIMEDOUT */
	unsigned int wrong;		/* an answer that is not the right one */
	unsigned int unexpected;	/* any other errno */
	int last_errno;
};

static struct tally *tally;

static void count(unsigned int *counter)
{
	__atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
}

static void judge(int ret, const struct parsec_op *op, const uint8_t *out, uint32_t seed)
{
	switch (ret) {
	case 0:
		count(&tally->answered);
		if (op->status || op->out_len != op->in_len ||
		    !pattern_matches(out, op->out_len, seed))
			count(&tally->wrong);
		break;
	case -EIO:
		count(&tally->host_died);
		break;
	case -ENOTCONN:
		count(&tally->nobody_there);
		break;
	case -ETIMEDOUT:
		count(&tally->late);
		break;
	default:
		tally->last_errno = -ret;
		count(&tally->unexpected);
	}
}

static void *hammer(void *arg)
{
	unsigned int seed = (unsigned int)(uintptr_t)arg;
	uint8_t *in = malloc(BODY), *out = malloc(BODY);
	int fd = device_open();

	for (;;) {
		uint32_t mark = (uint32_t)rand_r(&seed);
		struct parsec_op op = {
			.provider = mark & 1,
			.timeout_ms = mark % 50 == 0 ? 1 + mark % 7 : 0,
			.in = (uintptr_t)in,
			.in_len = mark % 20 == 0 ? mark % BODY : mark % 200,
			.out = (uintptr_t)out,
			.out_len = BODY,
		};
		unsigned int opcode = mark % 100 == 7 ? OP_LOST : OP_ECHO;

		if (opcode == OP_LOST)
			op.timeout_ms = 1 + mark % 97;
		pattern_fill(in, op.in_len, mark);
		judge(device_op(fd, opcode, &op), &op, out, mark);
	}
	return NULL;
}

static pid_t start_process(unsigned int seed)
{
	pthread_t thread;
	pid_t pid = fork();

	if (pid)
		return pid;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close_range(STDERR_FILENO + 1, ~0U, 0);
	for (unsigned int i = 0; i < THREADS; i++)
		pthread_create(&thread, NULL, hammer, (void *)(uintptr_t)(seed * 16 + i + 1));
	pause();
	_exit(0);
}

/* What one of them does may run twice, what the other does may not */
static pid_t start_host(uint8_t provider)
{
	return host_start(provider, 32, provider ? replay_all : NULL);
}

static void end_process(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

TEST(everything_at_once)
{
	unsigned int seed = 1;
	pid_t process[PROCESSES], host[2];
	int64_t until, killed;
	int fd;

	tally = mmap(NULL, sizeof(*tally), PROT_READ | PROT_WRITE,
		     MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ASSERT_EQ(0, module_reload("grace_ms=300"));
	for (uint8_t i = 0; i < 2; i++)
		host[i] = start_host(i);
	for (unsigned int i = 0; i < PROCESSES; i++)
		process[i] = start_process(seed++);

	until = clock_ms() + SECONDS * 1000;
	while (clock_ms() < until) {
		unsigned int victim = (unsigned int)rand_r(&seed);

		sleep_ms(20 + victim % 60);
		end_process(process[victim % PROCESSES]);
		process[victim % PROCESSES] = start_process(seed++);
		if (victim % 3)
			continue;
		/* Sometimes it is back before anyone gives up, sometimes not */
		end_process(host[victim % 2]);
		sleep_ms(victim % 5 == 0 ? 350 : 5);
		host[victim % 2] = start_host((uint8_t)(victim % 2));
		ASSERT_LT(0, host[victim % 2]);
	}

	/* Nobody can hang on */
	killed = clock_ms();
	for (unsigned int i = 0; i < PROCESSES; i++)
		end_process(process[i]);
	EXPECT_GT(slow_ms(2000), clock_ms() - killed);

	/* Lost requests of the past have cost credits; the hosts of now have theirs */
	for (uint8_t i = 0; i < 2; i++) {
		end_process(host[i]);
		host[i] = start_host(i);
		ASSERT_LT(0, host[i]);
	}
	fd = device_open();
	EXPECT_EQ(0, device_ping(fd));
	close(fd);
	end_process(host[0]);
	end_process(host[1]);
	EXPECT_EQ(0, module_reload(""));

	TH_LOG("%u answered, %u EIO, %u ENOTCONN, %u ETIMEDOUT", tally->answered,
	       tally->host_died, tally->nobody_there, tally->late);
	EXPECT_LT(100, tally->answered);
	EXPECT_LT(0, tally->late);
	EXPECT_EQ(0, tally->wrong);
	EXPECT_EQ(0, tally->unexpected) TH_LOG("the last of them: %s",
					       strerror(tally->last_errno));
}

TEST_HARNESS_MAIN
