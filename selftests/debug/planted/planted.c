// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors on purpose, each when asked for by a parameter of the module: the debug machine
 * must report them. It shares nothing with parsec.ko.
 */
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/slab.h>

MODULE_DESCRIPTION("Errors that the debug machine must notice");
MODULE_LICENSE("GPL");

static char *what = "";
module_param(what, charp, 0);
MODULE_PARM_DESC(what, "leak, use-after-free, lock-order, sleep or overflow");

static DEFINE_MUTEX(one);
static DEFINE_MUTEX(two);
static DEFINE_SPINLOCK(spin);

static noinline void leak(void)
{
	char *lost = kmalloc(100, GFP_KERNEL);

	if (lost)
		strscpy(lost, "nobody knows where", 100);
	OPTIMIZER_HIDE_VAR(lost);
	lost = NULL;
	OPTIMIZER_HIDE_VAR(lost);
}

static void use_after_free(void)
{
	char *gone = kmalloc(100, GFP_KERNEL);

	kfree(gone);
	OPTIMIZER_HIDE_VAR(gone);
	if (gone)
		WRITE_ONCE(*gone, 1);
}

static void lock_order(void)
{
	mutex_lock(&one);
	mutex_lock(&two);
	mutex_unlock(&two);
	mutex_unlock(&one);

	mutex_lock(&two);
	mutex_lock(&one);
	mutex_unlock(&one);
	mutex_unlock(&two);
}

static void sleep_in_atomic(void)
{
	spin_lock(&spin);
	might_sleep();
	spin_unlock(&spin);
}

static void shift_too_far(void)
{
	int bits = 40;

	OPTIMIZER_HIDE_VAR(bits);
	pr_info("%d\n", 1 << bits);
}

static int __init planted_init(void)
{
	if (!strcmp(what, "leak"))
		leak();
	else if (!strcmp(what, "use-after-free"))
		use_after_free();
	else if (!strcmp(what, "lock-order"))
		lock_order();
	else if (!strcmp(what, "sleep"))
		sleep_in_atomic();
	else if (!strcmp(what, "overflow"))
		shift_too_far();
	else
		return -EINVAL;
	return 0;
}

static void __exit planted_exit(void)
{
}

module_init(planted_init);
module_exit(planted_exit);
