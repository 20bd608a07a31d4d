// SPDX-License-Identifier: Apache-2.0
/*
 * parsecd with hosts that do as they are told: order, restarts, what hosts are given,
 * what the service manager hears.
 */
#include "kselftest_harness.h"

#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>

#include "helper/supervisor.h"
#include "selftests/unit/parsecd_fixture.h"

static void listen_as_manager(fixture *self, const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const struct timeval patience = { PATIENCE / 1000, 0 };

	memcpy(address.sun_path, path, strlen(path));
	if (*path == '@')
		address.sun_path[0] = '\0';
	self->notify = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	setsockopt(self->notify, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
	if (bind(self->notify, (struct sockaddr *)&address,
		 (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(path))))
		perror("bind");
	setenv("NOTIFY_SOCKET", path, 1);
}

/* As many messages as fit: from now on, sending another one would block */
static void keep_manager_busy(fixture *self)
{
	struct sockaddr_un address;
	socklen_t len = sizeof(address);
	ssize_t sent;

	getsockname(self->notify, (struct sockaddr *)&address, &len);
	do {
		int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);

		sent = sendto(fd, "", 1, MSG_DONTWAIT, (struct sockaddr *)&address, len);
		close(fd);
	} while (sent == 1);
}

static const char *heard(fixture *self)
{
	ssize_t len = recv(self->notify, self->text, sizeof(self->text) - 1, 0);

	self->text[len < 0 ? 0 : len] = '\0';
	return self->text;
}

TEST_F(parsecd, core_starts_once_the_providers_are_ready)
{
	configure(self, SOFTWARE TPM);
	put(self, "software", "slow");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1)) TH_LOG("%s", get(self, "log"));
	EXPECT_LE(time_of(self, "software ready", 0), time_of(self, "core start", 0));
	EXPECT_LE(time_of(self, "tpm ready", 0), time_of(self, "core start", 0));
	EXPECT_LT(time_of(self, "tpm ready", 0), time_of(self, "software ready", 0));
}

TEST_F(parsecd, core_starts_when_a_provider_has_failed)
{
	configure(self, SOFTWARE TPM);
	put(self, "software", "die");
	put(self, "tpm", "refuse");
	run(self);
	EXPECT_TRUE(event_comes(self, "core ready", 1));
}

TEST_F(parsecd, core_stops_first)
{
	configure(self, SOFTWARE TPM);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	EXPECT_EQ(0, stop(self, SIGTERM));
	EXPECT_EQ(1, events(self, "core stop"));
	EXPECT_EQ(1, events(self, "software stop"));
	EXPECT_EQ(1, events(self, "tpm stop"));
	EXPECT_LE(time_of(self, "core stop", 0), time_of(self, "software stop", 0));
	EXPECT_LE(time_of(self, "core stop", 0), time_of(self, "tpm stop", 0));
}

TEST_F(parsecd, an_interrupt_stops_as_well)
{
	configure(self, SOFTWARE);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	EXPECT_EQ(0, stop(self, SIGINT));
	EXPECT_EQ(1, events(self, "core stop"));
}

TEST_F(parsecd, a_host_that_does_not_stop_is_killed_in_bounded_time)
{
	long long began, ended;

	configure(self, SOFTWARE);
	put(self, "software", "stubborn");
	put(self, "core", "stubborn");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	began = time(NULL);
	EXPECT_EQ(0, stop(self, SIGTERM));
	ended = time(NULL);
	EXPECT_LE(ended - began, 2 * SUPERVISOR_STOP_TIME / 1000 + 1);
	EXPECT_EQ(1, logged(self, "host core does not stop, it is killed"));
	EXPECT_EQ(1, logged(self, "host software does not stop, it is killed"));
}

