/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the files of parsec.ko share: sessions, requests, queues and the one
 * lock that keeps them consistent.
 *
 * One direction of knowledge:
 *
 *	chardev.c, identity.c	the device: who asks, what for
 *	request.c, queue.c	one request's life; who is served when
 *	account.c		who may have how much
 *	worker.c		who serves, and what is in their hands
 *	message.c		bodies, in and out
 *	netlink.c, genl.c	what the provider hosts say
 *	stats.c			what was counted, for those who ask
 *
 * Lock order: parsec_lock is taken alone. Within it only locks that belong to
 * others and end there: a socket's receive queue, the scheduler's by a wake-up,
 * the timer base and the pool's by a work. The lock of parsec_sessions and parsec_lock
 * are never held together. Nothing sleeps or touches user memory under either.
 */
#ifndef _PARSEC_KERNEL_PARSEC_H
#define _PARSEC_KERNEL_PARSEC_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/gfp.h>
#include <linux/list.h>
#include <linux/rcuwait.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/uidgid.h>
#include <linux/workqueue.h>
#include <linux/xarray.h>

struct cred;
struct file;
struct nlmsghdr;
struct pid;
struct pid_namespace;
struct sk_buff;
struct sock;
struct user_namespace;

/* Bits of a replay bitmap: one per opcode that an ioctl number can carry */
#define PARSEC_OPCODES		128

/* Memory that a caller makes the module use: its memory cgroup pays. One that is
 * at its limit gets ENOMEM, where GFP_KERNEL alone would call the OOM killer.
 */
#define PARSEC_GFP	(GFP_KERNEL_ACCOUNT | __GFP_RETRY_MAYFAIL | __GFP_NOWARN)

/* Guards every state, list and count of requests, queues, workers, accounts */
extern spinlock_t parsec_lock;

/* main.c: module parameters */
extern unsigned int parsec_max_request;
extern unsigned int parsec_max_response;
extern unsigned int parsec_max_waiting;
extern unsigned int parsec_max_running;
extern unsigned int parsec_max_open;
extern unsigned int parsec_grace_ms;

/**
 * struct parsec_identity - who opened a file, as it was at open()
 * @cred: the opener's credentials; a reference
 * @pid_ns: the opener's pid namespace; a reference
 * @cgroup: id of the opener's cgroup v2, 0 if unknown
 * @start_time: start of the opener's thread group, CLOCK_BOOTTIME ns
 * @tgid: thread group in the initial pid namespace
 * @loginuid: audit login uid, or INVALID_UID
 * @exe_dev: device of the executable, new_encode_dev()
 * @exe_ino: inode of the executable, 0 if unknown
 * @exe: path of the executable as the opener saw it, or NULL
 * @cgroup_path: path of @cgroup from the root of the hierarchy, or NULL
 * @lsm: security context, or NULL
 *
 * All members are constant once the file is open.
 */
struct parsec_identity {
	const struct cred *cred;
	struct pid_namespace *pid_ns;
	u64 cgroup;
	u64 start_time;
	pid_t tgid;
	kuid_t loginuid;
	u64 exe_dev;
	u64 exe_ino;
	char *exe;
	char *cgroup_path;
	char *lsm;
};

/* In struct parsec_limits: what the module parameter says. 0 is: no limit */
#define PARSEC_LIMIT_DEFAULT	U32_MAX

/**
 * struct parsec_limits - how much an account may have at a time
 * @waiting: requests in state QUEUED
 * @running: requests in workers' hands
 * @open: open files
 */
struct parsec_limits {
	u32 waiting;
	u32 running;
	u32 open;
};

/**
 * struct parsec_account - those that share limits and a turn in the queues
 * @node: in the table of accounts; parsec_lock
 * @groups: struct parsec_group.account_node, one for each queue that this
 *	account ever used; parsec_lock
 * @sessions: open files that use it; parsec_lock
 * @waiting: requests in state QUEUED; parsec_lock
 * @running: requests in workers' hands, parked ones too; parsec_lock
 * @held: of @groups, how many are passed over; parsec_lock
 * @uncollected: bytes of answers, by parsec_reply_weight(), that their callers
 *	have not copied yet; parsec_lock
 * @limits: what a host set; parsec_lock
 * @done: requests that were answered; parsec_lock
 * @refused: requests and opens that were one too many; parsec_lock
 * @user_ns: user namespace, a reference; constant
 * @uid: effective uid; constant
 * @cgroup: cgroup v2 id; constant
 * @cgroup_path: its path as the first session saw it, or NULL; constant
 *
 * There as long as it has a session or something is in a worker's hands for
 * it: closing a file whose request is abandoned at a host does not make room
 * for another one.
 */
struct parsec_account {
	struct hlist_node node;
	struct list_head groups;
	unsigned int sessions;
	unsigned int waiting;
	unsigned int running;
	unsigned int held;
	u64 uncollected;
	struct parsec_limits limits;
	u64 done;
	u64 refused;
	struct user_namespace *user_ns;
	kuid_t uid;
	u64 cgroup;
	char *cgroup_path;
};

