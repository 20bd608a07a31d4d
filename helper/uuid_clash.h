/* SPDX-License-Identifier: Apache-2.0 */
/*
 * That no two providers of a configuration have one UUID.
 */
#ifndef PARSEC_UUID_CLASH_H
#define PARSEC_UUID_CLASH_H

#include "helper/config_file.h"

/* Milliseconds for libraries to say their UUIDs, all of them together */
#define UUID_CLASH_PATIENCE	5000

/**
 * uuids_are_distinct() - has each provider of a configuration a UUID of its own?
 * @file:	the configuration
 * @program:	parsec-host, which loads the library of each section that names no UUID
 *		and says the library's; the caller loads none
 * @provider_dir: overrides the configuration's; NULL: does not
 * @errors:	gets a line for each clash
 *
 * A library that does not say its UUID clashes with nobody: its host will not start
 * either, and says why. Waits for at most UUID_CLASH_PATIENCE.
 *
 * Return: false after at least one line on @errors or in the log.
 */
bool uuids_are_distinct(const struct config_file *file, const char *program,
			const char *provider_dir, FILE *errors);

#endif /* PARSEC_UUID_CLASH_H */