TEST_F(parsecd, a_host_that_dies_is_started_again_after_growing_delays)
{
	long long before, after;

	configure(self, SOFTWARE);
	put(self, "software", "die");
	run(self);
	ASSERT_TRUE(event_comes(self, "software start", 5));
	before = time_of(self, "software start", 0);
	for (int i = 0; i < 4; i++, before = after) {
		after = time_of(self, "software start", i + 1);
		EXPECT_GE(after - before, SUPERVISOR_RETRY_MIN << i);
		EXPECT_LE(after - before, (SUPERVISOR_RETRY_MIN << i) + 2000);
	}
	EXPECT_EQ(1, logged(self, "host software ended with status 1, it starts again in 200 ms"));
}

TEST_F(parsecd, to_be_ready_for_a_moment_does_not_shorten_the_delays)
{
	configure(self, SOFTWARE);
	put(self, "software", "brief");
	run(self);
	EXPECT_TRUE(comes(self, "log", "software ended with status 1, it starts again in 400 ms", 1));
	EXPECT_EQ(1, logged(self, "software ended with status 1, it starts again in 100 ms"));
	EXPECT_EQ(1, logged(self, "software ended with status 1, it starts again in 200 ms"));
}

TEST_F(parsecd, a_host_that_is_killed_comes_back_and_the_others_stay)
{
	pid_t process;

	configure(self, SOFTWARE TPM);
	put(self, "software", "inspect");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	process = last_process(self, "software");
	ASSERT_LT(0, process);
	ASSERT_EQ(0, kill(process, SIGKILL));
	EXPECT_TRUE(event_comes(self, "software ready", 2));
	EXPECT_EQ(1, logged(self, "host software was killed by signal 9"));
	EXPECT_EQ(1, events(self, "tpm start"));
	EXPECT_EQ(1, events(self, "core start"));
}

TEST_F(parsecd, a_refused_host_stays_off_and_the_others_run)
{
	configure(self, SOFTWARE);
	put(self, "software", "refuse");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	usleep(SHOWS * 1000);
	EXPECT_EQ(1, events(self, "software start"));
	EXPECT_EQ(1, logged(self, "host software stays off"));
}

TEST_F(parsecd, it_ends_when_every_host_is_refused)
{
	int status;

	configure(self, SOFTWARE);
	put(self, "software", "refuse");
	put(self, "core", "refuse");
	run(self);
	ASSERT_EQ(self->pid, waitpid(self->pid, &status, 0));
	self->pid = 0;
	EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 1);
	EXPECT_EQ(1, logged(self, "no host can run"));
}

TEST_F(parsecd, without_the_module_it_says_so_once_and_waits)
{
	configure(self, SOFTWARE TPM);
	put(self, "software", "nomodule");
	put(self, "tpm", "nomodule");
	put(self, "core", "nomodule");
	run(self);
	ASSERT_TRUE(event_comes(self, "start", 5));
	EXPECT_EQ(1, count(get(self, "log"), "\n")) TH_LOG("%s", self->text);
	EXPECT_EQ(1, logged(self, "module parsec is not loaded: modprobe parsec"));
	EXPECT_EQ(0, events(self, "core start"));

	put(self, "software", "ready");
	put(self, "tpm", "ready");
	put(self, "core", "ready");
	EXPECT_TRUE(event_comes(self, "core ready", 1));
	EXPECT_EQ(1, events(self, "software ready"));
	EXPECT_EQ(1, events(self, "tpm ready"));
	EXPECT_EQ(1, logged(self, "module parsec is loaded now"));
	EXPECT_EQ(1, logged(self, "module parsec is not loaded"));
}

TEST_F(parsecd, a_host_gets_what_it_needs_and_nothing_else)
{
	const char *text;

	configure(self, SOFTWARE);
	put(self, "software", "inspect");
	run(self);
	ASSERT_TRUE(event_comes(self, "software ready", 1));
	text = get(self, "events");
	EXPECT_EQ(1, count(text, "software environment"));
	EXPECT_EQ(1, count(text, "software environment PATH=/usr/sbin:/usr/bin:/sbin:/bin "));
	EXPECT_EQ(5, count(text, "software descriptor")) TH_LOG("%s", text);
	for (char name[] = "software descriptor 0 "; name[20] < '5'; name[20]++)
		EXPECT_EQ(1, count(text, name));
	EXPECT_EQ(1, count(text, "software death signal 9 "));
	EXPECT_EQ(1, count(text, "software session own "));
	EXPECT_EQ(1, count(text, "software folder / "));
	EXPECT_EQ(1, count(text, "software SIGTERM open "));
	EXPECT_EQ(9, count(text, "software argument"));
	EXPECT_EQ(1, count(text, "software argument software "));
}

