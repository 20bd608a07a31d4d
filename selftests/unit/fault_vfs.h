/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deaths and disk errors at every step of the key store: its own steps, each write
 * and sync of SQLite, and each change in the fake backend are events, and the
 * process is killed, or SQLite told that the disk is full, at the one asked for.
 */
#ifndef UNIT_FAULT_VFS_H
#define UNIT_FAULT_VFS_H

#include <stdbool.h>

/**
 * struct fault - what happens at which event
 * @kill_at:	event at which the process kills itself; 0 for none
 * @fail_at:	first write or sync that fails; 0 for none
 * @fail_on:	also those after it fail
 * @events:	events so far
 */
struct fault {
	int kill_at;
	int fail_at;
	bool fail_on;
	int events;
};

extern struct fault fault;

/* Put between SQLite and the file system, once */
void fault_install(void);

/* An event outside SQLite */
void fault_event(const char *what);

#endif /* UNIT_FAULT_VFS_H */
