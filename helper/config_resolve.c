// SPDX-License-Identifier: Apache-2.0
/*
 * From names in rules to what the kernel tells of a process: users to ids, executables
 * to files. parsecd does it once, where it sees the machine; hosts get the result.
 */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/device.h"
#include "helper/config.h"

/* A host takes no more of them either */
#define TOO_MANY	"too many for one rule, with the numbers that it has: make two of it"

/* Return: NULL, or why it cannot be added */
static const char *add_uid(struct config_ranges *ranges, uint32_t uid)
{
	struct config_range *items;

	for (size_t i = 0; i < ranges->count; i++)
		if (uid >= ranges->items[i].first && uid <= ranges->items[i].last)
			return NULL;
	if (ranges->count == CONFIG_RANGES_MAX)
		return TOO_MANY;
	items = reallocarray(ranges->items, ranges->count + 1, sizeof(*items));
	if (!items)
		return strerror(ENOMEM);
	ranges->items = items;
	items[ranges->count++] = (struct config_range){ uid, uid };
	return NULL;
}

static const char *resolve_user(struct rule *rule, const char *name)
{
	const struct passwd *user;

	errno = 0;
	user = getpwnam(name);
	if (!user)
		return errno ? strerror(errno) : "there is no such user";
	return add_uid(&rule->uid, user->pw_uid);
}

static bool find_inode(const char *path, struct config_inode *inode)
{
	struct statx st;

	if (statx(AT_FDCWD, path, 0, STATX_TYPE | STATX_INO, &st))
		return false;
	if (!S_ISREG(st.stx_mode)) {
		errno = EISDIR;
		return false;
	}
	inode->dev = device_pack(st.stx_dev_major, st.stx_dev_minor);
	inode->ino = st.stx_ino;
	return true;
}

/* Return: as add_uid() */
static const char *add_inode(struct config_inodes *inodes, const struct config_inode *inode)
{
	struct config_inode *items;

	for (size_t i = 0; i < inodes->count; i++)
		if (inodes->items[i].dev == inode->dev && inodes->items[i].ino == inode->ino)
			return NULL;
	if (inodes->count == CONFIG_RANGES_MAX)
		return TOO_MANY;
	items = reallocarray(inodes->items, inodes->count + 1, sizeof(*items));
	if (!items)
		return strerror(ENOMEM);
	inodes->items = items;
	items[inodes->count++] = *inode;
	return NULL;
}

/*
 * What to do about an executable that cannot be looked up. Not even root sees all of them:
 * in service parsecd has no capability that gets it into folders that are closed to it.
 */
static const char *exe_remedy(int error)
{
	return error == EACCES ? "parsecd may not look there without CAP_DAC_OVERRIDE: open the "
				 "folders on the way to it, or give exe_id"
			       : "nobody runs it until the file is read again";
}

static bool resolve_rule(struct rule *rule, const char *name, FILE *errors, FILE *notes)
{
	struct config_inode inode;
	const char *reason;

	for (size_t i = 0; i < rule->user.count; i++) {
		reason = resolve_user(rule, rule->user.items[i]);
		if (!reason)
			continue;
		fprintf(errors, "%s:%u: [rule %s] user %s: %s\n", name, rule->line, rule->name,
			rule->user.items[i], reason);
		return false;
	}
	for (size_t i = 0; i < rule->exe.count; i++) {
		if (!find_inode(rule->exe.items[i], &inode)) {
			fprintf(notes, "%s:%u: [rule %s] exe %s: %s: %s\n", name, rule->line,
				rule->name, rule->exe.items[i], strerror(errno),
				exe_remedy(errno));
			continue;
		}
		reason = add_inode(&rule->exe_id, &inode);
		if (!reason)
			continue;
		fprintf(errors, "%s:%u: [rule %s] exe %s: %s\n", name, rule->line, rule->name,
			rule->exe.items[i], reason);
		return false;
	}
	return true;
}

bool config_resolve(struct config *config, const char *name, FILE *errors, FILE *notes)
{
	for (size_t i = 0; i < config->rule_count; i++)
		if (!resolve_rule(&config->rules[i], name, errors, notes))
			return false;
	return true;
}
