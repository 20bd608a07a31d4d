/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the two halves of the test machine's first process share.
 */

#ifndef PARSEC_VM_GUEST_H
#define PARSEC_VM_GUEST_H

#include <stdbool.h>
#include <stddef.h>

/* The folder shared with tools/vm/run: what to do comes in, how it went goes out */
#define SHARE "/run/vm"

/*
 * What tools/vm/run asks for: the file "session" in the shared folder, lines of
 * name=value; the command and its environment are in "argv" and "env", each string
 * ended by a zero byte.
 */
struct session {
	char *dir;		/* the repository: where the command starts */
	char *build;		/* its build folder */
	char *kernel;		/* folder of the kernel's own modules, or NULL */
	char *config;		/* configuration for parsecd, or NULL for the default */
	bool module;		/* load parsec.ko */
	bool helper;		/* start parsecd */
	bool systemd;		/* with systemd as the first process */
	bool leaks;		/* look for leaked memory, if the kernel can */
};

/* init.c */

/* Give up: say why, in the shared folder if it is there, and power off */
void fail(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

/* Load a module, with no parameters; -1 and errno when it does not load */
int load_module(const char *path);

/* Read a whole file, with a zero byte behind it; NULL and errno when it cannot be */
char *read_file(const char *path, size_t *len);

/* leaks.c */

/* Can this kernel tell which memory nobody points to any more? */
bool can_find_leaks(void);

/*
 * Add what was leaked to the file "leaks" in the shared folder. What is younger than some
 * seconds is not looked at: @wait for that first.
 */
void find_leaks(bool wait);

/* session.c */

/* Run the command with what it needs around it; returns its exit status */
int run_session(const struct session *s);

#endif