TEST_F(parsecd, a_host_does_not_see_the_options_of_another)
{
	const char *text;

	configure(self, SOFTWARE "user_pin = 1\n" TPM "owner_auth = 2\nlast = 1");
	put(self, "software", "inspect");
	put(self, "tpm", "inspect");
	put(self, "core", "inspect");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	text = get(self, "events");
	EXPECT_EQ(1, count(text, "software option"));
	EXPECT_EQ(1, count(text, "software option software.user_pin in line 6 "));
	EXPECT_EQ(2, count(text, "tpm option"));
	EXPECT_EQ(1, count(text, "tpm option tpm.owner_auth in line 10 "));
	EXPECT_EQ(0, count(text, "core option"));
}

TEST_F(parsecd, hosts_die_with_it)
{
	pid_t host;

	configure(self, SOFTWARE);
	put(self, "software", "inspect");
	run(self);
	ASSERT_TRUE(event_comes(self, "software process", 1));
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	host = last_process(self, "software");
	ASSERT_LT(0, host);
	ASSERT_EQ(0, kill(host, 0));
	stop(self, SIGKILL);
	for (int i = 0; i < 100; i++) {
		char path[32];
		FILE *file;
		char state = 'X';

		snprintf(path, sizeof(path), "/proc/%d/stat", host);
		file = fopen(path, "r");
		if (!file || fscanf(file, "%*d %*s %c", &state) != 1 || state == 'Z') {
			if (file)
				fclose(file);
			return;
		}
		fclose(file);
		usleep(20000);
	}
	EXPECT_TRUE(false) TH_LOG("host %d lives on", host);
}

TEST_F(parsecd, the_service_manager_is_kept_informed)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/notify", self->dir);
	listen_as_manager(self, path);
	configure(self, SOFTWARE);
	put(self, "software", "slow");
	run(self);
	EXPECT_STREQ("READY=1\nSTATUS=2 of 2 hosts are running", heard(self));
	kill(self->pid, SIGHUP);
	EXPECT_EQ(0, strncmp("RELOADING=1\nMONOTONIC_USEC=", heard(self), 27));
	EXPECT_STREQ("READY=1\nSTATUS=2 of 2 hosts are running", heard(self));
	kill(self->pid, SIGTERM);
	EXPECT_STREQ("STOPPING=1", heard(self));
	EXPECT_EQ(0, stop(self, 0));
}

TEST_F(parsecd, a_service_manager_that_does_not_listen_stops_nothing)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/notify", self->dir);
	listen_as_manager(self, path);
	keep_manager_busy(self);
	configure(self, SOFTWARE);
	run(self);
	EXPECT_TRUE(comes(self, "log", "2 of 2 hosts are running", 1));
	kill(self->pid, SIGHUP);
	EXPECT_TRUE(comes(self, "log", "2 of 2 hosts are running", 2));
	EXPECT_EQ(0, stop(self, SIGTERM));
	EXPECT_LE(1, logged(self, "the service manager cannot be told"));
}

TEST_F(parsecd, an_abstract_notify_socket_works)
{
	char path[64];

	snprintf(path, sizeof(path), "@%s/notify", self->dir);
	listen_as_manager(self, path);
	configure(self, SOFTWARE);
	put(self, "core", "nomodule");
	put(self, "software", "nomodule");
	run(self);
	EXPECT_STREQ("READY=1\nSTATUS=Module parsec is not loaded", heard(self));
}
