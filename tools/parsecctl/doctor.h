/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What "parsecctl doctor" looks at, and how it says what it finds.
 */
#ifndef PARSECCTL_DOCTOR_H
#define PARSECCTL_DOCTOR_H

#include "parsecctl.h"

/* Core and providers of a configuration at most */
#define DOCTOR_HOSTS_MAX	33

/**
 * struct doctor_host - a host that the configuration asks for
 * @name:	of its section, "core" for core's
 * @id:		provider id, 0 of core
 * @user:	that it is to run as, "": core's
 * @may_be_absent: it is done without when there is no TPM
 */
struct doctor_host {
	char name[64];
	uint8_t id;
	char user[33];
	bool may_be_absent;
};

/**
 * struct doctor - one examination
 * @ctl:	context
 * @json:	document, when one is printed
 * @problems:	so far
 * @state_dir:	where the service keeps its state
 * @sandbox:	what it says of the sandbox
 * @hosts:	of the configuration, core first; @host_count is 0 when it cannot be read
 */
struct doctor {
	struct ctl *ctl;
	struct json json;
	unsigned int problems;
	char state_dir[256];
	char sandbox[16];
	struct doctor_host hosts[DOCTOR_HOSTS_MAX];
	size_t host_count;
};

/** enum finding - the result of one check */
enum finding {
	FOUND_OK,
	FOUND_PROBLEM,
	FOUND_UNKNOWN,		/* could not be looked at, which is no problem */
	FOUND_DETAIL,		/* more about the problem before it */
};

/**
 * doctor_say() - one line
 * @what:	what was looked at
 * @advice:	what to do about a problem, or NULL
 * @format:	what was found
 */
void doctor_say(struct doctor *doctor, enum finding finding, const char *what,
		const char *advice, const char *format, ...)
	__attribute__((format(printf, 5, 6)));

/* doctor_files.c: what needs no service; the configuration comes first */
void doctor_configuration(struct doctor *doctor);
void doctor_state(struct doctor *doctor);
void doctor_audit(struct doctor *doctor);

/* doctor_try.c */
int doctor_try(struct parsec *parsec, const char **step);

/* doctor_counts.c: of a service that answers */
void doctor_counts(struct doctor *doctor);

/* doctor_keys.c: of a service that answers an administrator */
void doctor_keys(struct doctor *doctor);

/* doctor_system.c */
void doctor_module(struct doctor *doctor);
void doctor_kernel_log(struct doctor *doctor);

/* doctor_hosts.c; after the configuration */
void doctor_hosts(struct doctor *doctor);

#endif /* PARSECCTL_DOCTOR_H */
