// SPDX-License-Identifier: Apache-2.0
/*
 * parsecd, hosts that do as they are told, and the configuration: what a reload means for
 * whom, and UUIDs that clash.
 */
#include "kselftest_harness.h"

#include "selftests/unit/parsecd_fixture.h"

#define UUID_A		"4f0a1d5e-3a52-4c0b-9f0e-7f5b1f0c9a11"
#define UUID_B		"0b7b7a0e-26a4-4b0c-8d8e-5f1a3c2d4e5f"

/* Exit status of a parsecd that ends by itself */
static int end(fixture *self)
{
	return stop(self, 0);
}

TEST_F(parsecd, libraries_of_one_uuid_stop_the_start)
{
	configure(self, SOFTWARE TPM);
	put(self, "software.uuid", UUID_A);
	put(self, "tpm.uuid", UUID_A);
	run(self);
	EXPECT_EQ(1, end(self));
	EXPECT_EQ(1, logged(self, "/conf:6: [provider tpm] has the UUID of [provider software] "
				  "in line 3, " UUID_A ": give one of the two a uuid of its own"));
	EXPECT_EQ(0, events(self, "start"));
}

TEST_F(parsecd, a_uuid_that_is_another_librarys_stops_the_start)
{
	configure(self, SOFTWARE "uuid = " UUID_B "\n" TPM);
	put(self, "software.uuid", UUID_A);
	put(self, "tpm.uuid", UUID_B);
	run(self);
	EXPECT_EQ(1, end(self));
	EXPECT_EQ(1, logged(self, "[provider tpm] has the UUID of [provider software]"));
}

TEST_F(parsecd, a_uuid_in_the_section_keeps_libraries_of_one_uuid_apart)
{
	configure(self, SOFTWARE "uuid = " UUID_B "\n" TPM);
	put(self, "software.uuid", UUID_A);
	put(self, "tpm.uuid", UUID_A);
	run(self);
	EXPECT_TRUE(comes(self, "log", "3 of 3 hosts are running", 1));
}

TEST_F(parsecd, libraries_that_say_no_uuid_are_nobodys_clash)
{
	configure(self, SOFTWARE TPM "[provider a]\nlibrary = z\nid = 16\n");
	put(self, "software.uuid", "no uuid, though of thirty-six letters");
	put(self, "tpm.uuid", "no uuid, though of thirty-six letters");
	run(self);
	EXPECT_TRUE(comes(self, "log", "4 of 4 hosts are running", 1));
}

TEST_F(parsecd, a_library_that_never_says_its_uuid_is_not_waited_for_for_ever)
{
	configure(self, SOFTWARE TPM);
	put(self, "tpm.uuid", "hang");
	run(self);
	EXPECT_TRUE(comes(self, "log", "3 of 3 hosts are running", 1));
	EXPECT_EQ(1, logged(self, "host tpm does not say its UUID"));
}

TEST_F(parsecd, a_reload_that_makes_uuids_clash_changes_nothing)
{
	configure(self, SOFTWARE);
	put(self, "software.uuid", UUID_A);
	put(self, "tpm.uuid", UUID_A);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	configure(self, SOFTWARE "colour = blue\n" TPM);
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(comes(self, "log", "the configuration stays as it was", 1));
	EXPECT_EQ(1, logged(self, "[provider tpm] has the UUID of [provider software]"));
	usleep(SHOWS * 1000);
	EXPECT_EQ(0, events(self, "stop"));
	EXPECT_EQ(2, events(self, "start"));

	configure(self, SOFTWARE TPM "uuid = " UUID_B "\n");
	kill(self->pid, SIGHUP);
	EXPECT_TRUE(event_comes(self, "tpm ready", 1));
}

TEST_F(parsecd, reload_restarts_the_host_whose_section_changed)
{
	configure(self, SOFTWARE TPM);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	configure(self, "# moved down\n\n" SOFTWARE "colour = blue\n" TPM);
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "software ready", 2));
	usleep(SHOWS * 1000);
	EXPECT_EQ(1, events(self, "software stop"));
	EXPECT_EQ(1, events(self, "tpm start"));
	EXPECT_EQ(1, events(self, "core start"));
}

