/*
 * All SQL of the store, in one table, and how it is run.
 */
#include "db/statements.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "db/connection.h"

#define EXPERIMENT_COLUMNS                                                                              \
    "id, uid, namespace, name, source, parallel_trial_count, max_trial_count, max_failed_trial_count, " \
    "created_us, started_us, completed_us, spent_s, exhausted"

/* When experiment ?1 was created: where its times are counted from. */
#define CREATED                 "(SELECT created_us FROM experiments WHERE id = ?1)"
#define SINCE_CREATED(argument) "nullif(" argument ", 0) - " CREATED
#define ABSOLUTE(column)        "ifnull(" column " + " CREATED ", 0)"

#define ONE_ATTEMPT "experiment_id = ?1 AND trial = ?2 AND attempt = ?3"

/* Rows of one curve that halving it takes away. */
#define EVEN_PLACES                                                                                            \
    "SELECT role, sequence FROM (SELECT role, sequence, row_number() OVER (ORDER BY role, sequence) AS place " \
    "FROM observations WHERE " ONE_ATTEMPT " AND metric = ?4) WHERE place % 2 = 0"

const char *const statement_sql[N_STATEMENTS] = {
    [BUSY_TIMEOUT] = "PRAGMA busy_timeout = 5000",
    [IDENTIFY] = "SELECT a.application_id, v.user_version, (SELECT count(*) FROM sqlite_schema) "
                 "FROM pragma_application_id AS a, pragma_user_version AS v",
    [PAGE_SIZE] = "PRAGMA page_size",
    [QUICK_CHECK] = "PRAGMA quick_check(1)",
    [FOREIGN_KEY_CHECK] = "PRAGMA foreign_key_check",
    [FOREIGN_KEYS_ON] = "PRAGMA foreign_keys = ON",
    [FOREIGN_KEYS_OFF] = "PRAGMA foreign_keys = OFF",
    [WRITE_AHEAD_LOG] = "PRAGMA journal_mode = WAL",
    [LOG_SIZE_LIMIT] = "PRAGMA journal_size_limit = 16777216",
    [SYNCHRONOUS_FULL] = "PRAGMA synchronous = FULL",
    [SECURE_DELETE] = "PRAGMA secure_delete = ON",
    [UNTRUSTED_SCHEMA] = "PRAGMA trusted_schema = OFF",

    [BEGIN_IMMEDIATE] = "BEGIN IMMEDIATE",
    [COMMIT] = "COMMIT",
    [ROLLBACK] = "ROLLBACK",
    [SAVEPOINT] = "SAVEPOINT one_write",
    [SAVEPOINT_RELEASE] = "RELEASE one_write",
    [SAVEPOINT_ROLLBACK] = "ROLLBACK TO one_write",

    [EXPERIMENT_INSERT] =
        "INSERT INTO experiments (uid, namespace, name, source, parallel_trial_count, max_trial_count, "
        "max_failed_trial_count, created_us, started_us, completed_us, spent_s, exhausted) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    [EXPERIMENT_UPDATE] =
        "UPDATE experiments SET parallel_trial_count = ?2, max_trial_count = ?3, max_failed_trial_count = ?4, "
        "started_us = ?5, completed_us = ?6, spent_s = ?7, exhausted = ?8 WHERE id = ?1",
    [EXPERIMENT_SOURCE] = "UPDATE experiments SET source = ?2 WHERE id = ?1",
    [EXPERIMENT_BY_NAME] = "SELECT " EXPERIMENT_COLUMNS
                           " FROM experiments WHERE namespace = ?1 AND name = ?2 AND NOT deleted",
    [EXPERIMENT_BY_ID] = "SELECT " EXPERIMENT_COLUMNS " FROM experiments WHERE id = ?1",
    [EXPERIMENT_LIST] = "SELECT " EXPERIMENT_COLUMNS
                        " FROM experiments WHERE NOT deleted AND (?1 IS NULL OR namespace = ?1) "
                        "ORDER BY namespace, name",
    [EXPERIMENT_HIDE] = "UPDATE experiments SET deleted = 1 WHERE id = ?1 AND NOT deleted",
    [EXPERIMENT_PURGE] = "DELETE FROM experiments WHERE id = ?1",

    [CONDITION_INSERT] = "INSERT INTO conditions (experiment_id, position, type, reason, message, status, changed_us) "
                         "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [CONDITIONS_LOAD] = "SELECT type, reason, message, status, changed_us FROM conditions WHERE experiment_id = ?1 "
                        "ORDER BY position",
    [CONDITIONS_DELETE] = "DELETE FROM conditions WHERE experiment_id = ?1",

    [IMPORT_STORE] = "INSERT OR REPLACE INTO imports (experiment_id, rows) VALUES (?1, ?2)",
    [IMPORT_LOAD] = "SELECT rows FROM imports WHERE experiment_id = ?1",
    [IMPORT_DELETE] = "DELETE FROM imports WHERE experiment_id = ?1",

    [TRIAL_STORE] =
        "INSERT INTO trials (experiment_id, number, state, reason, message, why, created, started, ended, "
        "finish_order, retry_at, assignments, observation, resource, parent, repeat_after_stop, labels) VALUES "
        "(?1, ?2, ?3, ?4, ?5, ?6, " SINCE_CREATED("?7") ", " SINCE_CREATED("?8") ", " SINCE_CREATED(
            "?9") ", "
                  "?10, " SINCE_CREATED(
                      "?11") ", ?12, ?13, ?14, ?15, ?16, ?17) "
                             "ON CONFLICT DO UPDATE SET state = excluded.state, reason = "
                             "excluded.reason, message = excluded.message, "
                             "why = excluded.why, created = excluded.created, started = "
                             "excluded.started, ended = excluded.ended, "
                             "finish_order = excluded.finish_order, retry_at = "
                             "excluded.retry_at, assignments = excluded.assignments, "
                             "observation = excluded.observation, resource = "
                             "excluded.resource, parent = excluded.parent, "
                             "repeat_after_stop = excluded.repeat_after_stop, labels = excluded.labels",
    [TRIALS_LOAD] =
        "SELECT number, state, reason, message, why, " ABSOLUTE("created") ", " ABSOLUTE("started") ", " ABSOLUTE(
            "ended") ", finish_order, " ABSOLUTE("retry_at") ", assignments, observation, resource, parent, "
                                                             "repeat_after_stop, labels FROM trials WHERE "
                                                             "experiment_id = ?1 "
                                                             "ORDER BY number",
    [TRIALS_STRIP] =
        "UPDATE trials SET reason = NULL, message = NULL, why = NULL, labels = NULL WHERE experiment_id = ?1",
    [TRIALS_DELETE] = "DELETE FROM trials WHERE experiment_id = ?1",

    [ATTEMPT_STORE] =
        "INSERT INTO attempts (experiment_id, trial, number, end, started, ended, peak_memory, wall_s, cpu_s, gpus, "
        "message, tail, key) VALUES (?1, ?2, ?3, ?4, " SINCE_CREATED("?5") ", " SINCE_CREATED(
            "?6") ", "
                  "?7, ?8, ?9, ?10, ?11, ?12, ?13) "
                  "ON CONFLICT DO UPDATE SET end = excluded.end, started = excluded.started, ended = excluded.ended, "
                  "peak_memory = excluded.peak_memory, wall_s = excluded.wall_s, cpu_s = excluded.cpu_s, "
                  "gpus = excluded.gpus, message = excluded.message, tail = excluded.tail, key = excluded.key",
    [ATTEMPTS_LOAD] = "SELECT trial, number, end, " ABSOLUTE("started") ", " ABSOLUTE(
        "ended") ", peak_memory, wall_s, cpu_s, "
                 "gpus, message, tail, key FROM attempts WHERE experiment_id = ?1 ORDER BY trial, number",
    [ATTEMPTS_STRIP] = "UPDATE attempts SET message = NULL, tail = NULL, key = NULL WHERE experiment_id = ?1",
    [ATTEMPTS_DELETE] = "DELETE FROM attempts WHERE experiment_id = ?1",

    [OBSERVATION_INSERT] =
        "INSERT INTO observations (experiment_id, trial, attempt, role, sequence, metric, time, step, value) "
        "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7 - ifnull(" CREATED ", 0), ?8, ?9) ON CONFLICT DO NOTHING",
    [OBSERVATION_DROP] = "DELETE FROM observations WHERE " ONE_ATTEMPT " AND role = ?4 AND sequence = ?5",
    [OBSERVATIONS_COUNT] = "SELECT count(*) FROM observations WHERE " ONE_ATTEMPT " AND metric = ?4",
    [OBSERVATIONS_LOAD] =
        "SELECT role, sequence, metric, time + " CREATED ", step, value FROM observations WHERE "
        "experiment_id = ?1 AND trial = ?2 AND attempt = ifnull(nullif(?3, 0), (SELECT max(attempt) FROM "
        "observations WHERE experiment_id = ?1 AND trial = ?2)) AND (?4 = -1 OR metric = ?4) "
        "ORDER BY time, role, sequence",
    [OBSERVATIONS_PROGRESS] =
        "SELECT role, max(sequence) FROM (SELECT role, sequence FROM observations WHERE " ONE_ATTEMPT
        " UNION ALL SELECT role, sequence FROM dropped WHERE " ONE_ATTEMPT ") GROUP BY role",
    [OBSERVATIONS_DELETE] = "DELETE FROM observations WHERE experiment_id = ?1",

    [CURVE_FIND] = "SELECT n_reports, n_kept, stride FROM curves WHERE " ONE_ATTEMPT " AND metric = ?4",
    [CURVE_STORE] = "INSERT OR REPLACE INTO curves (experiment_id, trial, attempt, metric, n_reports, n_kept, stride) "
                    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [CURVE_MARK_EVEN] = "INSERT INTO dropped (experiment_id, trial, attempt, role, sequence) "
                        "SELECT ?1, ?2, ?3, role, max(sequence) FROM (" EVEN_PLACES ") WHERE true GROUP BY role "
                        "ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)",
    [CURVE_DROP_EVEN] = "DELETE FROM observations WHERE " ONE_ATTEMPT " AND (role, sequence) IN (" EVEN_PLACES ")",
    [CURVES_DELETE] = "DELETE FROM curves WHERE experiment_id = ?1",

    [DROPPED_FIND] = "SELECT sequence FROM dropped WHERE " ONE_ATTEMPT " AND role = ?4",
    [DROPPED_MARK] = "INSERT INTO dropped (experiment_id, trial, attempt, role, sequence) VALUES (?1, ?2, ?3, ?4, ?5) "
                     "ON CONFLICT DO UPDATE SET sequence = max(sequence, excluded.sequence)",
    [DROPPED_DELETE] = "DELETE FROM dropped WHERE experiment_id = ?1",

    /* Of an experiment that was purged, or of none: times since 1970. */
    [EVENT_INSERT] = "INSERT INTO events (experiment_id, trial, kind, time, detail) "
                     "VALUES (?1, ?2, ?3, ?4 - ifnull(" CREATED ", 0), ?5)",
    [EVENTS_LOAD] =
        "SELECT sequence, time + ifnull((SELECT created_us FROM experiments WHERE id = experiment_id), 0), "
        "experiment_id, trial, kind, detail FROM events WHERE sequence > ?2 AND (?1 = 0 OR experiment_id = ?1) "
        "ORDER BY sequence LIMIT ?3",
    [EVENTS_LAST] = "SELECT ifnull(max(sequence), 0) FROM events",
    [EXPERIMENTS_CENSUS] = "SELECT namespace, (SELECT type FROM conditions WHERE experiment_id = id AND status = 1 "
                           "ORDER BY changed_us DESC, position DESC LIMIT 1) AS newest, count(*) FROM experiments "
                           "WHERE NOT deleted GROUP BY namespace, newest",
    [TRIALS_CENSUS] = "SELECT namespace, state, count(*) FROM trials JOIN experiments ON id = experiment_id "
                      "WHERE NOT deleted GROUP BY namespace, state",
    [AUDIT_INSERT] = "INSERT INTO audit (time_us, who, op, subject, outcome) VALUES (?1, ?2, ?3, ?4, ?5)",
    [AUDIT_LOAD] = "SELECT sequence, time_us, who, op, subject, outcome FROM audit WHERE sequence > ?1 "
                   "ORDER BY sequence LIMIT ?2",
    [EVENTS_DELETE] = "DELETE FROM events WHERE experiment_id = ?1",
};

