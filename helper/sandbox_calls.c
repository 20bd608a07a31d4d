// SPDX-License-Identifier: Apache-2.0
/*
 * System calls of a provider host, by seccomp.
 *
 * Three answers. What is in the lists of a host is let through. What serves nothing but
 * getting out of here ends the process: an intruder is in it, and the next host starts
 * clean. All else, what the lists forgot and what is newer than they are, is ENOSYS,
 * which a C library takes for an older kernel and gets by without.
 *
 * The calls that a request makes (recvfrom, sendto, futex, madvise) have no condition on
 * their arguments: for such the kernel keeps a bitmap and does not run the filter.
 */
#include "helper/sandbox.h"

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "helper/log.h"

#define CALL(name)	SCMP_SYS(name)

/* Ends a list; SCMP_SYS() of a call that an architecture lacks is negative, too */
#define END		INT32_MIN

/* Requests and the core host's questions; sockets are open by now */
static const int messages[] = {
	CALL(recvfrom), CALL(sendto), CALL(recvmsg), CALL(sendmsg), CALL(poll), CALL(ppoll),
	CALL(accept), CALL(accept4), CALL(getsockopt), CALL(setsockopt), CALL(getsockname),
	CALL(getpeername), CALL(shutdown), END
};

/* The key store's files, and what Landlock lets a provider open */
static const int files[] = {
	CALL(open), CALL(openat), CALL(close), CALL(read), CALL(readv), CALL(pread64),
	CALL(preadv), CALL(write), CALL(writev), CALL(pwrite64), CALL(pwritev), CALL(lseek),
	CALL(_llseek), CALL(fstat), CALL(fstat64), CALL(newfstatat), CALL(fstatat64), CALL(stat),
	CALL(lstat), CALL(statx), CALL(fstatfs), CALL(access), CALL(faccessat),
	CALL(faccessat2), CALL(readlink), CALL(readlinkat), CALL(getcwd), CALL(getdents64),
	CALL(fcntl), CALL(fcntl64), CALL(flock), CALL(fsync), CALL(fdatasync), CALL(ftruncate),
	CALL(ftruncate64), CALL(fallocate), CALL(fchmod), CALL(mkdir), CALL(mkdirat),
	CALL(rename), CALL(renameat), CALL(renameat2), CALL(unlink), CALL(unlinkat),
	CALL(rmdir), CALL(umask), CALL(fadvise64), END
};

/* Memory; mmap() and mprotect() have conditions */
static const int memory[] = {
	CALL(brk), CALL(munmap), CALL(mremap), CALL(madvise), CALL(mlock), CALL(mlock2),
	CALL(munlock), CALL(membarrier), END
};

/* Threads, waiting and waking; clone() has conditions */
static const int threads[] = {
	CALL(futex), CALL(futex_time64), CALL(set_robust_list), CALL(rseq), CALL(gettid),
	CALL(sched_yield), CALL(sched_getaffinity), CALL(restart_syscall), CALL(exit),
	CALL(exit_group), CALL(pipe2), CALL(eventfd2), CALL(epoll_create1), CALL(epoll_ctl),
	CALL(epoll_wait), CALL(epoll_pwait), CALL(select), CALL(pselect6), END
};

/* Signals, within the process; kill() and tgkill() have conditions */
static const int signals[] = {
	CALL(rt_sigaction), CALL(rt_sigprocmask), CALL(rt_sigreturn), CALL(sigreturn),
	CALL(rt_sigtimedwait), CALL(rt_sigtimedwait_time64), CALL(sigaltstack), END
};

/* The time, who we are, how much there is of something, chance */
static const int questions[] = {
	CALL(clock_gettime), CALL(clock_gettime64), CALL(clock_getres), CALL(gettimeofday),
	CALL(time), CALL(nanosleep), CALL(clock_nanosleep), CALL(clock_nanosleep_time64),
	CALL(getpid), CALL(getppid), CALL(getuid), CALL(geteuid), CALL(getgid),
	CALL(getegid), CALL(uname), CALL(sysinfo), CALL(getrusage), CALL(getcpu),
	CALL(getrlimit), CALL(getrandom), END
};

