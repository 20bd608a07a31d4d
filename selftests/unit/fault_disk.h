/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A model of what is on the disk when the power goes: what was synced, and of what was
 * written since an arbitrary part.
 */
#ifndef UNIT_FAULT_DISK_H
#define UNIT_FAULT_DISK_H

#include <stddef.h>

struct disk_file;

/* Follow a file from now on; what it has now counts as synced */
struct disk_file *disk_open(const char *path);
void disk_write(struct disk_file *file, const void *data, size_t len, size_t at);
void disk_truncate(struct disk_file *file, size_t len);
void disk_sync(struct disk_file *file);
void disk_delete(const char *path);

/* Make the files what they could be after the power has gone; an arbitrary way of it */
void disk_cut(unsigned int seed);

#endif /* UNIT_FAULT_DISK_H */
