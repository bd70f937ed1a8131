/*
 * Migrations, and telling a database of ours from anything else.
 *
 * Times of trials, attempts, observations and events are microseconds since their experiment was created: half as long as
 * absolute ones, and the store has a budget of bytes a trial. For the same reason absent values are NULL and tables keyed by more
 * than one column have no rowid.
 */
#include "db/schema.h"

#include <stdio.h>

#include "base/status.h"

enum { APPLICATION_ID = 0x486f6e65 /* "Hone" */, SMALLEST_PAGE = 512 };

static const char first_tables[] =
    "CREATE TABLE experiments ("
    "    id                     INTEGER PRIMARY KEY AUTOINCREMENT," /* never used again */
    "    uid                    BLOB NOT NULL UNIQUE CHECK (length(uid) = 16),"
    "    namespace              TEXT NOT NULL,"
    "    name                   TEXT NOT NULL,"
    "    source                 BLOB NOT NULL,"
    "    parallel_trial_count   INTEGER NOT NULL,"
    "    max_trial_count        INTEGER NOT NULL,"
    "    max_failed_trial_count INTEGER NOT NULL,"
    "    created_us             INTEGER NOT NULL,"
    "    started_us             INTEGER NOT NULL,"
    "    completed_us           INTEGER NOT NULL,"
    "    spent_s                REAL NOT NULL,"
    "    exhausted              INTEGER NOT NULL,"
    "    deleted                INTEGER NOT NULL DEFAULT 0" /* kept for transfer, its name is free */
    ") STRICT;"
    "CREATE UNIQUE INDEX experiments_by_name ON experiments (namespace, name) WHERE NOT deleted;"

    "CREATE TABLE conditions ("
    "    experiment_id  INTEGER NOT NULL REFERENCES experiments (id),"
    "    position       INTEGER NOT NULL,"
    "    type           TEXT NOT NULL,"
    "    reason         TEXT,"
    "    message        TEXT,"
    "    status         INTEGER NOT NULL,"
    "    changed_us     INTEGER NOT NULL,"
    "    PRIMARY KEY (experiment_id, position)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE trials ("
    "    experiment_id      INTEGER NOT NULL REFERENCES experiments (id),"
    "    number             INTEGER NOT NULL CHECK (number > 0),"
    "    state              INTEGER NOT NULL,"
    "    reason             TEXT,"
    "    message            TEXT,"
    "    why                TEXT,"
    "    created            INTEGER,"
    "    started            INTEGER,"
    "    ended              INTEGER,"
    "    finish_order       INTEGER NOT NULL,"
    "    retry_at           INTEGER,"
    "    assignments        BLOB,"
    "    observation        BLOB,"
    "    resource           REAL,"
    "    parent             INTEGER NOT NULL,"
    "    repeat_after_stop  INTEGER NOT NULL,"
    "    PRIMARY KEY (experiment_id, number)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE attempts ("
    "    experiment_id  INTEGER NOT NULL,"
    "    trial          INTEGER NOT NULL,"
    "    number         INTEGER NOT NULL CHECK (number > 0),"
    "    end            INTEGER NOT NULL,"
    "    started        INTEGER,"
    "    ended          INTEGER,"
    "    peak_memory    INTEGER NOT NULL,"
    "    wall_s         REAL NOT NULL,"
    "    cpu_s          REAL NOT NULL,"
    "    gpus           TEXT,"
    "    message        TEXT,"
    "    tail           TEXT,"
    "    key            TEXT,"
    "    PRIMARY KEY (experiment_id, trial, number),"
    "    FOREIGN KEY (experiment_id, trial) REFERENCES trials (experiment_id, number)"
    ") STRICT, WITHOUT ROWID;"

    "CREATE TABLE observations ("
    "    experiment_id  INTEGER NOT NULL,"
    "    trial          INTEGER NOT NULL,"
    "    attempt        INTEGER NOT NULL,"
    "    role           INTEGER NOT NULL CHECK (role >= 0),"
    "    sequence       INTEGER NOT NULL CHECK (sequence > 0),"
    "    metric         INTEGER NOT NULL CHECK (metric >= 0),"
    "    time           INTEGER NOT NULL,"
    "    step           INTEGER NOT NULL,"
    "    value          TEXT NOT NULL," /* as written */
    "    PRIMARY KEY (experiment_id, trial, attempt, role, sequence),"
    "    FOREIGN KEY (experiment_id, trial, attempt) REFERENCES attempts (experiment_id, trial, number)"
    ") STRICT, WITHOUT ROWID;"

    /* Only of curves that are long enough to be counted, see observations.c. */
    "CREATE TABLE curves ("
    "    experiment_id  INTEGER NOT NULL,"
    "    trial          INTEGER NOT NULL,"
    "    attempt        INTEGER NOT NULL,"
    "    metric         INTEGER NOT NULL,"
    "    n_reports      INTEGER NOT NULL,"
    "    n_kept         INTEGER NOT NULL,"
    "    stride         INTEGER NOT NULL,"
    "    PRIMARY KEY (experiment_id, trial, attempt, metric),"
    "    FOREIGN KEY (experiment_id, trial, attempt) REFERENCES attempts (experiment_id, trial, number)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE dropped ("
    "    experiment_id  INTEGER NOT NULL,"
    "    trial          INTEGER NOT NULL,"
    "    attempt        INTEGER NOT NULL,"
    "    role           INTEGER NOT NULL,"
    "    sequence       INTEGER NOT NULL," /* highest that thinning removed */
    "    PRIMARY KEY (experiment_id, trial, attempt, role),"
    "    FOREIGN KEY (experiment_id, trial, attempt) REFERENCES attempts (experiment_id, trial, number)"
    ") STRICT, WITHOUT ROWID;"

    /* No foreign key: that an experiment was deleted is said after it is gone. */
    "CREATE TABLE events ("
    "    sequence       INTEGER PRIMARY KEY AUTOINCREMENT,"
    "    time           INTEGER NOT NULL,"
    "    experiment_id  INTEGER NOT NULL,"
    "    trial          INTEGER NOT NULL,"
    "    kind           INTEGER NOT NULL,"
    "    detail         TEXT"
    ") STRICT;";