/* Connections to others, for providers that say so; socket() has conditions */
static const int connections[] = {
	CALL(connect), CALL(socketpair), END
};

/* Nothing that a provider's library does by mistake: it ends a host */
static const int deadly[] = {
	/* other programs, other processes */
	CALL(execve), CALL(execveat), CALL(fork), CALL(vfork), CALL(pidfd_open),
	CALL(pidfd_send_signal), CALL(rt_sigqueueinfo), CALL(rt_tgsigqueueinfo), CALL(tkill),
	/* other users and rights */
	CALL(setuid), CALL(setuid32), CALL(setgid), CALL(setgid32), CALL(setreuid),
	CALL(setreuid32), CALL(setregid), CALL(setregid32), CALL(setresuid),
	CALL(setresuid32), CALL(setresgid), CALL(setresgid32), CALL(setfsuid),
	CALL(setfsuid32), CALL(setfsgid), CALL(setfsgid32), CALL(setgroups),
	CALL(setgroups32), CALL(capset), END
};

/* Nothing that parsecd or a host ever does, root or not: it ends each of them */
static const int never[] = {
	/* memory of other processes, or of this one behind its back */
	CALL(ptrace), CALL(process_vm_readv), CALL(process_vm_writev), CALL(pidfd_getfd),
	CALL(kcmp), CALL(process_madvise), CALL(userfaultfd), CALL(perf_event_open),
	/* much used to break kernels */
	CALL(bpf), CALL(io_uring_setup), CALL(io_uring_enter), CALL(io_uring_register),
	CALL(keyctl), CALL(add_key), CALL(request_key), CALL(modify_ldt), CALL(vmsplice),
	/* other views of the system */
	CALL(mount), CALL(umount), CALL(umount2), CALL(pivot_root), CALL(chroot),
	CALL(move_mount), CALL(open_tree), CALL(fsopen), CALL(fsconfig), CALL(fsmount),
	CALL(fspick), CALL(mount_setattr), CALL(setns), CALL(unshare), CALL(open_by_handle_at),
	CALL(name_to_handle_at), CALL(mknod), CALL(mknodat),
	/* the machine */
	CALL(init_module), CALL(finit_module), CALL(delete_module), CALL(kexec_load),
	CALL(kexec_file_load), CALL(reboot), CALL(swapon), CALL(swapoff), CALL(iopl),
	CALL(ioperm), CALL(acct), CALL(quotactl), CALL(quotactl_fd), CALL(syslog),
	CALL(settimeofday), CALL(clock_settime), CALL(clock_settime64), CALL(adjtimex),
	CALL(clock_adjtime), CALL(sethostname), CALL(setdomainname), CALL(vhangup), END
};

/* All that follow return 0 or a negative errno, as libseccomp does */

static int add_list(scmp_filter_ctx filter, uint32_t action, const int *calls)
{
	int rc = 0;

	for (; *calls != END && !rc; calls++)
		rc = seccomp_rule_add(filter, action, *calls, 0);
	return rc;
}

static int add_if(scmp_filter_ctx filter, int call, struct scmp_arg_cmp condition)
{
	return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &condition);
}

/* Memory is for data or for code */
static int add_mappings(scmp_filter_ctx filter, int call)
{
	return add_if(filter, call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) ?:
	       add_if(filter, call, SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_WRITE,
					    PROT_EXEC));
}

/* Threads yes, processes no. clone3() hides its flags in memory; without it clone() is used */
static int add_clone(scmp_filter_ctx filter)
{
	const struct scmp_arg_cmp process = SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD, 0);

	return add_if(filter, CALL(clone), SCMP_A0(SCMP_CMP_MASKED_EQ, CLONE_THREAD,
						   CLONE_THREAD)) ?:
	       seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, CALL(clone), 1, &process);
}

/* Signals go to this process */
static int add_signal(scmp_filter_ctx filter, int call)
{
	const scmp_datum_t self = (scmp_datum_t)getpid();
	const struct scmp_arg_cmp other = SCMP_A0(SCMP_CMP_NE, self);

	return add_if(filter, call, SCMP_A0(SCMP_CMP_EQ, self)) ?:
	       seccomp_rule_add_array(filter, SCMP_ACT_KILL_PROCESS, call, 1, &other);
}

