/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stand-in for parsec-host that does what a test tells it: the test's own program,
 * started by parsecd under that name.
 *
 * What to do is in the file STATE_DIR/NAME when the host starts:
 *
 *	ready		get ready, stop when told
 *	slow		the same, but only after 300 ms
 *	brief		ready, ends with 1 at once
 *	stubborn	ready, does not stop when told
 *	fixed		ready, refuses new rules
 *	inspect		ready, and tell what it was given
 *	die		end with status 1
 *	refuse		end with HOST_EXIT_REFUSED
 *	nomodule	end with HOST_EXIT_NO_MODULE
 *
 * What it does is appended to STATE_DIR/events, a line each: NAME EVENT MILLISECONDS.
 */
#ifndef FAKE_HOST_H
#define FAKE_HOST_H

/** fake_host() - main program of the stand-in */
int fake_host(int argc, char **argv);

#endif /* FAKE_HOST_H */
