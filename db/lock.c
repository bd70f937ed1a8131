/*
 * Who owns a database: an open-file-description lock on <database>.lock, which holds the owner's pid as text.
 *
 * Such a lock belongs to the open file, not to the process, so it ends with it however it ends, and two opens conflict even
 * within one process. The file itself stays: removing it would let two owners lock two files of one name.
 */
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/number.h"
#include "base/status.h"

struct db_lock {
    int descriptor;
};

/* <database>.lock by the database's real path, so that links to it lead to one lock. Newly allocated; NULL with errno. */
static char *lock_path(const char *path)
{
    char real[PATH_MAX];

    if (realpath(path, real) != NULL)
        return xasprintf("%s.lock", real);
    if (errno != ENOENT)
        return NULL;
    char *directory = file_directory(path), *lock = NULL;
    const char *slash = strrchr(path, '/');
    if (realpath(directory, real) != NULL)
        lock = xasprintf("%s/%s.lock", real, slash ? slash + 1 : path);
    free(directory);
    return lock;
}

static int64_t read_holder(int descriptor)
{
    char text[24] = { 0 };
    int64_t pid = 0;

    if (pread(descriptor, text, sizeof text - 1, 0) <= 0 || !number_parse_integer(text, &pid))
        return 0;
    return pid;
}

static int write_holder(int descriptor)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%lld", (long long)getpid());

    if (ftruncate(descriptor, 0) < 0 || pwrite(descriptor, text, (size_t)length, 0) != length)
        return -1;
    return 0;
}

static int take(int descriptor, const char *path, int64_t *holder)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    if (fcntl(descriptor, F_OFD_SETLK, &whole) < 0) {
        if (errno != EAGAIN && errno != EACCES)
            return fail_errno(errno, "cannot lock %s", path);
        int64_t pid = read_holder(descriptor);
        if (holder != NULL)
            *holder = pid;
        return fail(ERR_CONFLICT, "another process (pid %lld) owns the database of %s", (long long)pid, path);
    }
    return write_holder(descriptor) < 0 ? fail_errno(errno, "cannot write %s", path) : 0;
}

int db_lock(const char *path, struct db_lock **lock, int64_t *holder)
{
    char *directory = file_directory(path), *name = NULL;
    int descriptor = -1, status = file_make_directories(directory, 0700);

    *lock = NULL;
    if (status < 0)
        goto out;
    name = lock_path(path);
    if (name == NULL) {
        status = fail_errno(errno, "cannot find %s", path);
        goto out;
    }
    descriptor = open(name, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    status = descriptor < 0 ? fail_errno(errno, "cannot open %s", name) : take(descriptor, name, holder);
    if (status == 0) {
        *lock = xcalloc(1, sizeof **lock);
        (*lock)->descriptor = descriptor;
        descriptor = -1;
    }
out:
    if (descriptor >= 0)
        close(descriptor);
    free(name);
    free(directory);
    return status;
}

void db_unlock(struct db_lock *lock)
{
    struct flock whole = { .l_type = F_UNLCK, .l_whence = SEEK_SET };

    if (lock == NULL)
        return;
    /* A child that was forked and not yet exec'ed holds the same lock: closing alone would not end it. */
    fcntl(lock->descriptor, F_OFD_SETLK, &whole);
    close(lock->descriptor);
    free(lock);
}