static int add_network(scmp_filter_ctx filter, enum config_network network)
{
	int rc = 0;

	/* As on a kernel without the family: libraries try sockets and get by */
	if (network == NETWORK_NONE)
		return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), CALL(socket), 0);
	rc = add_list(filter, SCMP_ACT_ALLOW, connections) ?:
	     add_if(filter, CALL(socket), SCMP_A0(SCMP_CMP_EQ, AF_UNIX));
	if (rc || network == NETWORK_UNIX)
		return rc;
	return add_if(filter, CALL(socket), SCMP_A0(SCMP_CMP_EQ, AF_INET)) ?:
	       add_if(filter, CALL(socket), SCMP_A0(SCMP_CMP_EQ, AF_INET6));
}

static int add_host(scmp_filter_ctx filter, const struct sandbox *sandbox)
{
	static const int *const allowed[] = {
		messages, files, memory, threads, signals, questions
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(allowed) / sizeof(*allowed) && !rc; i++)
		rc = add_list(filter, SCMP_ACT_ALLOW, allowed[i]);
	rc = rc ?: add_list(filter, SCMP_ACT_KILL_PROCESS, deadly) ?:
	     add_list(filter, SCMP_ACT_KILL_PROCESS, never) ?:
	     add_mappings(filter, CALL(mmap)) ?:
	     add_mappings(filter, CALL(mmap2)) ?:
	     add_if(filter, CALL(mprotect), SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)) ?:
	     add_clone(filter) ?:
	     add_signal(filter, CALL(kill)) ?:
	     add_signal(filter, CALL(tgkill)) ?:
	     /* names of threads, and of memory by the C library */
	     add_if(filter, CALL(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_NAME)) ?:
	     add_if(filter, CALL(prctl), SCMP_A0(SCMP_CMP_EQ, PR_SET_VMA)) ?:
	     /* limits are asked for, not set */
	     add_if(filter, CALL(prlimit64), SCMP_A2(SCMP_CMP_EQ, 0)) ?:
	     add_network(filter, sandbox->network);
	/* Landlock says of which files, where the kernel is new enough */
	if (!rc && sandbox->devices && sandbox->devices->count)
		rc = seccomp_rule_add(filter, SCMP_ACT_ALLOW, CALL(ioctl), 0);
	return rc;
}

static int load(scmp_filter_ctx filter)
{
	/* Also for threads that the provider has started; another ABI has other numbers */
	return seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1) ?:
	       seccomp_attr_set(filter, SCMP_FLTATR_API_SYSRAWRC, 1) ?:
	       seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS) ?:
	       seccomp_load(filter);
}

static bool conclude(int rc, enum config_sandbox mode)
{
	if (!rc)
		return true;
	if (mode == SANDBOX_BEST_EFFORT) {
		log_warning("system calls cannot be limited (%s): needs a kernel with seccomp",
			    strerror(-rc));
		return true;
	}
	log_error("system calls cannot be limited (%s): use a kernel with seccomp, or set "
		  "sandbox = best-effort in [core]", strerror(-rc));
	return false;
}

bool sandbox_calls(const struct sandbox *sandbox)
{
	scmp_filter_ctx filter;
	int rc = -ENOMEM;

	if (sandbox->mode == SANDBOX_OFF) {
		log_warning("this host is not locked in: sandbox = off in [core]");
		return true;
	}
	filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	if (filter)
		rc = add_host(filter, sandbox) ?: load(filter);
	seccomp_release(filter);
	return conclude(rc, sandbox->mode);
}

bool sandbox_supervisor(enum config_sandbox mode)
{
	scmp_filter_ctx filter;
	int rc = -ENOMEM;

	if (mode == SANDBOX_OFF || geteuid())
		return true;
	filter = seccomp_init(SCMP_ACT_ALLOW);
	if (filter)
		rc = add_list(filter, SCMP_ACT_KILL_PROCESS, never) ?: load(filter);
	seccomp_release(filter);
	return conclude(rc, mode);
}
