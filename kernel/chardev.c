// SPDX-License-Identifier: GPL-2.0-only
/*
 * /dev/parsec: applications' side of the module, one session per open file.
 */
#include <linux/capability.h>
#include <linux/compat.h>
#include <linux/fs.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/seq_file.h>
#include <linux/slab.h>
#include <linux/uaccess.h>

#include <linux/parsec.h>

#include "parsec.h"

static_assert(sizeof(struct parsec_info) == 32);
static_assert(sizeof(struct parsec_op) == 40);
static_assert(PARSEC_OPCODE_MAX < PARSEC_OPCODES);

/* Sessions by number */
DEFINE_XARRAY_FLAGS(parsec_sessions, XA_FLAGS_ACCOUNT);

static atomic_long_t last_session = ATOMIC_LONG_INIT(0);

/**
 * parsec_session_put() - drop a reference on a session
 * @session: the session
 */
void parsec_session_put(struct parsec_session *session)
{
	if (!refcount_dec_and_test(&session->ref))
		return;
	if (session->account)
		parsec_account_put(session->account);
	parsec_identity_drop(&session->identity);
	kfree(session);
}

/* -ENOMEM; -EDQUOT, as many files open as it may have; or -ENAMETOOLONG of its cgroup's path */
static int parsec_open(struct inode *inode, struct file *file)
{
	struct parsec_session *session;
	int err;

	session = kzalloc(sizeof(*session), PARSEC_GFP);
	if (!session)
		return -ENOMEM;
	refcount_set(&session->ref, 1);

	err = parsec_identity_take(&session->identity, file);
	if (err) {
		kfree(session);
		return err;
	}

	err = parsec_account_get(&session->identity, &session->account);
	if (err)
		goto put;

	/* A 32-bit kernel runs out of numbers before it uses one again */
	session->number = atomic_long_inc_return(&last_session);
	err = xa_insert(&parsec_sessions, session->number, session, PARSEC_GFP);
	if (err)
		goto put;

	parsec_count(PARSEC_COUNT_OPENED);
	file->private_data = session;
	return nonseekable_open(inode, file);

put:
	parsec_session_put(session);
	return err;
}

static int parsec_release(struct inode *inode, struct file *file)
{
	struct parsec_session *session = file->private_data;

	xa_erase(&parsec_sessions, session->number);
	parsec_session_put(session);
	return 0;
}

static bool is_opener(const struct parsec_session *session)
{
	if (likely(parsec_identity_matches(&session->identity)))
		return true;
	parsec_count(PARSEC_COUNT_EPERM);
	return false;
}

static int ioctl_info(struct parsec_session *session,
		      struct parsec_info __user *to)
{
	struct parsec_info info = {
		.abi = PARSEC_ABI,
		.max_request = parsec_max_request,
		.max_response = parsec_max_response,
		.session = session->number,
	};

	if (!is_opener(session))
		return -EPERM;

	if (parsec_helper_connected())
		info.flags |= PARSEC_INFO_HELPER;

	return copy_to_user(to, &info, sizeof(info)) ? -EFAULT : 0;
}

static int ioctl_op(struct parsec_session *session, u8 opcode,
		    struct parsec_op __user *arg)
{
	struct parsec_call call;
	struct parsec_op op;
	int err;

	if (!is_opener(session))
		return -EPERM;
	if (copy_from_user(&op, arg, sizeof(op)))
		return -EFAULT;
	if (op.reserved0 || op.reserved1 || op.flags)
		return -EINVAL;
	if (op.in_len > parsec_max_request)
		return -EMSGSIZE;
	/* Not to find out when the operation has taken place */
	if (put_user(op.status, &arg->status) ||
	    put_user(op.out_len, &arg->out_len))
		return -EFAULT;

	call.in = u64_to_user_ptr(op.in);
	call.out = u64_to_user_ptr(op.out);
	call.in_len = op.in_len;
	call.out_len = op.out_len;
	call.timeout_ms = op.timeout_ms;
	call.provider = op.provider;
	call.opcode = opcode;

	err = parsec_request_run(session, &call);
	if (err && err != -EOVERFLOW)
		return err;

	if (put_user(call.status, &arg->status) ||
	    put_user(call.out_len, &arg->out_len))
		return -EFAULT;
	return err;
}

static long parsec_ioctl(struct file *file, unsigned int cmd, unsigned long arg)
{
	struct parsec_session *session = file->private_data;
	void __user *to = (void __user *)arg;
	unsigned int nr = _IOC_NR(cmd);

	if (cmd == PARSEC_IOC_INFO)
		return ioctl_info(session, to);
	if (nr >= PARSEC_OPCODE_MIN && nr <= PARSEC_OPCODE_MAX &&
	    cmd == PARSEC_IOC_OP(nr))
		return ioctl_op(session, nr, to);
	return -ENOTTY;
}

#ifdef CONFIG_PROC_FS
static void parsec_show_fdinfo(struct seq_file *seq, struct file *file)
{
	struct parsec_session *session = file->private_data;

	seq_printf(seq, "session:\t%lu\n", session->number);
	seq_printf(seq, "done:\t%lu\n", atomic_long_read(&session->done));
	seq_printf(seq, "in_flight:\t%d\n", atomic_read(&session->in_flight));
}
#endif

static const struct file_operations parsec_fops = {
	.owner = THIS_MODULE,
	.open = parsec_open,
	.release = parsec_release,
	.unlocked_ioctl = parsec_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
#ifdef CONFIG_PROC_FS
	.show_fdinfo = parsec_show_fdinfo,
#endif
};

static struct miscdevice parsec_misc = {
	.minor = MISC_DYNAMIC_MINOR,
	.name = "parsec",
	.fops = &parsec_fops,
	.mode = 0666,
};

/**
 * parsec_device_register() - let applications in
 *
 * Return: 0 or the negative errno of misc_register().
 */
int parsec_device_register(void)
{
	return misc_register(&parsec_misc);
}

/**
 * parsec_device_unregister() - let nobody in any more; no file is open
 */
void parsec_device_unregister(void)
{
	misc_deregister(&parsec_misc);
}
