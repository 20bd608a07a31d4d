// SPDX-License-Identifier: Apache-2.0
/*
 * What the service's counters tell about an installation: who is at its limits, and whether
 * a host answers what it was not asked.
 */
#include "doctor.h"

static bool is_at(uint32_t now, uint32_t max)
{
	return max && now >= max;
}

static void say_limited(struct doctor *doctor, const struct parsec_stats_account *account)
{
	const char *path = account->cgroup_path;

	doctor_say(doctor, FOUND_PROBLEM, "limits",
		   "see who that is with \"parsecctl stats\", and rules in parsecd.conf(5)",
		   "user %u%s%s: %llu refused; %u of at most %u files open, %u of %u requests waiting",
		   account->uid, path ? " in " : "", path ?: "",
		   (unsigned long long)account->refused, account->sessions, account->max_open,
		   account->waiting, account->max_waiting);
}

static void check_limits(struct doctor *doctor, const struct parsec_stats *stats)
{
	unsigned long long refused = 0;
	bool good = true;

	for (size_t i = 0; i < stats->account_count; i++) {
		const struct parsec_stats_account *account = &stats->accounts[i];

		if (!account->refused && !is_at(account->sessions, account->max_open) &&
		    !is_at(account->waiting, account->max_waiting))
			continue;
		say_limited(doctor, account);
		good = false;
	}
	if (stats->device)
		refused = stats->device->edquot + stats->device->open_refused;
	if (good && refused)
		doctor_say(doctor, FOUND_OK, "limits", NULL,
			   "nobody is at them now; %llu were refused since the module was loaded",
			   refused);
	else if (good)
		doctor_say(doctor, FOUND_OK, "limits", NULL, "%s",
			   stats->device ? "nobody is at them" : "you are not at them");
}

static void check_replies(struct doctor *doctor, const struct parsec_stats_device *device)
{
	if (!device)
		doctor_say(doctor, FOUND_UNKNOWN, "replies", NULL,
			   "only an administrator of the service is told");
	else if (device->reply_forged)
		doctor_say(doctor, FOUND_PROBLEM, "replies",
			   "a provider lies: find out which, and who made it",
			   "%llu to requests that the host did not have",
			   (unsigned long long)device->reply_forged);
	else
		doctor_say(doctor, FOUND_OK, "replies", NULL, "none is forged");
}

void doctor_counts(struct doctor *doctor)
{
	const struct parsec_stats *stats;
	int error = parsec_get_stats(doctor->ctl->parsec, &stats);

	/* Why, others have found out: a service is older, a provider does not answer */
	if (error) {
		doctor_say(doctor, FOUND_UNKNOWN, "limits", NULL, "what was counted is not told: %s",
			   parsec_strerror(error));
		return;
	}
	check_limits(doctor, stats);
	check_replies(doctor, stats->device);
	parsec_free_stats(stats);
}
