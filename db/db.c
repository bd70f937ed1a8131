/*
 * Connections: opening with all checks, transactions, and what SQLite's failures are called here.
 */
#include "db/db.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/status.h"
#include "db/connection.h"
#include "db/schema.h"

int connection_damaged(const struct db *db, const char *found)
{
    return fail(ERR_CORRUPT,
                "database %s is damaged (%s); it was left as it is: put back a copy made by `hone backup`, "
                "or save what can be read with `sqlite3 %s .recover`",
                db->path, found, db->path);
}

int connection_failure(const struct db *db)
{
    int code = sqlite3_extended_errcode(db->sqlite), system = sqlite3_system_errno(db->sqlite);
    const char *words = sqlite3_errmsg(db->sqlite);

    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        return connection_damaged(db, words);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return fail(ERR_CONFLICT, "database %s: %s by another program", db->path, words);
    case SQLITE_CONSTRAINT:
        if (code == SQLITE_CONSTRAINT_FOREIGNKEY)
            return fail(ERR_NOT_FOUND, "database %s: the experiment, trial or attempt of this row is not there",
                        db->path);
        return fail(code == SQLITE_CONSTRAINT_UNIQUE ? ERR_CONFLICT : ERR_INVALID, "database %s: %s", db->path, words);
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        if (system != 0)
            return fail_errno(system, "database %s: %s", db->path, words);
        break;
    }
    return fail(ERR_IO, "database %s: %s", db->path, words);
}

/* Make an empty file that nobody else can read; SQLite gives its mode to the files beside it. */
static int create_file(const char *path)
{
    int descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600), status = 0;

    if (descriptor < 0)
        return errno == EEXIST ? 0 : fail_errno(errno, "cannot create database %s", path);
    close(descriptor); /* harmless to SQLite's own locks: nobody can have had the new file open */

    char *directory = file_directory(path);
    descriptor = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0 || fsync(descriptor) < 0)
        status = fail_errno(errno, "cannot sync %s", directory);
    if (descriptor >= 0)
        close(descriptor);
    free(directory);
    return status;
}

int connection_open(const char *path, enum db_mode mode, struct db **out)
{
    int flags = SQLITE_OPEN_NOMUTEX | (mode == DB_OWNER ? SQLITE_OPEN_READWRITE : SQLITE_OPEN_READONLY);
    struct db *db = xcalloc(1, sizeof *db);

    *out = NULL;
    db->path = xstrdup(path);
    int status = sqlite3_open_v2(path, &db->sqlite, flags, NULL) == SQLITE_OK ? 0 : connection_failure(db);
    if (status == 0)
        sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    if (status == 0)
        status = RUN(db, BUSY_TIMEOUT);
    if (status < 0) {
        db_close(db);
        return status;
    }
    *out = db;
    return 0;
}

static int use_write_ahead_log(struct db *db)
{
    struct rows rows;
    struct arena arena = { 0 };
    const char *mode = NULL;

    TRY(QUERY(db, &rows, WRITE_AHEAD_LOG));
    int status = rows_next(&rows);
    if (status > 0)
        mode = rows_text(&rows, &arena);
    rows_close(&rows);
    if (status >= 0 && !text_equal(mode, "wal"))
        status = fail(ERR_UNSUPPORTED,
                      "database %s: its file system cannot share memory between processes (a network disk?); "
                      "give a local file by --db or HONE_DB",
                      db->path);
    arena_release(&arena);
    return status < 0 ? status : 0;
}

static int set_up(struct db *db)
{
    static const enum statement settings[] = { LOG_SIZE_LIMIT, SYNCHRONOUS_FULL, SECURE_DELETE, UNTRUSTED_SCHEMA,
                                               FOREIGN_KEYS_ON };

    TRY(use_write_ahead_log(db));
    for (size_t i = 0; i < sizeof settings / sizeof *settings; i++)
        TRY(RUN(db, settings[i]));
    return 0;
}

static int prepare_owner(struct db *db)
{
    int version;

    if (sqlite3_db_readonly(db->sqlite, "main") != 0)
        return fail(ERR_IO, "database %s may not be written", db->path);
    TRY(schema_identify(db, schema_migrations, &version));
    TRY(schema_check(db));
    TRY(set_up(db));
    TRY(schema_migrate(db, schema_migrations));
    sqlite3_db_config(db->sqlite, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, NULL);
    return 0;
}

static int prepare_reader(struct db *db)
{
    int version;

    TRY(RUN(db, UNTRUSTED_SCHEMA));
    TRY(schema_identify(db, schema_migrations, &version));
    if (version < db_schema_version())
        return fail(ERR_UNSUPPORTED,
                    "database %s has schema version %d and this Hone reads %d: its owner must migrate it first",
                    db->path, version, db_schema_version());
    return 0;
}

int db_open(const char *path, enum db_mode mode, struct db **out)
{
    struct db *db = NULL;

    *out = NULL;
    if (mode == DB_OWNER)
        TRY(create_file(path));
    else if (access(path, F_OK) < 0 && errno == ENOENT)
        return fail(ERR_NOT_FOUND, "there is no database %s", path);
    TRY(connection_open(path, mode, &db));
    int status = mode == DB_OWNER ? prepare_owner(db) : prepare_reader(db);
    if (status < 0) {
        db_close(db);
        return status;
    }
    *out = db;
    return 0;
}

void db_close(struct db *db)
{
    if (db == NULL)
        return;
    for (size_t i = 0; i < N_STATEMENTS; i++)
        sqlite3_finalize(db->prepared[i]);
    sqlite3_close(db->sqlite);
    free(db->path);
    free(db);
}

/* SQLite goes on writing to a file that was removed or replaced; what it stores there is lost. */
static int check_file(struct db *db)
{
    int has_moved = 0;

    sqlite3_file_control(db->sqlite, "main", SQLITE_FCNTL_HAS_MOVED, &has_moved);
    return has_moved ? fail(ERR_CORRUPT, "database %s was removed or replaced while in use", db->path) : 0;
}

int db_begin(struct db *db)
{
    TRY(check_file(db));
    return RUN(db, BEGIN_IMMEDIATE);
}

int db_commit(struct db *db)
{
    int status = RUN(db, COMMIT);

    if (status < 0) {
        db_rollback(db);
        return status;
    }
    return check_file(db);
}

void db_rollback(struct db *db)
{
    if (!sqlite3_get_autocommit(db->sqlite)) /* else a full disk and its like have rolled back already */
        RUN(db, ROLLBACK);
}

int db_savepoint(struct db *db)
{
    return RUN(db, SAVEPOINT);
}

int db_release_savepoint(struct db *db, bool keep)
{
    if (!keep)
        TRY(RUN(db, SAVEPOINT_ROLLBACK));
    return RUN(db, SAVEPOINT_RELEASE);
}
