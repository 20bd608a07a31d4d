/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The service's log: one line a message on standard error, which systemd hands
 * to the journal. Key material, PINs and bodies are never logged; names of keys
 * and applications only when log_details() says that the operator wants them.
 */
#ifndef PARSEC_LOG_H
#define PARSEC_LOG_H

#include "providers/provider.h"

/**
 * log_init() - before other threads run; again when the level changes
 * @ident:	stands in front of every line, e.g. "parsecd" or "software"
 * @level:	the least important level that is still written
 * @details:	the operator wants names
 */
void log_init(const char *ident, enum parsec_log_level level, bool details);

/** log_details() - may lines name keys and applications? */
bool log_details(void);

void log_write(enum parsec_log_level level, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#define log_error(...)	log_write(PARSEC_LOG_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(PARSEC_LOG_WARNING, __VA_ARGS__)
#define log_info(...)	log_write(PARSEC_LOG_INFO, __VA_ARGS__)
#define log_debug(...)	log_write(PARSEC_LOG_DEBUG, __VA_ARGS__)

#endif /* PARSEC_LOG_H */
