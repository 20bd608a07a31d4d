/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a process of the service can still do once it has given up its privileges
 * (privileges.h): which files it can open, and which system calls it can make.
 *
 * The tables are in sandbox_files.c and sandbox_calls.c, in words they are in
 * Documentation/sandbox.rst.
 */
#ifndef PARSEC_SANDBOX_H
#define PARSEC_SANDBOX_H

#include "helper/config.h"

/**
 * struct sandbox - what a host is to be left with
 * @mode:	what to do where the kernel lacks something
 * @state_dir:	its keys, NULL: it has none
 * @socket_dir:	directory of its inner socket, NULL: it has none
 * @library_dir: directory of the provider's library, NULL: it is built in
 * @devices:	device nodes, to read and write; NULL: none
 * @paths:	files and directories to read; NULL: none
 * @writable:	files and directories to read and write; NULL: none
 * @network:	sockets that it may open
 */
struct sandbox {
	enum config_sandbox mode;
	const char *state_dir;
	const char *socket_dir;
	const char *library_dir;
	const struct config_list *devices;
	const struct config_list *paths;
	const struct config_list *writable;
	enum config_network network;
};

/**
 * sandbox_files() - from here on, open nothing else (Landlock)
 *
 * For this thread and threads that it starts; after privileges_lock(), which is what
 * lets an ordinary user do this.
 *
 * Return: 0; or, after a log line, -EOPNOTSUPP when the kernel has no Landlock and the
 * mode asks for it, another negative errno when a configured path is not there. A device that
 * is not there is no error (device_nodes.h).
 */
int sandbox_files(const struct sandbox *sandbox);

/**
 * sandbox_calls() - from here on, make no other system calls (seccomp)
 *
 * For all threads of the process. What is not in the list answers ENOSYS, what an
 * intruder would try next ends the process with SIGSYS.
 *
 * Return: false after a log line.
 */
bool sandbox_calls(const struct sandbox *sandbox);

/**
 * sandbox_supervisor() - what neither parsecd nor any of its children ever does
 * @mode:	as in struct sandbox
 *
 * A list of what is refused, not of what is allowed: the children start as root and
 * run programs. Ends the process that tries with SIGSYS. Does nothing without root.
 */
bool sandbox_supervisor(enum config_sandbox mode);

#endif /* PARSEC_SANDBOX_H */