static const char labels_and_imports[] = "ALTER TABLE trials ADD COLUMN labels BLOB;"
                                         "CREATE TABLE imports ("
                                         "    experiment_id  INTEGER PRIMARY KEY REFERENCES experiments (id),"
                                         "    rows           BLOB NOT NULL"
                                         ") STRICT;";

static const char audit[] = "CREATE TABLE audit ("
                            "    sequence  INTEGER PRIMARY KEY AUTOINCREMENT,"
                            "    time_us   INTEGER NOT NULL," /* since 1970 */
                            "    who       TEXT NOT NULL,"
                            "    op        TEXT NOT NULL,"
                            "    subject   TEXT,"
                            "    outcome   TEXT NOT NULL"
                            ") STRICT;";

const struct migration schema_migrations[] = {
    { "experiments, trials, attempts, observations, events", first_tables },
    { "labels of trials; trials of elsewhere that an experiment began with", labels_and_imports },
    { "who changed what", audit },
    { 0 },
};

static int newest(const struct migration *migrations)
{
    int n = 0;

    while (migrations[n].sql != NULL)
        n++;
    return n;
}

int db_schema_version(void)
{
    return newest(schema_migrations);
}

/* Bytes of the database's file, or of its log (0 while there is none). */
static int64_t file_size(struct db *db, int which)
{
    sqlite3_file *file = NULL;
    sqlite3_int64 size = 0;

    if (sqlite3_file_control(db->sqlite, "main", which, &file) != SQLITE_OK || file == NULL || file->pMethods == NULL ||
        file->pMethods->xFileSize(file, &size) != SQLITE_OK)
        return 0;
    return size;
}

