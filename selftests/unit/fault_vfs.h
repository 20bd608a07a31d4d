/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Deaths and disk errors at every step of the key store: its own steps, each write
 * and sync of SQLite, and each change in the fake backend are events, and the
 * process is killed, the power cut, or SQLite told that the disk is full, at the one
 * asked for.
 */
#ifndef UNIT_FAULT_VFS_H
#define UNIT_FAULT_VFS_H

#include <stdbool.h>

/* How much of the write during which the process dies gets into the file */
enum fault_tear {
	FAULT_TEAR_ONE_BYTE,
	FAULT_TEAR_HALF,
	FAULT_TEAR_SECTORS,		/* half of it, in whole sectors */
	FAULT_TEAR_ALL_BUT_ONE_BYTE,
	FAULT_TEARS
};

/**
 * struct fault - what happens at which event
 * @kill_at:	event at which the process kills itself; 0 for none
 * @tear_at:	write, counted by itself, during which it does; 0 for none
 * @tear:	how much of that write is done
 * @power_seed:	not 0: with the process the power goes. Of what was not synced, an
 *		arbitrary part is on the disk, which the seed and the event determine.
 *		To be set before files are opened
 * @fail_at:	first write or sync that fails; 0 for none
 * @fail_on:	also those after it fail
 * @fail_with:	what SQLite is told; 0 for what a full disk gives
 * @events:	events so far
 * @writes:	writes among them
 */
struct fault {
	int kill_at;
	int tear_at;
	enum fault_tear tear;
	unsigned int power_seed;
	int fail_at;
	bool fail_on;
	int fail_with;
	int events;
	int writes;
};

extern struct fault fault;

/* Put between SQLite and the file system, once */
void fault_install(void);

/* An event outside SQLite */
void fault_event(const char *what);

#endif /* UNIT_FAULT_VFS_H */
