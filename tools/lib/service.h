/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libparsec: questions that only this service answers, as they are not in the Parsec
 * contract. Included by <parsec/parsec.h>.
 */
#ifndef PARSEC_SERVICE_H
#define PARSEC_SERVICE_H

#include <parsec/comparison.h>
#include <parsec/identity.h>
#include <parsec/stats.h>
#include <parsec/status.h>
#include <parsec/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma GCC visibility push(default)

struct parsec;

/**
 * struct parsec_explanation - who a process is to the service, and why
 * @facts:	what is known about the process
 * @decision:	what the service makes of it
 * @verdicts:	what each rule of the configuration makes of it, in the order of the
 *		file, up to the one that matches; parsec_explain() only
 * @verdict_count: how many
 */
struct parsec_explanation {
	struct parsec_facts facts;
	struct parsec_decision decision;
	const struct parsec_verdict *verdicts;
	size_t verdict_count;
};

/**
 * parsec_who_am_i() - who is the caller to the service?
 * @ctx:	context; what counts is who opened it
 * @explanation: the answer, to be freed with parsec_free_explanation()
 *
 * Everybody may ask, those too whom the service gives no name or denies everything.
 *
 * Return: 0, a status or a negative errno; PARSEC_OPCODE_DOES_NOT_EXIST from a service
 * that is older than this operation.
 */
int parsec_who_am_i(struct parsec *ctx, struct parsec_explanation **explanation);

/**
 * parsec_explain() - who would a process be to the service, and why?
 * @ctx:	context of an administrator
 * @facts:	what is known about the process
 * @explanation: the answer, to be freed with parsec_free_explanation()
 *
 * Return: 0, PARSEC_ADMIN_OPERATION, another status or a negative errno.
 */
int parsec_explain(struct parsec *ctx, const struct parsec_facts *facts,
		   struct parsec_explanation **explanation);

/** parsec_free_explanation() - NULL is fine */
void parsec_free_explanation(struct parsec_explanation *explanation);

/**
 * parsec_get_stats() - what has the service counted?
 * @ctx:	context
 * @stats:	the answer, to be freed with parsec_free_stats(): an administrator's is about
 *		everybody, that of others about themselves
 *
 * Return: 0, a status or a negative errno; PARSEC_OPCODE_DOES_NOT_EXIST from a service
 * that is older than this operation.
 */
int parsec_get_stats(struct parsec *ctx, const struct parsec_stats **stats);

/** parsec_free_stats() - NULL is fine */
void parsec_free_stats(const struct parsec_stats *stats);

/**
 * parsec_compare_keys() - do names and the keys of backends agree?
 * @ctx:	context of an administrator
 * @details:	also tell which names have no key, and which keys have no name: names of all
 *		applications are among them
 * @comparison:	the answer, to be freed with parsec_free_comparison()
 *
 * It takes time in proportion to the number of keys. Nothing is changed.
 *
 * Return: 0, PARSEC_ADMIN_OPERATION, another status or a negative errno;
 * PARSEC_OPCODE_DOES_NOT_EXIST from a service that is older than this operation.
 */
int parsec_compare_keys(struct parsec *ctx, bool details,
			const struct parsec_comparison **comparison);

/** parsec_free_comparison() - NULL is fine */
void parsec_free_comparison(const struct parsec_comparison *comparison);

#pragma GCC visibility pop

#ifdef __cplusplus
}
#endif

#endif /* PARSEC_SERVICE_H */
