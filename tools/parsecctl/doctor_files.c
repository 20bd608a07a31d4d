// SPDX-License-Identifier: Apache-2.0
/*
 * The files of an installation: configuration, state, audit logs.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "audit_check.h"
#include "doctor.h"

#define CONFIGURATION	"/etc/parsec/parsecd.conf"
#define STATE_DIR	"/var/lib/parsec"
#define SANDBOX		"required"
#define USER		"parsec"

/* Is an option of this name for somebody's secret? As parsecd masks them */
static bool is_for_secret(const char *key)
{
	static const char *const endings[] = { "pin", "auth", "password", "secret" };

	for (size_t i = 0; i < sizeof(endings) / sizeof(endings[0]); i++) {
		size_t len = strlen(key), end = strlen(endings[i]);

		if (len >= end && !strcmp(key + len - end, endings[i]))
			return true;
	}
	return false;
}

/* Would it tell a secret? An empty one is none, and a file has rights of its own */
static bool is_secret(const char *key, const char *value)
{
	if (!is_for_secret(key) || !strncmp(value, "file:", 5))
		return false;
	return *value && strcmp(value, "str:") && strcmp(value, "hex:");
}

static char *trim(char *text)
{
	char *end;

	while (isspace((unsigned char)*text))
		text++;
	end = text + strlen(text);
	while (end > text && isspace((unsigned char)end[-1]))
		end--;
	*end = '\0';
	return text;
}

/* A section begins. Return: the host that it is about, NULL: none */
static struct doctor_host *begin_section(struct doctor *doctor, const char *title)
{
	struct doctor_host *host = &doctor->hosts[doctor->host_count];
	char name[sizeof(host->name)];

	if (!strcmp(title, "[core]"))
		return doctor->hosts;
	if (sscanf(title, "[provider %63[^]]", name) != 1 ||
	    doctor->host_count == DOCTOR_HOSTS_MAX)
		return NULL;
	strcpy(host->name, trim(name));
	doctor->host_count++;
	return host;
}

static void take_value(struct doctor *doctor, struct doctor_host *host, const char *key,
		       const char *value)
{
	bool core = host == doctor->hosts;

	if (!strcmp(key, "user"))
		snprintf(host->user, sizeof(host->user), "%s", value);
	else if (!core && !strcmp(key, "id"))
		host->id = (uint8_t)strtoul(value, NULL, 10);
	else if (!core && !strcmp(key, "skip_if_no_tpm"))
		host->may_be_absent = !strcmp(value, "true");
	else if (core && !strcmp(key, "sandbox"))
		snprintf(doctor->sandbox, sizeof(doctor->sandbox), "%s", value);
	else if (core && !strcmp(key, "state_dir"))
		snprintf(doctor->state_dir, sizeof(doctor->state_dir), "%s", value);
}

/* Take what doctor needs of a file that parsecd has found to be in order */
static void read_configuration(struct doctor *doctor, FILE *file, bool *secret)
{
	struct doctor_host *host = NULL;
	char *line = NULL, *key, *value;
	size_t size = 0;

	doctor->hosts[0] = (struct doctor_host){ .name = "core", .user = USER };
	doctor->host_count = 1;
	while (getline(&line, &size, file) >= 0) {
		key = trim(line);
		if (*key == '[')
			host = begin_section(doctor, key);
		value = strchr(key, '=');
		if (*key == '#' || *key == ';' || *key == '[' || !value || !host)
			continue;
		*value++ = '\0';
		key = trim(key);
		value = trim(value);
		take_value(doctor, host, key, value);
		if (host != doctor->hosts && is_secret(key, value))
			*secret = true;
	}
	if (line)
		explicit_bzero(line, size);
	free(line);
}

/* Have parsecd check the file. Return: its exit status, -1 when it cannot be run */
static int run_check(const char *path)
{
	int status;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	if (!pid) {
		execl(PARSECD, "parsecd", "--check-config", "--config", path, NULL);
		_exit(127);
	}
	if (pid < 0 || waitpid(pid, &status, 0) < 0 || !WIFEXITED(status) ||
	    WEXITSTATUS(status) == 127)
		return -1;
	return WEXITSTATUS(status);
}

