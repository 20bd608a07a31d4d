// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who opened a file of the device, and whether a caller is still that one.
 */
#include <linux/audit.h>
#include <linux/cgroup.h>
#include <linux/cred.h>
#include <linux/dcache.h>
#include <linux/fs.h>
#include <linux/kdev_t.h>
#include <linux/pid_namespace.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <linux/user_namespace.h>

#include "compat.h"
#include "parsec.h"

#ifdef CONFIG_CGROUPS
static u64 current_cgroup(void)
{
	u64 id;

	rcu_read_lock();
	id = cgroup_id(task_dfl_cgroup(current));
	rcu_read_unlock();
	return id;
}

/* The cgroup decides what a caller may do: a path that does not fit is an error */
static int take_cgroup(struct parsec_identity *identity, char *buf)
{
	struct cgroup *cgroup;
	int len;

	rcu_read_lock();
	cgroup = task_dfl_cgroup(current);
	identity->cgroup = cgroup_id(cgroup);
	len = cgroup_path(cgroup, buf, PATH_MAX);
	rcu_read_unlock();
	if (len < 0 || len >= PATH_MAX)
		return -ENAMETOOLONG;

	identity->cgroup_path = kstrdup(buf, PARSEC_GFP);
	return identity->cgroup_path ? 0 : -ENOMEM;
}
#else
static u64 current_cgroup(void)
{
	return 0;
}

static int take_cgroup(struct parsec_identity *identity, char *buf)
{
	return 0;
}
#endif

/* A hint for logs and rules, so a failure just leaves it out */
static void take_exe(struct parsec_identity *identity, char *buf)
{
	struct file *file = NULL;
	struct kstat stat;
	char *path;

	if (!current->mm)
		return;

	rcu_read_lock();
	file = parsec_get_exe_file(current->mm);
	rcu_read_unlock();
	if (!file)
		return;

	/* As in stat(): some file systems have more than one inode of a number,
	 * on devices that are not the one of their superblock
	 */
	if (!vfs_getattr_nosec(&file->f_path, &stat, STATX_INO,
			       AT_STATX_DONT_SYNC)) {
		identity->exe_dev = new_encode_dev(stat.dev);
		identity->exe_ino = stat.ino;
	}
	path = d_path(&file->f_path, buf, PATH_MAX);
	if (!IS_ERR(path))
		identity->exe = kstrdup(path, PARSEC_GFP);
	fput(file);
}

/**
 * parsec_identity_take() - note who is opening a file
 * @identity: where, zeroed
 * @file: the file that is being opened by the current task
 *
 * The mount namespace is left out: its inode cannot be had from a module.
 *
 * Return: 0, -ENOMEM, or -ENAMETOOLONG for the path of the cgroup.
 * parsec_identity_drop() is due only after success.
 */
int parsec_identity_take(struct parsec_identity *identity,
			 const struct file *file)
{
	char *buf = kmalloc(PATH_MAX, PARSEC_GFP);
	int err;

	if (!buf)
		return -ENOMEM;

	err = take_cgroup(identity, buf);
	if (err) {
		kfree(buf);
		return err;
	}

	identity->cred = get_cred(file->f_cred);
	identity->pid_ns = get_pid_ns(task_active_pid_ns(current));
	identity->start_time = current->group_leader->start_boottime;
	identity->tgid = task_tgid_nr(current);
	identity->loginuid = audit_get_loginuid(current);
	/* The label decides too: that there is none must not be up to the
	 * opener's memory
	 */
	err = parsec_take_secctx(&identity->lsm, PARSEC_GFP);
	if (err)
		parsec_identity_drop(identity);
	else
		take_exe(identity, buf);

	kfree(buf);
	return err;
}

/**
 * parsec_identity_drop() - release what parsec_identity_take() took
 * @identity: the identity
 */
void parsec_identity_drop(struct parsec_identity *identity)
{
	kfree(identity->lsm);
	kfree(identity->exe);
	kfree(identity->cgroup_path);
	put_pid_ns(identity->pid_ns);
	put_cred(identity->cred);
}

/**
 * parsec_identity_matches() - is the current task still who opened the file?
 * @identity: the opener
 *
 * The opener itself nearly always has the very same credentials, which spares
 * it a look inside.
 *
 * Return: whether effective user, user namespace, pid namespace and cgroup are
 * those of the opener.
 */
bool parsec_identity_matches(const struct parsec_identity *identity)
{
	const struct cred *now = current_cred();
	const struct cred *then = identity->cred;

	if (now != then && (!uid_eq(now->euid, then->euid) ||
			    now->user_ns != then->user_ns))
		return false;

	return task_active_pid_ns(current) == identity->pid_ns &&
	       current_cgroup() == identity->cgroup;
}