/* What is counted for the whole module, each since it was loaded. What happens
 * to nearly every request is not among them but counted where parsec_lock is
 * held anyway.
 */
enum parsec_counter {
	PARSEC_COUNT_OPENED,
	PARSEC_COUNT_OPEN_REFUSED,
	PARSEC_COUNT_EPERM,
	PARSEC_COUNT_ENOTCONN,
	PARSEC_COUNT_EOVERFLOW,
	PARSEC_COUNT_EDQUOT,
	PARSEC_COUNT_ETIMEDOUT,
	PARSEC_COUNT_EIO,
	PARSEC_COUNT_EINTR,
	PARSEC_COUNT_ENOMEM,
	PARSEC_COUNT_REPLAYED,
	PARSEC_COUNT_REGISTERED,
	PARSEC_COUNT_REGISTER_REFUSED,
	PARSEC_COUNT_REGISTER_UNPRIVILEGED,
	PARSEC_COUNT_TAKEN_OVER,
	PARSEC_COUNT_QUERY_UNPRIVILEGED,
	PARSEC_COUNT_REPLY_UNREGISTERED,
	PARSEC_COUNT_REPLY_FORGED,
	PARSEC_COUNT_REPLY_DUPLICATE,
	PARSEC_COUNT_REPLY_LATE,
	PARSEC_COUNT_REPLY_INCOMPLETE,
	PARSEC_COUNT_REPLY_OVERSIZED,

	PARSEC_COUNTERS
};

/* main.c */
extern atomic64_t parsec_counters[PARSEC_COUNTERS];

static inline void parsec_count(enum parsec_counter counter)
{
	atomic64_inc(&parsec_counters[counter]);
}

/**
 * struct parsec_session - an open file
 * @ref: the file's reference and that of whoever looked the session up
 * @number: never used again
 * @identity: who opened it; constant
 * @account: what its requests count against; constant
 * @done: requests that ended in any way
 * @in_flight: requests that are being carried
 */
struct parsec_session {
	refcount_t ref;
	unsigned long number;
	struct parsec_identity identity;
	struct parsec_account *account;
	atomic_long_t done;
	atomic_t in_flight;
};

/**
 * struct parsec_call - one operation as the device was asked for it
 * @in: request body in the caller's memory
 * @out: room for the response body in the caller's memory
 * @in_len: bytes at @in, already checked against the limit
 * @out_len: room at @out; on return the size of the response body
 * @timeout_ms: 0 = none
 * @status: on return the contract's status
 * @provider: provider id
 * @opcode: operation
 */
struct parsec_call {
	const void __user *in;
	void __user *out;
	u32 in_len;
	u32 out_len;
	u32 timeout_ms;
	u16 status;
	u8 provider;
	u8 opcode;
};

/*
 * NEW -> QUEUED -> SENT -> DONE | ABORTED, with NEW -> SENT as the usual
 * shortcut. Back to NEW when the task that waits has to submit it again: the
 * host died with a request that may run twice, or nobody serves the queue any
 * more. In state SENT a request whose caller has left is ABORTED but stays in
 * its worker's list (parked) until the reply, which gives the credit back, or
 * the worker's end.
 */
enum parsec_state {
	PARSEC_NEW,
	PARSEC_QUEUED,
	PARSEC_SENT,
	PARSEC_DONE,
	PARSEC_ABORTED,
};

/**
 * struct parsec_request - one operation on its way
 * @ref: one for the task that waits; one for the list it is in
 * @state: enum parsec_state, changed under parsec_lock. The waiting task may
 *	look without it (smp_load_acquire()): what is no longer QUEUED or SENT
 *	belongs to it
 * @admitted: it was submitted successfully before; parsec_lock
 * @unread: the host never received it; parsec_lock
 * @deaths: hosts that died with it; parsec_lock
 * @provider: as the caller named it; constant
 * @opcode: constant
 * @error: negative errno if ABORTED; settled with @state
 * @status: contract's status if DONE; settled with @state
 * @reply_len: bytes of response body if DONE; settled with @state
 * @node: in a group's requests (QUEUED) or a worker's sent list; parsec_lock
 * @group: its account's in its queue, if QUEUED or in a worker's sent list;
 *	parsec_lock
 * @wait: the task that waits
 * @id: number of this attempt, never used again; changed only in state NEW
 * @deadline: CLOCK_MONOTONIC ns, 0 = none; constant
 * @session: valid as long as somebody waits; constant
 * @msg: message to send; the waiting task's in state NEW, else parsec_lock
 * @reply: the host's message if DONE, with a reference; settled with @state
 * @reply_nlh: where in @reply
 */
