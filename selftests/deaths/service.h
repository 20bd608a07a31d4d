/* SPDX-License-Identifier: Apache-2.0 */
/*
 * parsecd and its hosts, as a whole: started, killed, waited for.
 */
#ifndef SELFTESTS_DEATHS_SERVICE_H
#define SELFTESTS_DEATHS_SERVICE_H

#include <stdbool.h>
#include <sys/types.h>

/** service_start() - Return: false when there cannot be a process */
bool service_start(const char *config);

/** service_stop() - as a service manager does. Return: whether it ended well */
bool service_stop(void);

/** service_kill() - with its hosts, as those do not outlive it */
void service_kill(void);

/** service_kill_hosts() - all of them, core too. Return: how many there were */
int service_kill_hosts(void);

/** service_host() - process of the host of a provider, 0: none */
pid_t service_host(const char *provider);

#endif /* SELFTESTS_DEATHS_SERVICE_H */
