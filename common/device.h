/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device of a file as the kernel's facts about processes name it: the number in one
 * piece, and where it can be seen. Shared by the helper and parsecctl.
 */
#ifndef PARSEC_DEVICE_H
#define PARSEC_DEVICE_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Highest numbers that a device has */
#define DEVICE_MAJOR_MAX	0xfffU
#define DEVICE_MINOR_MAX	0xfffffU

/** device_pack() - a device's number, as the kernel's new_encode_dev() packs it */
static inline uint64_t device_pack(unsigned int major, unsigned int minor)
{
	return (minor & 0xff) | (uint64_t)major << 8 | (uint64_t)(minor & ~0xffU) << 12;
}

/** device_major(), device_minor() - its parts */
static inline unsigned int device_major(uint64_t device)
{
	return (unsigned int)(device >> 8 & DEVICE_MAJOR_MAX);
}

static inline unsigned int device_minor(uint64_t device)
{
	return (unsigned int)((device & 0xff) | (device >> 12 & 0xfff00));
}

/**
 * device_of_mount() - the device of the file system that a file is on
 * @mountinfo:	/proc/PID/mountinfo, or NULL when it could not be opened
 * @mount:	the mount's id, from statx() of the file
 *
 * It is not always the st_dev of stat(), which some file systems make up, but what their
 * mounts show, and what the kernel knows an executable by.
 *
 * Return: false when there is no such mount.
 */
bool device_of_mount(FILE *mountinfo, uint64_t mount, uint64_t *device);

#endif /* PARSEC_DEVICE_H */
