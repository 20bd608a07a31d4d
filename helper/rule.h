/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rules of the configuration: which processes are which application, and what they may
 * do. A rule is a row of conditions, all of which must hold, and what then follows.
 */
#ifndef PARSEC_RULE_H
#define PARSEC_RULE_H

#include <parsec/identity.h>

#include "helper/config.h"

/* Bytes of what rule_explain() writes, with its NUL; longer texts are cut */
#define RULE_TEXT_MAX	512

/** rule_matches() - do all conditions of a rule hold? */
bool rule_matches(const struct rule *rule, const struct parsec_facts *facts);

/** rule_find() - the first rule that matches, or NULL */
const struct rule *rule_find(const struct config *config, const struct parsec_facts *facts);

/**
 * rule_limits() - the limits of the kernel's account that a process belongs to
 *
 * The kernel counts for all with the same user, user namespace and cgroup together. Rules
 * may tell them apart by other facts, as by their executables, and give them different
 * limits: the smallest holds for all of them, whoever comes last.
 *
 * Return: 0 for a limit that none of these rules has.
 */
struct parsec_limits rule_limits(const struct config *config, const struct parsec_facts *facts);

/**
 * rule_explain() - why a rule matches or not, in words
 * @text:	which conditions hold, or the first that does not and what is there instead
 *
 * Return: as rule_matches().
 */
bool rule_explain(const struct rule *rule, const struct parsec_facts *facts,
		  char text[RULE_TEXT_MAX]);

/** rule_provider() - may a provider of this id be used? */
bool rule_provider(const struct rule *rule, uint8_t id);

/** rule_operation() - may this operation be performed? */
bool rule_operation(const struct rule *rule, uint8_t opcode);

#endif /* PARSEC_RULE_H */