struct parsec_request {
	refcount_t ref;
	u8 state;
	bool admitted;
	bool unread;
	u8 deaths;
	u8 provider;
	u8 opcode;
	u16 status;
	int error;
	u32 reply_len;
	struct list_head node;
	struct parsec_group *group;
	struct rcuwait wait;
	u64 id;
	u64 deadline;
	struct parsec_session *session;
	struct sk_buff *msg;
	struct sk_buff *reply;
	const struct nlmsghdr *reply_nlh;
};

/**
 * struct parsec_worker - a provider host's socket and what it is busy with
 * @hash: in the table by port id; parsec_lock
 * @node: in the queue's workers, last used first, or in its retired; parsec_lock
 * @sent: requests in its hands, parked ones too; parsec_lock
 * @answered: the last request that it answered, 0 = none; parsec_lock
 * @in_flight: length of @sent; parsec_lock
 * @credits: limit of @in_flight; constant
 * @retired: it gets nothing more, as another process took the queue over or it
 *	said so itself; parsec_lock
 * @takeover: it takes the queue over from another process; constant
 * @portid: of @sk; constant
 * @queue: constant
 * @sk: the socket, with a reference; constant
 * @owner: thread group that registered it, with a reference; constant
 * @replay: opcodes that may run twice; constant
 */
struct parsec_worker {
	struct hlist_node hash;
	struct list_head node;
	struct list_head sent;
	u64 answered;
	unsigned int in_flight;
	unsigned int credits;
	bool retired;
	bool takeover;
	u32 portid;
	struct parsec_queue *queue;
	struct sock *sk;
	struct pid *owner;
	DECLARE_BITMAP(replay, PARSEC_OPCODES);
};

/**
 * struct parsec_answer - a host's reply, checked as far as it can be alone
 * @skb: the message, borrowed
 * @nlh: where in @skb
 * @id: request it answers
 * @len: bytes of body
 * @status: contract's status
 */
struct parsec_answer {
	struct sk_buff *skb;
	const struct nlmsghdr *nlh;
	u64 id;
	u32 len;
	u16 status;
};

/* chardev.c */
extern struct xarray parsec_sessions;	/* by number, its own lock */

int parsec_device_register(void);
void parsec_device_unregister(void);
void parsec_session_put(struct parsec_session *session);

/* identity.c */
int parsec_identity_take(struct parsec_identity *identity,
			 const struct file *file);
void parsec_identity_drop(struct parsec_identity *identity);
bool parsec_identity_matches(const struct parsec_identity *identity);

/* request.c */
int parsec_request_init(void);
void parsec_request_exit(void);
int parsec_request_run(struct parsec_session *session,
		       struct parsec_call *call);
void parsec_request_put(struct parsec_request *req);
void parsec_request_settle(struct parsec_request *req, enum parsec_state state,
			   int error);

/* account.c */
int parsec_account_get(const struct parsec_identity *who,
		       struct parsec_account **account);
void parsec_account_put(struct parsec_account *account);
void parsec_account_limit(struct parsec_account *account,
			  const struct parsec_limits *limits);
struct parsec_limits
parsec_account_limits(const struct parsec_account *account);
void parsec_account_collected(struct parsec_account *account, u32 bytes);

/* queue.c */
int parsec_queue_submit(struct parsec_request *req);
bool parsec_queue_withdraw(struct parsec_request *req, int error);
void parsec_queue_exit(void);

/* worker.c */
struct parsec_worker *parsec_worker_new(struct sock *sk, u32 portid);
int parsec_worker_add(struct parsec_worker *worker, u8 provider,
		      struct sk_buff *welcome);
void parsec_worker_free(struct parsec_worker *worker);
int parsec_worker_answer(const struct sock *sk, u32 portid,
			 const struct parsec_answer *answer);
bool parsec_worker_retire(const struct sock *sk, u32 portid);
bool parsec_worker_known(const struct sock *sk, u32 portid);
void parsec_worker_released(u32 portid);
bool parsec_helper_connected(void);
void parsec_worker_exit(void);

/**
 * parsec_reply_weight() - how much memory an answer takes that nobody pays for
 * @len: bytes of body
 *
 * The thread that waits for it takes more than a small one.
 *
 * Return: bytes, 0 for a small one.
 */
static inline u32 parsec_reply_weight(u32 len)
{
	return len > PAGE_SIZE ? len : 0;
}

/* message.c */
struct sk_buff *parsec_message_new(struct parsec_request *req,
				   const void __user *body, u32 len);
u64 parsec_message_id(const struct sk_buff *skb);
void parsec_message_free(struct sk_buff *skb);
int parsec_reply_to_user(const struct nlmsghdr *nlh, void __user *to);
void *parsec_reply_dup(const struct nlmsghdr *nlh, u32 len);
void parsec_reply_wipe(const struct nlmsghdr *nlh);
void parsec_reply_free(struct sk_buff *skb, const struct nlmsghdr *nlh);

/* netlink.c */
int parsec_netlink_register(void);
void parsec_netlink_unregister(void);

#endif /* _PARSEC_KERNEL_PARSEC_H */
