/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One parsecd at a time for a state directory.
 */
#ifndef PARSEC_INSTANCE_H
#define PARSEC_INSTANCE_H

#include <stdbool.h>

/* Seconds in which another parsecd has ended that was asked to */
#define INSTANCE_END_S	30

/**
 * instance_claim() - be the one
 * @state_dir:	is made when it is not there; the claim is a lock on a file in it, which
 *		ends with the process
 * @takeover:	if there is one already, ask it to end and wait until it has
 *
 * Return: false after a log line.
 */
bool instance_claim(const char *state_dir, bool takeover);

#endif /* PARSEC_INSTANCE_H */