static int bind(sqlite3_stmt *statement, int at, const struct argument *argument)
{
    switch (argument->type) {
    case ARGUMENT_INTEGER:
        return sqlite3_bind_int64(statement, at, argument->integer);
    case ARGUMENT_REAL:
        return sqlite3_bind_double(statement, at, argument->real);
    case ARGUMENT_TEXT:
        return sqlite3_bind_text(statement, at, argument->bytes, -1, SQLITE_STATIC);
    case ARGUMENT_BYTES:
        return sqlite3_bind_blob64(statement, at, argument->bytes, argument->length, SQLITE_STATIC);
    }
    assert(!"argument type");
    return SQLITE_MISUSE;
}

int rows_open(struct db *db, struct rows *rows, enum statement which, const struct argument *arguments, size_t n)
{
    sqlite3_stmt **prepared = &db->prepared[which];

    *rows = (struct rows){ .db = db };
    if (*prepared == NULL && sqlite3_prepare_v3(db->sqlite, statement_sql[which], -1, SQLITE_PREPARE_PERSISTENT,
                                                prepared, NULL) != SQLITE_OK)
        return connection_failure(db);
    assert(!sqlite3_stmt_busy(*prepared) && (size_t)sqlite3_bind_parameter_count(*prepared) == n);
    for (size_t i = 1; i <= n; i++) {
        if (bind(*prepared, (int)i, &arguments[i]) != SQLITE_OK)
            return connection_failure(db);
    }
    rows->statement = *prepared;
    return 0;
}

