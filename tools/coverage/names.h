/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the numbers of a capability are called.
 */
#ifndef COVERAGE_NAMES_H
#define COVERAGE_NAMES_H

#include "providers/provider.h"

/* Each ends the program when there is no name: a page without it would be wrong */
const char *name_type(unsigned int type);
const char *name_hash(unsigned int hash);

/** name_alg() - of the algorithm that a policy may name */
const char *name_alg(const struct parsec_capability *cap);

/* Longest that name_sizes() makes, with its NUL */
#define NAME_SIZES_MAX	128

/** name_sizes() - sizes in bits, ascending, after the family of curves */
void name_sizes(const struct parsec_capability *cap, char text[NAME_SIZES_MAX]);

#endif /* COVERAGE_NAMES_H */
