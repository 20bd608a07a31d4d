/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rules in force, which change while a host serves: everybody takes the ones of the
 * moment and keeps them for as long as they are looked at. Safe from any thread.
 */
#ifndef PARSEC_RULEBOOK_H
#define PARSEC_RULEBOOK_H

#include "helper/config.h"

struct rulebook;

/**
 * rulebook_new() - start with the rules and administrators of a configuration
 * @config:	a reference of its own is taken
 *
 * Return: NULL without memory.
 */
struct rulebook *rulebook_new(struct config *config);

/** rulebook_free() - NULL is fine */
void rulebook_free(struct rulebook *book);

/**
 * rulebook_get() - the configuration whose rules are in force
 * @generation:	how often they have been replaced
 *
 * Return: a reference, to be given back with config_free().
 */
struct config *rulebook_get(struct rulebook *book, unsigned int *generation);

/**
 * rulebook_set() - replace them
 * @config:	the caller's reference becomes the rulebook's
 *
 * Return: the new generation.
 */
unsigned int rulebook_set(struct rulebook *book, struct config *config);

/** rulebook_is_empty() - are there no rules? Without a rulebook there are none */
bool rulebook_is_empty(const struct rulebook *book);

#endif /* PARSEC_RULEBOOK_H */
