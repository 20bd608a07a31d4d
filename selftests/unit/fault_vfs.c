// SPDX-License-Identifier: Apache-2.0
/*
 * A file system for SQLite that dies or fails at a given write (fault_vfs.h).
 */
#include "selftests/unit/fault_vfs.h"

#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include <sqlite3.h>

#include "selftests/unit/fault_disk.h"

#define SECTOR	512

struct fault fault;

static sqlite3_vfs *base;

/* Our part of a file; the file of the real file system follows it */
struct file {
	sqlite3_file public;
	struct disk_file *disk;	/* where the power is to be cut, else NULL */
	sqlite3_file real[];
};

static sqlite3_file *real(sqlite3_file *file)
{
	return ((struct file *)file)->real;
}

static struct disk_file *disk(sqlite3_file *file)
{
	return ((struct file *)file)->disk;
}

static void die(void)
{
	if (fault.power_seed)
		disk_cut(fault.power_seed + 1000 * (unsigned int)fault.events);
	kill(getpid(), SIGKILL);
}

/* Count; true when this one is to fail */
static bool event(void)
{
	fault.events++;
	if (fault.kill_at && fault.events == fault.kill_at)
		die();
	if (!fault.fail_at)
		return false;
	return fault.fail_on ? fault.events >= fault.fail_at : fault.events == fault.fail_at;
}

void fault_event(const char *what)
{
	event();
}

static int file_close(sqlite3_file *file)
{
	return real(file)->pMethods->xClose(real(file));
}

static int file_read(sqlite3_file *file, void *to, int len, sqlite3_int64 at)
{
	return real(file)->pMethods->xRead(real(file), to, len, at);
}

/* What the caller of a failing call gets */
static int failure(int usual)
{
	return fault.fail_with ? fault.fail_with : usual;
}

static int torn(int len)
{
	switch (fault.tear) {
	case FAULT_TEAR_HALF:
		return len / 2;
	case FAULT_TEAR_SECTORS:
		return len / 2 / SECTOR * SECTOR;
	case FAULT_TEAR_ALL_BUT_ONE_BYTE:
		return len - 1;
	default:
		return 1;
	}
}

static int file_write(sqlite3_file *file, const void *from, int len, sqlite3_int64 at)
{
	if (disk(file))
		disk_write(disk(file), from, (size_t)len, (size_t)at);
	if (++fault.writes == fault.tear_at) {
		real(file)->pMethods->xWrite(real(file), from, torn(len), at);
		die();
	}
	/* Half of it is there when the disk is full */
	if (event()) {
		real(file)->pMethods->xWrite(real(file), from, len / 2, at);
		return failure(SQLITE_FULL);
	}
	return real(file)->pMethods->xWrite(real(file), from, len, at);
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size)
{
	if (disk(file))
		disk_truncate(disk(file), (size_t)size);
	if (event())
		return failure(SQLITE_IOERR_TRUNCATE);
	return real(file)->pMethods->xTruncate(real(file), size);
}

static int file_sync(sqlite3_file *file, int flags)
{
	if (event())
		return failure(SQLITE_IOERR_FSYNC);
	if (disk(file))
		disk_sync(disk(file));
	return real(file)->pMethods->xSync(real(file), flags);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size)
{
	return real(file)->pMethods->xFileSize(real(file), size);
}

static int file_lock(sqlite3_file *file, int lock)
{
	return real(file)->pMethods->xLock(real(file), lock);
}

static int file_unlock(sqlite3_file *file, int lock)
{
	return real(file)->pMethods->xUnlock(real(file), lock);
}

static int file_check_lock(sqlite3_file *file, int *result)
{
	return real(file)->pMethods->xCheckReservedLock(real(file), result);
}

static int file_control(sqlite3_file *file, int op, void *arg)
{
	return real(file)->pMethods->xFileControl(real(file), op, arg);
}

static int file_sector_size(sqlite3_file *file)
{
	return real(file)->pMethods->xSectorSize(real(file));
}

static int file_characteristics(sqlite3_file *file)
{
	return real(file)->pMethods->xDeviceCharacteristics(real(file));
}

/* Version 1: without shared memory, which an exclusive lock does not need */
static const sqlite3_io_methods methods = {
	.iVersion = 1,
	.xClose = file_close,
	.xRead = file_read,
	.xWrite = file_write,
	.xTruncate = file_truncate,
	.xSync = file_sync,
	.xFileSize = file_size,
	.xLock = file_lock,
	.xUnlock = file_unlock,
	.xCheckReservedLock = file_check_lock,
	.xFileControl = file_control,
	.xSectorSize = file_sector_size,
	.xDeviceCharacteristics = file_characteristics,
};

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags,
		    int *out_flags)
{
	struct disk_file *model = fault.power_seed && name ? disk_open(name) : NULL;
	int rc = base->xOpen(base, name, real(file), flags, out_flags);

	((struct file *)file)->disk = model;
	file->pMethods = rc == SQLITE_OK ? &methods : NULL;
	return rc;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
	if (event())
		return failure(SQLITE_IOERR_DELETE);
	disk_delete(name);
	return base->xDelete(base, name, sync);
}

void fault_install(void)
{
	static sqlite3_vfs vfs;

	base = sqlite3_vfs_find(NULL);
	vfs = *base;
	vfs.zName = "fault";
	vfs.szOsFile = (int)sizeof(struct file) + base->szOsFile;
	vfs.xOpen = vfs_open;
	vfs.xDelete = vfs_delete;
	sqlite3_vfs_register(&vfs, 1);
}
