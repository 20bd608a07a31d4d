/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the provider of stops.c has written down.
 */
#ifndef SELFTESTS_DEATHS_LEDGER_H
#define SELFTESTS_DEATHS_LEDGER_H

/**
 * struct ledger - since there is the provider
 * @created:	calls of create()
 * @destroyed:	calls of destroy()
 * @signed_:	calls of sign()
 * @keys:	made and not destroyed since
 */
struct ledger {
	unsigned int created;
	unsigned int destroyed;
	unsigned int signed_;
	unsigned int keys;
};

/** ledger_read() - of a provider; all zero when there is none */
void ledger_read(struct ledger *ledger, const char *provider);

#endif /* SELFTESTS_DEATHS_LEDGER_H */
