/*
 * All SQL of the store, and the few ways to run it.
 *
 * A statement is prepared when a connection first uses it, and kept. Arguments go to ?1, ?2, ... in order: ARG(x) binds by the
 * type of x (NULL text and NAN become NULL), BYTES(p, n) a blob (NULL for a NULL p).
 */
#ifndef HONE_DB_STATEMENTS_H
#define HONE_DB_STATEMENTS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/memory.h"

enum statement {
    BUSY_TIMEOUT,
    IDENTIFY,
    PAGE_SIZE,
    QUICK_CHECK,
    FOREIGN_KEY_CHECK,
    FOREIGN_KEYS_ON,
    FOREIGN_KEYS_OFF,
    WRITE_AHEAD_LOG,
    LOG_SIZE_LIMIT,
    SYNCHRONOUS_FULL,
    SECURE_DELETE,
    UNTRUSTED_SCHEMA,

    BEGIN_IMMEDIATE,
    COMMIT,
    ROLLBACK,
    SAVEPOINT,
    SAVEPOINT_RELEASE,
    SAVEPOINT_ROLLBACK,

    EXPERIMENT_INSERT,
    EXPERIMENT_UPDATE,
    EXPERIMENT_SOURCE,
    EXPERIMENT_BY_NAME,
    EXPERIMENT_BY_ID,
    EXPERIMENT_LIST,
    EXPERIMENT_HIDE,
    EXPERIMENT_PURGE,

    CONDITION_INSERT,
    CONDITIONS_LOAD,
    CONDITIONS_DELETE,

    IMPORT_STORE,
    IMPORT_LOAD,
    IMPORT_DELETE,

    TRIAL_STORE,
    TRIALS_LOAD,
    TRIALS_STRIP,
    TRIALS_DELETE,

    ATTEMPT_STORE,
    ATTEMPTS_LOAD,
    ATTEMPTS_STRIP,
    ATTEMPTS_DELETE,

    OBSERVATION_INSERT,
    OBSERVATION_DROP,
    OBSERVATIONS_COUNT,
    OBSERVATIONS_LOAD,
    OBSERVATIONS_PROGRESS,
    OBSERVATIONS_DELETE,

    CURVE_FIND,
    CURVE_STORE,
    CURVE_MARK_EVEN,
    CURVE_DROP_EVEN,
    CURVES_DELETE,

    DROPPED_FIND,
    DROPPED_MARK,
    DROPPED_DELETE,

    EVENT_INSERT,
    EVENTS_LOAD,
    EVENTS_LAST,
    EXPERIMENTS_CENSUS,
    TRIALS_CENSUS,
    AUDIT_INSERT,
    AUDIT_LOAD,
    EVENTS_DELETE,

    N_STATEMENTS
};

extern const char *const statement_sql[N_STATEMENTS];

struct db;

struct argument {
    enum { ARGUMENT_INTEGER, ARGUMENT_REAL, ARGUMENT_TEXT, ARGUMENT_BYTES } type;
    int64_t integer;
    double real;
    const void *bytes;
    size_t length;
};

static inline struct argument argument_integer(int64_t value)
{
    return (struct argument){ .type = ARGUMENT_INTEGER, .integer = value };
}

static inline struct argument argument_real(double value)
{
    return (struct argument){ .type = ARGUMENT_REAL, .real = value };
}

static inline struct argument argument_text(const char *value)
{
    return (struct argument){ .type = ARGUMENT_TEXT, .bytes = value };
}

#define ARG(x) \
    _Generic((x),                                                                                       \
        double: argument_real,                                                                          \
        char *: argument_text,                                                                          \
        const char *: argument_text,                                                                    \
        default: argument_integer)(x)
#define BYTES(p, n) ((struct argument){ .type = ARGUMENT_BYTES, .bytes = (p), .length = (n) })
#define ARGUMENTS(...)                               \
    (const struct argument[]){ { 0 }, __VA_ARGS__ }, \
        sizeof((const struct argument[]){ { 0 }, __VA_ARGS__ }) / sizeof(struct argument) - 1

/* Run to the end; rows, if any, are passed over. */
#define RUN(db, which, ...) statement_run((db), (which), ARGUMENTS(__VA_ARGS__))
/* The first column of the only row: 1, or 0 and *number 0 where there is no row. */
#define NUMBER(db, number, which, ...) statement_number((db), (number), (which), ARGUMENTS(__VA_ARGS__))
/* Begin to read. After 0, every path must reach the end of the rows or rows_close. */
#define QUERY(db, rows, which, ...) rows_open((db), (rows), (which), ARGUMENTS(__VA_ARGS__))

/* The n arguments follow one that is not used (so that none at all is well-formed). */
int statement_run(struct db *db, enum statement which, const struct argument *arguments, size_t n);
int statement_number(struct db *db, int64_t *number, enum statement which, const struct argument *arguments, size_t n);

struct rows {
    struct db *db;
    sqlite3_stmt *statement; /* NULL once closed */
    int column;              /* next to be taken */
};

int rows_open(struct db *db, struct rows *rows, enum statement which, const struct argument *arguments, size_t n);
int rows_next(struct rows *rows); /* 1: a row; at 0 and below it has closed itself */
void rows_close(struct rows *rows);

/* The next column of the row. NULL is 0, NAN, NULL. Copies live in the arena. */
int64_t rows_integer(struct rows *rows);
double rows_real(struct rows *rows);
const char *rows_text(struct rows *rows, struct arena *arena);
const void *rows_bytes(struct rows *rows, struct arena *arena, size_t *length);

/* What grow() gathered, moved into the arena; frees items. */
void *rows_gathered(struct arena *arena, void *items, size_t n, size_t size);

#endif
