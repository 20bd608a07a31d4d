/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Telling the service manager how things are: sd_notify(3) without its library.
 */
#ifndef PARSEC_SD_H
#define PARSEC_SD_H

/**
 * sd_init() - take the manager's socket from the environment
 *
 * Removes it there. Without one sd_notify() does nothing.
 */
void sd_init(void);

/**
 * sd_notify() - send a state to the manager
 * @format:	NAME=VALUE, one a line
 */
void sd_notify(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif /* PARSEC_SD_H */