int schema_identify(struct db *db, const struct migration *migrations, int *version)
{
    struct rows rows;
    int64_t application = 0, n_tables = 0, applied = 0;

    int64_t size = file_size(db, SQLITE_FCNTL_FILE_POINTER);
    if (size > 0 && size < SMALLEST_PAGE) /* SQLite would take it for an empty one, and write over it */
        return connection_damaged(db, "too short for a database");
    TRY(QUERY(db, &rows, IDENTIFY));
    int status = rows_next(&rows);
    if (status > 0) {
        application = rows_integer(&rows);
        applied = rows_integer(&rows);
        n_tables = rows_integer(&rows);
    }
    rows_close(&rows);
    TRY(status);

    if (application != APPLICATION_ID && (application != 0 || applied != 0 || n_tables != 0))
        return fail(ERR_CORRUPT, "%s is a database of another program: give another file by --db or HONE_DB", db->path);
    if (applied > newest(migrations))
        return fail(ERR_UNSUPPORTED,
                    "database %s was written by a newer Hone: its schema version is %lld, this one knows up to %d; use "
                    "that Hone",
                    db->path, (long long)applied, newest(migrations));
    if (applied < 0 || (applied == 0) != (application == 0))
        return fail(ERR_CORRUPT, "database %s is damaged: schema version %lld", db->path, (long long)applied);
    *version = (int)applied;
    return 0;
}

/* SQLite reads what is missing of the last page as zeros. A page may be short only while the log still holds the whole of it. */
static int check_whole_pages(struct db *db)
{
    int64_t page_size;

    TRY(NUMBER(db, &page_size, PAGE_SIZE));
    bool is_whole = page_size > 0 && file_size(db, SQLITE_FCNTL_FILE_POINTER) % page_size == 0;
    if (!is_whole && file_size(db, SQLITE_FCNTL_JOURNAL_POINTER) == 0)
        return connection_damaged(db, "its last page is cut off");
    return 0;
}

int schema_check(struct db *db)
{
    struct rows rows;
    struct arena arena = { 0 };
    const char *found = NULL;

    TRY(check_whole_pages(db));
    TRY(QUERY(db, &rows, QUICK_CHECK));
    int status = rows_next(&rows);
    if (status > 0)
        found = rows_text(&rows, &arena);
    rows_close(&rows);
    if (status >= 0 && !text_equal(found, "ok"))
        status = connection_damaged(db, found ? found : "no answer");
    arena_release(&arena);
    return status < 0 ? status : 0;
}

static int execute(struct db *db, const char *sql)
{
    return sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) == SQLITE_OK ? 0 : connection_failure(db);
}

/* Rows whose foreign key leads nowhere: a migration lost something. */
static int check_references(struct db *db)
{
    struct rows rows;

    TRY(QUERY(db, &rows, FOREIGN_KEY_CHECK));
    int status = rows_next(&rows);
    rows_close(&rows);
    if (status > 0)
        return fail(ERR_CORRUPT, "database %s: a migration would leave rows that belong to nothing", db->path);
    return status;
}

static int apply(struct db *db, const struct migration *migrations, int from, int to)
{
    char mark[96];

    for (int i = from; i < to; i++)
        TRY(execute(db, migrations[i].sql));
    TRY(check_references(db));
    snprintf(mark, sizeof mark, "PRAGMA application_id = %d; PRAGMA user_version = %d;", APPLICATION_ID, to);
    return execute(db, mark);
}

int schema_migrate(struct db *db, const struct migration *migrations)
{
    int version = 0, to = newest(migrations);

    TRY(schema_identify(db, migrations, &version));
    if (version == to)
        return 0;
    TRY(RUN(
        db,
        FOREIGN_KEYS_OFF)); /* or rebuilding a table would take its children along; no effect inside a transaction */
    TRY(db_begin(db));
    int status = apply(db, migrations, version, to);
    if (status == 0)
        status = db_commit(db);
    else
        db_rollback(db);
    int restored = RUN(db, FOREIGN_KEYS_ON);
    return status < 0 ? status : restored;
}
