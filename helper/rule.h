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
