/* SPDX-License-Identifier: GPL-2.0-only WITH Linux-syscall-note */
/*
 * Applications' interface to /dev/parsec: keep and use cryptographic keys by
 * name without ever holding them.
 *
 * A request is one ioctl. Its number carries the operation (the opcode of the
 * Parsec contract), so that seccomp, SELinux ioctl rules and systemd sandboxes
 * can allow one operation and nothing else. Its argument, struct parsec_op,
 * is the same for every operation: which provider, a request body and room
 * for the response body. Bodies are protobuf messages that the kernel never
 * looks into.
 *
 * Two results come back. The ioctl's own result says whether the question
 * could be asked at all (the table at PARSEC_IOC_OP); @status in struct
 * parsec_op says what the answer was.
 *
 * Who is asking is never part of a request. The kernel takes the identity of
 * the opener at open() and refuses (EPERM) an ioctl from anyone else, so that
 * a descriptor which was inherited, passed over a socket or kept across
 * setuid() cannot use another identity's keys.
 *
 * Those with the same effective user, user namespace and cgroup share limits:
 * open files, requests that wait, requests at a host. Above the first two it is
 * EDQUOT; a request above the third waits until another has its answer.
 *
 * open() may fail with ENOMEM; EDQUOT, this identity has as many files open as
 * it may have; or ENAMETOOLONG if the path of the opener's cgroup does not fit
 * into PATH_MAX bytes.
 */
#ifndef _UAPI_LINUX_PARSEC_H
#define _UAPI_LINUX_PARSEC_H

#include <linux/ioctl.h>
#include <linux/types.h>

/* Level of this interface, struct parsec_info.abi */
#define PARSEC_ABI			1

#define PARSEC_IOC_MAGIC		0xD5

/* Operations are PARSEC_OPCODE_MIN to PARSEC_OPCODE_MAX; ENOTTY beyond them.
 * The kernel does not know which of them exist: an unknown one is answered
 * with status 9, OpcodeDoesNotExist. Numbers above are kept for the device.
 */
#define PARSEC_OPCODE_MIN		0x01
#define PARSEC_OPCODE_MAX		0x7f

/* Default limit of a request body and of a response body, in bytes */
#define PARSEC_BODY_MAX			(1024 * 1024)

/* struct parsec_info.flags */
#define PARSEC_INFO_HELPER		0x1	/* a helper is connected */

/**
 * struct parsec_info - what this device is and allows
 * @abi:		[out] PARSEC_ABI
 * @flags:		[out] PARSEC_INFO_*
 * @max_request:	[out] bytes of request body accepted
 * @max_response:	[out] bytes of response body that can come back
 * @session:		[out] number of this open file, as the logs show it
 * @reserved:		[out] 0
 */
struct parsec_info {
	__u32 abi;
	__u32 flags;
	__u32 max_request;
	__u32 max_response;
	__aligned_u64 session;
	__aligned_u64 reserved;
};

/**
 * struct parsec_op - one operation
 * @provider:	[in] provider id of the contract, 0 = core
 * @reserved0:	[in] must be 0
 * @status:	[out] response status of the contract, 0 = success
 * @flags:	[in] must be 0
 * @timeout_ms:	[in] give up after this many milliseconds, 0 = wait for as long
 *		as it takes (a signal that kills the caller ends the wait too)
 * @in_len:	[in] bytes of request body at @in
 * @in:		[in] address of the request body
 * @out_len:	[in] room at @out in bytes; [out] size of the response body,
 *		also when the ioctl fails with EOVERFLOW
 * @reserved1:	[in] must be 0
 * @out:	[in] address at which the response body is stored
 *
 * 40 bytes with the same layout for 32-bit and 64-bit callers.
 */
struct parsec_op {
	__u8  provider;
	__u8  reserved0;
	__u16 status;
	__u32 flags;
	__u32 timeout_ms;
	__u32 in_len;
	__aligned_u64 in;
	__u32 out_len;
	__u32 reserved1;
	__aligned_u64 out;
};

/*
 * PARSEC_IOC_INFO - ask about the device
 *
 * EFAULT: bad pointer. EPERM: the caller is not who opened the file.
 */
#define PARSEC_IOC_INFO		_IOR(PARSEC_IOC_MAGIC, 0x00, struct parsec_info)

/*
 * PARSEC_IOC_OP(opcode) - perform an operation
 *
 * Returns 0 when the contract answered (@status says what), or -1 with errno:
 *
 * EINVAL	a reserved field or flag is not zero
 * EFAULT	bad pointer. The operation took place only if the room at @out
 *		cannot be written to
 * EPERM	the caller is not who opened the file: effective user, user
 *		namespace, pid namespace or cgroup differ
 * ENOTCONN	no helper is connected, and none was within the grace period
 * EMSGSIZE	@in_len is above max_request
 * EOVERFLOW	the answer is longer than @out_len was; @out_len and @status are
 *		set. The operation took place
 * EDQUOT	this identity has as many requests waiting as it may have
 * ETIMEDOUT	@timeout_ms passed. A key that was being created is removed
 *		again; a destroy may have taken place
 * EIO		the provider died with this request, or its answer is above
 *		max_response. What it did is unknown: each name is either
 *		usable or free
 * ENOMEM	out of memory, or above what the caller's memory cgroup allows.
 *		The operation took place only if its answer is more than a page
 * EINTR	a fatal signal arrived (nobody sees it)
 */
#define PARSEC_IOC_OP(opcode)	_IOWR(PARSEC_IOC_MAGIC, (opcode), struct parsec_op)

#endif /* _UAPI_LINUX_PARSEC_H */
