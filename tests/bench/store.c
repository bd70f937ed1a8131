/*
 * Bytes a trial, and trials stored a second through the writer with every step on disk before the next begins, beside a bare
 * SQLite loop on the same disk that syncs one row of the same bytes a commit.
 *
 * Usage: store [N_TRIALS]
 */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <sqlite3.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "db/experiments.h"
#include "db/writer.h"
#include "tests/db/workload.h"

enum { BYTES_A_TRIAL = 400 };

struct job {
    struct write write;
    int64_t experiment_id;
    struct step step;
};

static void give_up(const char *message)
{
    fprintf(stderr, "store: %s\n", message);
    exit(1);
}

static int run_job(struct db *db, struct write *write)
{
    const struct job *job = (const struct job *)write;

    return workload_store(db, job->experiment_id, &job->step);
}

static void job_done(struct write *write)
{
    if (write->status < 0)
        give_up(write->message);
    free(write);
}

static void queue_job(struct writer *writer, int64_t experiment_id, const struct step *step)
{
    struct job *job = xcalloc(1, sizeof *job);

    *job = (struct job){ { .run = run_job, .done = job_done }, experiment_id, *step };
    writer_queue(writer, &job->write);
}

/* A trial ends once its beginning is on disk, and the next begins once that is: at most PARALLEL wait at a time. */
static void write_trials(struct writer *writer, int64_t experiment_id, int64_t n_trials)
{
    struct pollfd wait = { .fd = writer_descriptor(writer), .events = POLLIN };
    int64_t now_us = clock_wall_us(), n_begun = 0, n_ended = 0;

    for (; n_begun < PARALLEL && n_begun < n_trials; n_begun++)
        queue_job(writer, experiment_id, &(struct step){ .trial = n_begun + 1, .began_us = now_us, .now_us = now_us });
    while (n_ended < n_trials) {
        poll(&wait, 1, -1);
        for (struct write *write = writer_completed(writer), *next; write != NULL; write = next) {
            struct step step = ((struct job *)write)->step;
            next = write->next;
            write->done(write);
            step.now_us = clock_wall_us() + 1000;
            n_ended += step.is_end;
            if (step.is_end && n_begun == n_trials)
                continue;
            if (step.is_end)
                step = (struct step){ .trial = ++n_begun, .began_us = step.now_us, .now_us = step.now_us };
            else
                step.is_end = true;
            queue_job(writer, experiment_id, &step);
        }
    }
}

/* At least the millisecond that the clock can tell. */
static double seconds_since(int64_t before_ms)
{
    int64_t passed_ms = clock_steady_ms() - before_ms;

    return 1e-3 * (double)(passed_ms > 0 ? passed_ms : 1);
}

static double store_trials(const char *path, int64_t n_trials)
{
    struct experiment_row experiment = {
        .namespace = "default", .name = "bench", .source = "", .created_us = clock_wall_us()
    };
    struct db_lock *lock = NULL;
    struct db *db = NULL;

    if (db_lock(path, &lock, NULL) < 0 || db_open(path, DB_OWNER, &db) < 0 || experiments_insert(db, &experiment) < 0)
        give_up(fail_message());
    struct writer *writer = writer_create(db);
    int64_t before_ms = clock_steady_ms();
    write_trials(writer, experiment.id, n_trials);
    double seconds = seconds_since(before_ms);
    writer_destroy(writer);
    db_unlock(lock);
    return seconds;
}

static double insert_bare(const char *path, int64_t n_rows)
{
    static const uint8_t row[BYTES_A_TRIAL];
    sqlite3 *db = NULL;
    sqlite3_stmt *insert = NULL;

    if (sqlite3_open(path, &db) != SQLITE_OK ||
        sqlite3_exec(
            db, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; CREATE TABLE t (id INTEGER PRIMARY KEY, x BLOB)",
            NULL, NULL, NULL) != SQLITE_OK ||
        sqlite3_prepare_v2(db, "INSERT INTO t (x) VALUES (?1)", -1, &insert, NULL) != SQLITE_OK)
        give_up(sqlite3_errmsg(db));
    int64_t before_ms = clock_steady_ms();
    for (int64_t i = 0; i < n_rows; i++) {
        sqlite3_bind_blob(insert, 1, row, sizeof row, SQLITE_STATIC);
        if (sqlite3_step(insert) != SQLITE_DONE)
            give_up(sqlite3_errmsg(db));
        sqlite3_reset(insert);
    }
    double seconds = seconds_since(before_ms);
    sqlite3_finalize(insert);
    sqlite3_close(db);
    return seconds;
}

int main(int argc, char **argv)
{
    const char *root = getenv("TMPDIR");
    char *directory = xasprintf("%s/hone-bench-XXXXXX", root ? root : "/tmp");
    int64_t n_trials = 10000;
    struct stat file = { 0 };

    if (argc > 2 || (argc == 2 && (!number_parse_integer(argv[1], &n_trials) || n_trials < 1)))
        give_up("usage: store [N_TRIALS]");
    if (mkdtemp(directory) == NULL)
        give_up("cannot make a directory under TMPDIR");
    char *path = file_join(directory, "hone.db"), *bare = file_join(directory, "bare.db");
    double ours = store_trials(path, n_trials), theirs = insert_bare(bare, n_trials), n = (double)n_trials;
    if (stat(path, &file) < 0)
        give_up("the database is gone");
    printf("store: %lld trials, %.1f bytes a trial\n", (long long)n_trials, (double)file.st_size / n);
    printf("store: %.0f trials/s durable, two commits each, %d at a time\n", n / ours, PARALLEL);
    printf("bare:  %.0f rows/s durable, one commit each; ratio %.2f\n", n / theirs, theirs / ours);
    file_remove_tree(directory);
    free(bare);
    free(path);
    free(directory);
    return 0;
}
