/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tracepoints: what became of each request, when.
 */
#undef TRACE_SYSTEM
#define TRACE_SYSTEM parsec

#if !defined(_PARSEC_KERNEL_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define _PARSEC_KERNEL_TRACE_H

#include <linux/tracepoint.h>

#include "parsec.h"

/* A task asks; again with a new id if the request has to run a second time */
TRACE_EVENT(request_submit,
	    TP_PROTO(const struct parsec_request *req, u32 len),
	    TP_ARGS(req, len),
	    TP_STRUCT__entry(__field(u64, id)
			     __field(u64, session)
			     __field(u32, len)
			     __field(u8, provider)
			     __field(u8, opcode)),
	    TP_fast_assign(__entry->id = req->id;
			   __entry->session = req->session->number;
			   __entry->len = len;
			   __entry->provider = req->provider;
			   __entry->opcode = req->opcode;),
	    TP_printk("id=%llu session=%llu provider=%u opcode=%#x len=%u",
		      __entry->id, __entry->session, __entry->provider,
		      __entry->opcode, __entry->len)
);

/* It went into a worker's socket */
TRACE_EVENT(request_send,
	    TP_PROTO(const struct parsec_request *req,
		     const struct parsec_worker *worker),
	    TP_ARGS(req, worker),
	    TP_STRUCT__entry(__field(u64, id)
			     __field(u32, portid)
			     __field(u32, in_flight)),
	    TP_fast_assign(__entry->id = req->id;
			   __entry->portid = worker->portid;
			   __entry->in_flight = worker->in_flight;),
	    TP_printk("id=%llu worker=%u in_flight=%u",
		      __entry->id, __entry->portid, __entry->in_flight)
);

/* The task has the answer */
TRACE_EVENT(request_done,
	    TP_PROTO(const struct parsec_request *req),
	    TP_ARGS(req),
	    TP_STRUCT__entry(__field(u64, id)
			     __field(u32, len)
			     __field(u16, status)),
	    TP_fast_assign(__entry->id = req->id;
			   __entry->len = req->reply_len;
			   __entry->status = req->status;),
	    TP_printk("id=%llu status=%u len=%u",
		      __entry->id, __entry->status, __entry->len)
);

/* The task leaves without one */
TRACE_EVENT(request_abort,
	    TP_PROTO(const struct parsec_request *req, int error),
	    TP_ARGS(req, error),
	    TP_STRUCT__entry(__field(u64, id)
			     __field(int, error)),
	    TP_fast_assign(__entry->id = req->id;
			   __entry->error = error;),
	    TP_printk("id=%llu error=%d", __entry->id, __entry->error)
);

#endif /* _PARSEC_KERNEL_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
