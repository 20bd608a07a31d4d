/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory with an audit chain in it, for tests: making it, changing it behind the
 * service's back, and asking parsecctl's check about it.
 */
#ifndef UNIT_AUDIT_DIR_H
#define UNIT_AUDIT_DIR_H

#include "helper/audit_chain.h"
#include "tools/parsecctl/audit_check.h"

/* Limits under which nothing rotates */
extern const struct audit_limits audit_large;

/** audit_dir_make() - a new one, in memory if possible; aborts when it cannot */
void audit_dir_make(char path[static 64]);
void audit_dir_remove(const char *path);

/** audit_dir_copy() - copy all files into another directory */
void audit_dir_copy(const char *from, const char *to);

/** audit_dir_append() - open, append so many lines, close; aborts when it cannot */
void audit_dir_append(const char *path, const struct audit_limits *limits,
		      unsigned int lines);

/** audit_dir_file() - name of the n-th file of lines; of the last but n-1 when negative */
const char *audit_dir_file(const char *path, int n);

/** audit_dir_read() - content of a file, with a NUL; to be freed */
char *audit_dir_read(const char *path, const char *file);
void audit_dir_write(const char *path, const char *file, const char *text);

/** audit_dir_is_sound() - does the check find nothing? Prints what it finds */
bool audit_dir_is_sound(const char *path);

#endif /* UNIT_AUDIT_DIR_H */
