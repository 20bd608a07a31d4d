/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device of a file as the kernel's facts about processes name it, the number in one piece.
 * Shared by the helper and parsecctl.
 */
#ifndef PARSEC_DEVICE_H
#define PARSEC_DEVICE_H

#include <stdint.h>

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

#endif /* PARSEC_DEVICE_H */