TEST_F(parsecd, reload_restarts_every_host_when_core_changed)
{
	configure(self, SOFTWARE TPM);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	configure(self, "workers = 1\n" SOFTWARE TPM);
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "core ready", 2));
	EXPECT_EQ(2, events(self, "software ready"));
	EXPECT_EQ(2, events(self, "tpm ready"));
	/* In the order of a stop, then in the order of a start */
	EXPECT_LE(time_of(self, "core stop", 0), time_of(self, "software stop", 0));
	EXPECT_LE(time_of(self, "software ready", 1), time_of(self, "core start", 1));
}

TEST_F(parsecd, reload_starts_and_stops_providers_and_tells_core)
{
	configure(self, SOFTWARE);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	configure(self, TPM);
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "core ready", 2));
	ASSERT_TRUE(event_comes(self, "software stop", 1));
	EXPECT_EQ(1, events(self, "tpm ready"));
	usleep(SHOWS * 1000);
	EXPECT_EQ(1, events(self, "software start"));
}

TEST_F(parsecd, a_bad_file_at_reload_changes_nothing)
{
	configure(self, SOFTWARE);
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	configure(self, "nonsense = 1\nworkers = x\n" SOFTWARE);
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(comes(self, "log", "the configuration stays as it was", 1));
	EXPECT_EQ(1, logged(self, "/conf:3: unknown key nonsense in [core]"));
	EXPECT_EQ(1, logged(self, "/conf:4: workers must be"));
	usleep(SHOWS * 1000);
	EXPECT_EQ(0, events(self, "stop"));
	EXPECT_EQ(2, events(self, "start"));
}

TEST_F(parsecd, reload_hands_new_rules_to_hosts_that_stay)
{
	configure(self, SOFTWARE TPM);
	run(self);
	ASSERT_TRUE(comes(self, "log", "3 of 3 hosts are running", 1));
	configure(self, "admins = 7\n[rule a]\nuser = root\nexe = /nonesuch\n" SOFTWARE TPM
			"[rule b]\n");
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "core rules 2", 1));
	ASSERT_TRUE(event_comes(self, "software rules 2", 1));
	ASSERT_TRUE(event_comes(self, "tpm rules 2", 1));
	EXPECT_TRUE(comes(self, "log", "3 of 3 hosts are running", 2));
	EXPECT_EQ(1, logged(self, "exe /nonesuch: No such file or directory"));
	EXPECT_EQ(0, events(self, "stop"));
	EXPECT_EQ(3, events(self, "start"));
}

TEST_F(parsecd, a_host_that_refuses_new_rules_is_started_again)
{
	configure(self, SOFTWARE);
	put(self, "software", "fixed");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	put(self, "software", "ready");
	configure(self, SOFTWARE "[rule a]\n");
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "software ready", 2));
	EXPECT_EQ(1, logged(self, "host software refuses new rules"));
	EXPECT_EQ(1, events(self, "software stop"));
	EXPECT_EQ(1, events(self, "core start"));
}

/* It says that the rules are in force while it stops: core waits for its successor */
TEST_F(parsecd, an_answer_of_a_host_that_stops_is_not_its_successors)
{
	configure(self, SOFTWARE);
	put(self, "software", "tardy");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1)) TH_LOG("%s", get(self, "log"));
	configure(self, SOFTWARE "[rule a]\n");
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "software rules 1", 1));
	put(self, "software", "ready");
	configure(self, "workers = 1\n" SOFTWARE "[rule a]\n");
	kill(self->pid, SIGHUP);
	ASSERT_TRUE(event_comes(self, "core ready", 2)) TH_LOG("%s", get(self, "log"));
	ASSERT_TRUE(event_comes(self, "software ready", 2));
	EXPECT_LE(time_of(self, "software ready", 1), time_of(self, "core start", 1));
}

TEST_F(parsecd, reload_gives_a_refused_host_another_chance)
{
	configure(self, SOFTWARE);
	put(self, "software", "refuse");
	run(self);
	ASSERT_TRUE(event_comes(self, "core ready", 1));
	put(self, "software", "ready");
	kill(self->pid, SIGHUP);
	EXPECT_TRUE(event_comes(self, "software ready", 1));
	EXPECT_EQ(1, events(self, "core start"));
}
