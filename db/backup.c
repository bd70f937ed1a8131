/*
 * A copy of a living database: SQLite's backup in a single step sees one moment, and stops nobody from writing.
 */
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "db/connection.h"

static int copy_pages(struct db *from, struct db *to)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->sqlite, "main", from->sqlite, "main");

    if (backup == NULL)
        return connection_failure(to);
    sqlite3_backup_step(backup, -1);
    return sqlite3_backup_finish(backup) == SQLITE_OK ? 0 : connection_failure(to);
}

static int sync_path(const char *path, int flags)
{
    int descriptor = open(path, flags | O_CLOEXEC), status = 0;

    if (descriptor < 0 || fsync(descriptor) < 0)
        status = fail_errno(errno, "cannot sync %s", path);
    if (descriptor >= 0)
        close(descriptor);
    return status;
}

static int move_into_place(const char *temporary, const char *target)
{
    int moved = renameat2(AT_FDCWD, temporary, AT_FDCWD, target, RENAME_NOREPLACE);

    if (moved < 0 && (errno == EINVAL || errno == ENOSYS)) /* this file system cannot refuse to replace */
        moved = access(target, F_OK) == 0 ? (errno = EEXIST, -1) : rename(temporary, target);
    if (moved < 0 && errno == EEXIST)
        return fail(ERR_CONFLICT, "%s exists already: name another file", target);
    return moved < 0 ? fail_errno(errno, "cannot write %s", target) : 0;
}

static int copy_to(struct db *db, const char *temporary)
{
    struct db *copy = NULL;

    TRY(connection_open(temporary, DB_OWNER, &copy));
    int status = copy_pages(db, copy);
    db_close(copy);
    return status < 0 ? status : sync_path(temporary, O_RDONLY);
}

int db_backup(struct db *db, const char *target)
{
    if (access(target, F_OK) == 0)
        return fail(ERR_CONFLICT, "%s exists already: name another file", target);
    char *temporary = xasprintf("%s.XXXXXX", target), *directory = file_directory(target);
    int descriptor = mkstemp(temporary), status;

    if (descriptor < 0) {
        status = fail_errno(errno, "cannot write %s", target);
        goto out;
    }
    close(descriptor);
    status = copy_to(db, temporary);
    if (status == 0)
        status = move_into_place(temporary, target);
    if (status == 0)
        status = sync_path(directory, O_RDONLY | O_DIRECTORY);
    else
        unlink(temporary);
out:
    free(directory);
    free(temporary);
    return status;
}