void doctor_configuration(struct doctor *doctor)
{
	const char *path = doctor->ctl->args.config ?: CONFIGURATION;
	static const char what[] = "configuration";
	bool secret = false;
	struct stat st;
	FILE *file;
	int status;

	strcpy(doctor->state_dir, STATE_DIR);
	strcpy(doctor->sandbox, SANDBOX);
	if (stat(path, &st)) {
		doctor_say(doctor, errno == EACCES ? FOUND_UNKNOWN : FOUND_PROBLEM, what,
			   "install one, see parsecd.conf(5)", "%s: %s", path,
			   strerror(errno));
		return;
	}
	file = fopen(path, "re");
	if (!file) {
		doctor_say(doctor, FOUND_UNKNOWN, what, NULL, "%s: %s", path, strerror(errno));
		return;
	}
	setvbuf(file, NULL, _IONBF, 0);
	read_configuration(doctor, file, &secret);
	fclose(file);
	if (st.st_uid || st.st_mode & (S_IWGRP | S_IWOTH)) {
		doctor_say(doctor, FOUND_PROBLEM, what, "chown it to root and chmod go-w it",
			   "%s can be written by others than root", path);
		return;
	}
	if (secret && st.st_mode & (S_IRGRP | S_IROTH)) {
		doctor_say(doctor, FOUND_PROBLEM, what, "chmod 600 it",
			   "%s has secrets in it and can be read by others", path);
		return;
	}
	status = run_check(path);
	if (status < 0)
		doctor_say(doctor, FOUND_UNKNOWN, what, NULL, "%s cannot be run", PARSECD);
	else if (status)
		doctor_say(doctor, FOUND_PROBLEM, what, "correct what parsecd says about it",
			   "%s has mistakes", path);
	else
		doctor_say(doctor, FOUND_OK, what, NULL, "%s is in order", path);
}

static int is_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* A file that others must not read, whoever made it; a provider may have more */
static int is_secret_file(const struct dirent *entry)
{
	return !strncmp(entry->d_name, "keys.sqlite", 11) ||
	       !strncmp(entry->d_name, "master.key", 10) || !strncmp(entry->d_name, "audit", 5);
}

/* Is a directory of a provider, or a file in it, the service's alone? */
static bool is_private(struct doctor *doctor, const char *path, const struct stat *dir)
{
	struct stat st;

	if (lstat(path, &st)) {
		/* It may have gone meanwhile */
		return true;
	}
	if (st.st_uid && st.st_uid == dir->st_uid && !(st.st_mode & 077))
		return true;
	doctor_say(doctor, FOUND_PROBLEM, "state",
		   "give it back to the service's user and chmod go= it",
		   "%s: user %u, mode %03o, which lets others at it", path, st.st_uid,
		   st.st_mode & 0777);
	return false;
}

/* Everything in a provider's directory. Return: false after saying what is wrong */
static bool check_directory(struct doctor *doctor, const char *path)
{
	struct dirent **entries;
	struct stat dir;
	bool good;
	int count;

	if (lstat(path, &dir) || !S_ISDIR(dir.st_mode))
		return true;
	good = is_private(doctor, path, &dir);
	count = scandir(path, &entries, is_secret_file, alphasort);
	for (int i = 0; i < count; i++) {
		char *file;

		if (asprintf(&file, "%s/%s", path, entries[i]->d_name) >= 0) {
			good = good && is_private(doctor, file, &dir);
			free(file);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return good;
}

/* For each directory in state_dir. Return: how many there are, -1 with errno */
static int each_directory(struct doctor *doctor,
			  bool (*check)(struct doctor *doctor, const char *path), bool *good)
{
	struct dirent **entries;
	int count = scandir(doctor->state_dir, &entries, is_visible, alphasort);

	*good = true;
	for (int i = 0; i < count; i++) {
		char *path;

		if (asprintf(&path, "%s/%s", doctor->state_dir, entries[i]->d_name) >= 0) {
			if (!check(doctor, path))
				*good = false;
			free(path);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
	return count;
}

void doctor_state(struct doctor *doctor)
{
	struct stat st;
	bool good;

	if (geteuid()) {
		doctor_say(doctor, FOUND_UNKNOWN, "state", NULL, "only root can look at it");
		return;
	}
	if (stat(doctor->state_dir, &st)) {
		doctor_say(doctor, FOUND_PROBLEM, "state", "start the service, which makes it",
			   "%s: %s", doctor->state_dir, strerror(errno));
		return;
	}
	if (st.st_mode & (S_IWGRP | S_IWOTH)) {
		doctor_say(doctor, FOUND_PROBLEM, "state", "chmod go-w it",
			   "%s can be written by others", doctor->state_dir);
		return;
	}
	each_directory(doctor, check_directory, &good);
	if (good)
		doctor_say(doctor, FOUND_OK, "state", NULL, "%s is the service's alone",
			   doctor->state_dir);
}

static bool check_audit(struct doctor *doctor, const char *path)
{
	struct audit_check check;

	if (!audit_is_there(path))
		return true;
	audit_check(path, &check);
	if (!check.broken && !check.error)
		return true;
	doctor_say(doctor, FOUND_PROBLEM, "audit log",
		   "find out who did it, see \"parsecctl audit verify\"", "%s%s%s: %s", path,
		   *check.file ? "/" : "", check.file,
		   check.error ? strerror(check.error) : check.what);
	return false;
}

void doctor_audit(struct doctor *doctor)
{
	bool good;

	if (geteuid())
		doctor_say(doctor, FOUND_UNKNOWN, "audit log", NULL, "only root can look at it");
	else if (each_directory(doctor, check_audit, &good) >= 0 && good)
		doctor_say(doctor, FOUND_OK, "audit log", NULL, "in order");
}
