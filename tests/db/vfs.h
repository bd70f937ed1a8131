/*
 * A disk that fails when told to: a VFS over SQLite's own that counts writes and syncs, and fails some of them.
 */
#ifndef HONE_TESTS_DB_VFS_H
#define HONE_TESTS_DB_VFS_H

#include <sqlite3.h>
#include <stdatomic.h>

#include "tests/test.h"

enum fault { NO_FAULT, FULL_DISK, FAILING_WRITE, FAILING_SYNC, N_FAULTS };

static struct {
    _Atomic int fault;
    _Atomic int countdown; /* calls of the fault's kind that still succeed */
    _Atomic int n_failed, n_syncs, n_log_syncs;
} disk;

struct disk_file {
    sqlite3_file base;
    bool is_log;
    sqlite3_file *real; /* lies behind */
};

static inline sqlite3_file *disk_real(sqlite3_file *file)
{
    return ((struct disk_file *)file)->real;
}

/* From the n-th call on a full disk refuses; a failing write or sync fails once. */
static inline bool disk_fails(enum fault kind)
{
    if (disk.fault != (int)kind || atomic_fetch_sub(&disk.countdown, 1) > 0)
        return false;
    if (kind != FULL_DISK)
        disk.fault = NO_FAULT;
    disk.n_failed++;
    return true;
}

static inline int disk_write(sqlite3_file *file, const void *bytes, int n, sqlite3_int64 at)
{
    if (disk_fails(FULL_DISK))
        return SQLITE_FULL;
    if (disk_fails(FAILING_WRITE))
        return SQLITE_IOERR_WRITE;
    return disk_real(file)->pMethods->xWrite(disk_real(file), bytes, n, at);
}

static inline int disk_sync(sqlite3_file *file, int flags)
{
    disk.n_syncs++;
    disk.n_log_syncs += ((struct disk_file *)file)->is_log;
    if (disk_fails(FAILING_SYNC))
        return SQLITE_IOERR_FSYNC;
    return disk_real(file)->pMethods->xSync(disk_real(file), flags);
}

static inline int disk_close(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xClose(disk_real(file));
}

static inline int disk_read(sqlite3_file *file, void *bytes, int n, sqlite3_int64 at)
{
    return disk_real(file)->pMethods->xRead(disk_real(file), bytes, n, at);
}

static inline int disk_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return disk_real(file)->pMethods->xTruncate(disk_real(file), size);
}

static inline int disk_size(sqlite3_file *file, sqlite3_int64 *size)
{
    return disk_real(file)->pMethods->xFileSize(disk_real(file), size);
}

static inline int disk_lock(sqlite3_file *file, int lock)
{
    return disk_real(file)->pMethods->xLock(disk_real(file), lock);
}

static inline int disk_unlock(sqlite3_file *file, int lock)
{
    return disk_real(file)->pMethods->xUnlock(disk_real(file), lock);
}

static inline int disk_reserved(sqlite3_file *file, int *is_reserved)
{
    return disk_real(file)->pMethods->xCheckReservedLock(disk_real(file), is_reserved);
}

static inline int disk_control(sqlite3_file *file, int operation, void *argument)
{
    return disk_real(file)->pMethods->xFileControl(disk_real(file), operation, argument);
}

static inline int disk_sector(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xSectorSize(disk_real(file));
}

static inline int disk_device(sqlite3_file *file)
{
    return disk_real(file)->pMethods->xDeviceCharacteristics(disk_real(file));
}

static inline int disk_shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **memory)
{
    return disk_real(file)->pMethods->xShmMap(disk_real(file), region, size, extend, memory);
}

static inline int disk_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return disk_real(file)->pMethods->xShmLock(disk_real(file), offset, n, flags);
}

static inline void disk_shm_barrier(sqlite3_file *file)
{
    disk_real(file)->pMethods->xShmBarrier(disk_real(file));
}

static inline int disk_shm_unmap(sqlite3_file *file, int remove)
{
    return disk_real(file)->pMethods->xShmUnmap(disk_real(file), remove);
}

static const sqlite3_io_methods disk_methods = {
    .iVersion = 2,
    .xClose = disk_close,
    .xRead = disk_read,
    .xWrite = disk_write,
    .xTruncate = disk_truncate,
    .xSync = disk_sync,
    .xFileSize = disk_size,
    .xLock = disk_lock,
    .xUnlock = disk_unlock,
    .xCheckReservedLock = disk_reserved,
    .xFileControl = disk_control,
    .xSectorSize = disk_sector,
    .xDeviceCharacteristics = disk_device,
    .xShmMap = disk_shm_map,
    .xShmLock = disk_shm_lock,
    .xShmBarrier = disk_shm_barrier,
    .xShmUnmap = disk_shm_unmap,
};

static inline int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_out)
{
    struct disk_file *opened = (struct disk_file *)file;
    sqlite3_vfs *real = vfs->pAppData;

    opened->is_log = (flags & SQLITE_OPEN_WAL) != 0;
    opened->real = (sqlite3_file *)(opened + 1);
    int code = real->xOpen(real, name, opened->real, flags, flags_out);
    file->pMethods = opened->real->pMethods != NULL ? &disk_methods : NULL;
    return code;
}

/* Every connection opened from now on lies on this disk. */
static inline void disk_install(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *real = sqlite3_vfs_find(NULL);

    if (vfs.zName != NULL)
        return;
    vfs = *real;
    vfs.zName = "failing";
    vfs.szOsFile = (int)sizeof(struct disk_file) + real->szOsFile;
    vfs.pAppData = real;
    vfs.xOpen = disk_open;
    sqlite3_vfs_register(&vfs, 1);
}

/* The n-th call (from 0) of this kind fails. */
static inline void disk_arm(enum fault fault, int n)
{
    disk.countdown = n;
    disk.n_failed = 0;
    disk.fault = (int)fault;
}

#endif
