/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernels from 6.1 on differ in what this module uses.
 */
#ifndef _PARSEC_KERNEL_COMPAT_H
#define _PARSEC_KERNEL_COMPAT_H

#include <linux/fs.h>
#include <linux/mm_types.h>
#include <linux/security.h>
#include <linux/string.h>
#include <linux/version.h>

/* That this one is made of, without its last number */
#define PARSEC_KERNEL							\
	KERNEL_VERSION(LINUX_VERSION_MAJOR, LINUX_VERSION_PATCHLEVEL, 0)

/* The executable of @mm with a reference, or NULL; caller holds the RCU read lock */
static inline struct file *parsec_get_exe_file(struct mm_struct *mm)
{
#ifdef get_file_rcu /* a macro up to 6.6, since then a function of another kind */
	struct file *file = rcu_dereference(mm->exe_file);

	return file && get_file_rcu(file) ? file : NULL;
#else
	return get_file_rcu(&mm->exe_file);
#endif
}

/* The security context of the current task in @copy, which the caller frees;
 * NULL if it has none. Return: 0 or -ENOMEM
 */
#if PARSEC_KERNEL >= KERNEL_VERSION(6, 14, 0)
static inline int parsec_take_secctx(char **copy, gfp_t gfp)
{
	struct lsm_context context;
	struct lsm_prop prop;
	int len;

	*copy = NULL;
	security_current_getlsmprop_subj(&prop);
	if (!lsmprop_is_set(&prop))
		return 0;
#if PARSEC_KERNEL >= KERNEL_VERSION(6, 18, 0)
	len = security_lsmprop_to_secctx(&prop, &context, LSM_ID_UNDEF);
#else
	len = security_lsmprop_to_secctx(&prop, &context);
#endif
	if (len < 0)
		return len == -ENOMEM ? len : 0;
	*copy = kmemdup_nul(context.context, context.len, gfp);
	security_release_secctx(&context);
	return *copy ? 0 : -ENOMEM;
}
#else
static inline int parsec_take_secctx(char **copy, gfp_t gfp)
{
	char *context;
	u32 secid, len;
	int err;

	*copy = NULL;
	security_current_getsecid_subj(&secid);
	if (!secid)
		return 0;
	err = security_secid_to_secctx(secid, &context, &len);
	if (err)
		return err == -ENOMEM ? err : 0;
	*copy = kmemdup_nul(context, len, gfp);
	security_release_secctx(context, len);
	return *copy ? 0 : -ENOMEM;
}
#endif

#endif /* _PARSEC_KERNEL_COMPAT_H */
