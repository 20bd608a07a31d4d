// SPDX-License-Identifier: GPL-2.0-only
/*
 * Loading and unloading of parsec.ko, and its parameters.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/module.h>
#include <linux/moduleparam.h>

#include <net/genetlink.h>

#include <linux/parsec.h>
#include <linux/parsec_netlink.h>

#include "parsec.h"

/* A body shorter than this could not even carry a key name */
#define BODY_LEAST		1024
#define BODY_MOST		(16 * 1024 * 1024)
#define GRACE_MOST_MS		(10 * 60 * 1000)

unsigned int parsec_max_request = PARSEC_BODY_MAX;
unsigned int parsec_max_response = PARSEC_BODY_MAX;
unsigned int parsec_max_waiting = 1024;
unsigned int parsec_max_running;
unsigned int parsec_max_open = 4096;
unsigned int parsec_grace_ms = 5000;

atomic64_t parsec_counters[PARSEC_COUNTERS];

static int set_body(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, BODY_LEAST, BODY_MOST);
}

static int set_limit(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, PARSEC_NL_LIMIT_MAX);
}

static int set_grace(const char *val, const struct kernel_param *kp)
{
	return param_set_uint_minmax(val, kp, 0, GRACE_MOST_MS);
}

static const struct kernel_param_ops body_ops = {
	.set = set_body,
	.get = param_get_uint,
};

static const struct kernel_param_ops limit_ops = {
	.set = set_limit,
	.get = param_get_uint,
};

static const struct kernel_param_ops grace_ops = {
	.set = set_grace,
	.get = param_get_uint,
};

/* Hosts learn the two limits when they register: fixed from loading on */
module_param_cb(max_request, &body_ops, &parsec_max_request, 0444);
__MODULE_PARM_TYPE(max_request, "uint");
MODULE_PARM_DESC(max_request,
		 "Bytes of request body accepted, 1024 to 16777216 (default 1048576)");

module_param_cb(max_response, &body_ops, &parsec_max_response, 0444);
__MODULE_PARM_TYPE(max_response, "uint");
MODULE_PARM_DESC(max_response,
		 "Bytes of response body accepted, 1024 to 16777216 (default 1048576)");

module_param_cb(max_waiting, &limit_ops, &parsec_max_waiting, 0644);
__MODULE_PARM_TYPE(max_waiting, "uint");
MODULE_PARM_DESC(max_waiting,
		 "Requests one identity may have waiting, up to 65536, 0 = no limit (default 1024)");

module_param_cb(max_running, &limit_ops, &parsec_max_running, 0644);
__MODULE_PARM_TYPE(max_running, "uint");
MODULE_PARM_DESC(max_running,
		 "Requests of one identity at hosts at a time, up to 65536, 0 = no limit (default 0)");

module_param_cb(max_open, &limit_ops, &parsec_max_open, 0644);
__MODULE_PARM_TYPE(max_open, "uint");
MODULE_PARM_DESC(max_open,
		 "Files one identity may have open, up to 65536, 0 = no limit (default 4096)");

module_param_cb(grace_ms, &grace_ops, &parsec_grace_ms, 0644);
__MODULE_PARM_TYPE(grace_ms, "uint");
MODULE_PARM_DESC(grace_ms,
		 "Milliseconds to wait for a vanished host, 0 to 600000 (default 5000)");

static int __init parsec_init(void)
{
	int err;

	err = parsec_request_init();
	if (err)
		return err;

	err = parsec_netlink_register();
	if (err)
		goto exit_request;

	/* ORDER: last, an open file may use all of the above at once */
	err = parsec_device_register();
	if (err)
		goto unregister_netlink;

	return 0;

unregister_netlink:
	parsec_netlink_unregister();
	parsec_worker_exit();
	parsec_queue_exit();
exit_request:
	parsec_request_exit();
	return err;
}

static void __exit parsec_exit(void)
{
	parsec_device_unregister();
	/* ORDER: without netlink nobody adds to or takes from the queues */
	parsec_netlink_unregister();
	parsec_worker_exit();
	parsec_queue_exit();
	parsec_request_exit();
}

module_init(parsec_init);
module_exit(parsec_exit);

MODULE_DESCRIPTION("Keys and cryptography as a service: /dev/parsec");
MODULE_AUTHOR("The /dev/parsec authors");
MODULE_LICENSE("GPL");
MODULE_ALIAS_GENL_FAMILY(PARSEC_GENL_NAME);
