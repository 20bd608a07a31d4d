/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Where kernels from 6.1 on differ in what this module uses.
 */
#ifndef _PARSEC_KERNEL_COMPAT_H
#define _PARSEC_KERNEL_COMPAT_H

#include <linux/fs.h>
#include <linux/mm_types.h>

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

#endif /* _PARSEC_KERNEL_COMPAT_H */
