/*
 * A fresh store for a test, and rows to put into it.
 */
#ifndef HONE_TESTS_DB_FIXTURE_H
#define HONE_TESTS_DB_FIXTURE_H

#include "base/file.h"
#include "base/status.h"
#include "db/connection.h"
#include "db/events.h"
#include "db/experiments.h"
#include "db/observations.h"
#include "db/schema.h"
#include "db/trials.h"
#include "tests/test.h"

#define assert_ok(call)                                     \
    do {                                                    \
        if ((call) < 0) {                                   \
            print_error("%s: %s\n", #call, fail_message()); \
            _fail(__FILE__, __LINE__);                      \
        }                                                   \
    } while (0)

#define START_US INT64_C(1700000000000000)

struct store {
    char *directory, *path;
    struct db_lock *lock;
    struct db *db;
    struct arena arena;
};

static inline void store_init(struct store *store)
{
    *store = (struct store){ .directory = test_directory() };
    store->path = file_join(store->directory, "hone.db");
}

static inline void store_open(struct store *store)
{
    assert_ok(db_lock(store->path, &store->lock, NULL));
    assert_ok(db_open(store->path, DB_OWNER, &store->db));
}

static inline void store_close(struct store *store)
{
    db_close(store->db);
    db_unlock(store->lock);
    store->db = NULL;
    store->lock = NULL;
}

static inline void store_release(struct store *store)
{
    store_close(store);
    arena_release(&store->arena);
    file_remove_tree(store->directory);
    free(store->path);
    free(store->directory);
}

static inline struct experiment_row sample_experiment(const char *name)
{
    struct experiment_row row = { .namespace = "default", .name = name, .source = "spec", .source_length = 4 };

    snprintf((char *)row.uid, sizeof row.uid, "%s", name);
    row.parallel_trial_count = 3;
    row.max_trial_count = 12;
    row.max_failed_trial_count = 4;
    row.created_us = START_US;
    return row;
}

static inline struct trial_row sample_trial(int64_t experiment_id, int64_t number)
{
    return (struct trial_row){ .experiment_id = experiment_id,
                               .number = number,
                               .why = "uniform random draw",
                               .created_us = START_US + number,
                               .resource = NAN };
}

static inline struct attempt_row sample_attempt(int64_t experiment_id, int64_t trial)
{
    return (struct attempt_row){
        .experiment_id = experiment_id, .trial = trial, .number = 1, .started_us = START_US + trial, .key = "secret"
    };
}

/* One experiment with one trial and its attempt, committed. Returns the experiment's id. */
static inline int64_t store_trial(struct store *store, const char *name)
{
    struct experiment_row experiment = sample_experiment(name);

    assert_ok(db_begin(store->db));
    assert_ok(experiments_insert(store->db, &experiment));
    struct trial_row trial = sample_trial(experiment.id, 1);
    struct attempt_row attempt = sample_attempt(experiment.id, 1);
    assert_ok(trials_store(store->db, &trial));
    assert_ok(attempts_store(store->db, &attempt));
    assert_ok(db_commit(store->db));
    return experiment.id;
}

/* The one number that an SQL query gives. */
static inline int64_t store_number(struct db *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;

    assert_int_equal(sqlite3_prepare_v2(db->sqlite, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t number = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return number;
}

static inline void store_execute(struct db *db, const char *sql)
{
    if (sqlite3_exec(db->sqlite, sql, NULL, NULL, NULL) != SQLITE_OK) {
        print_error("%s: %s\n", sql, sqlite3_errmsg(db->sqlite));
        _fail(__FILE__, __LINE__);
    }
}

#endif