int rows_next(struct rows *rows)
{
    int step = sqlite3_step(rows->statement), status = 0;

    rows->column = 0;
    if (step == SQLITE_ROW)
        return 1;
    if (step != SQLITE_DONE)
        status = connection_failure(rows->db);
    rows_close(rows);
    return status;
}

void rows_close(struct rows *rows)
{
    if (rows->statement == NULL)
        return;
    sqlite3_reset(rows->statement); /* its error has been told by rows_next */
    sqlite3_clear_bindings(rows->statement);
    rows->statement = NULL;
}

int statement_run(struct db *db, enum statement which, const struct argument *arguments, size_t n)
{
    struct rows rows;
    int status;

    TRY(rows_open(db, &rows, which, arguments, n));
    do
        status = rows_next(&rows);
    while (status > 0);
    return status;
}

int statement_number(struct db *db, int64_t *number, enum statement which, const struct argument *arguments, size_t n)
{
    struct rows rows;

    TRY(rows_open(db, &rows, which, arguments, n));
    int status = rows_next(&rows);
    *number = status > 0 ? rows_integer(&rows) : 0;
    rows_close(&rows);
    return status;
}

int64_t rows_integer(struct rows *rows)
{
    return sqlite3_column_int64(rows->statement, rows->column++);
}

double rows_real(struct rows *rows)
{
    int column = rows->column++;

    return sqlite3_column_type(rows->statement, column) == SQLITE_NULL ? NAN
                                                                       : sqlite3_column_double(rows->statement, column);
}

const void *rows_bytes(struct rows *rows, struct arena *arena, size_t *length)
{
    int column = rows->column++;

    *length = 0;
    if (sqlite3_column_type(rows->statement, column) == SQLITE_NULL)
        return NULL;
    const void *bytes = sqlite3_column_blob(rows->statement, column); /* NULL for an empty one */
    *length = (size_t)sqlite3_column_bytes(rows->statement, column);
    if (bytes == NULL && *length > 0)
        abort(); /* out of memory, as everywhere */
    char *copy = arena_alloc(arena, *length + 1);
    if (*length > 0)
        memcpy(copy, bytes, *length);
    return copy;
}

const char *rows_text(struct rows *rows, struct arena *arena)
{
    size_t length;

    return rows_bytes(rows, arena, &length);
}

void *rows_gathered(struct arena *arena, void *items, size_t n, size_t size)
{
    void *copy = arena_array(arena, n, size);

    if (n > 0)
        memcpy(copy, items, n * size);
    free(items);
    return copy;
}
