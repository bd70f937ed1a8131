/*
 * Tables trials and attempts.
 */
#include "db/trials.h"

#include "base/status.h"
#include "db/connection.h"

int trials_store(struct db *db, const struct trial_row *row)
{
    return RUN(db, TRIAL_STORE, ARG(row->experiment_id), ARG(row->number), ARG(row->state), ARG(row->reason),
               ARG(row->message), ARG(row->why), ARG(row->created_us), ARG(row->started_us), ARG(row->ended_us),
               ARG(row->finish_order), ARG(row->retry_at_us), BYTES(row->assignments, row->assignments_length),
               BYTES(row->observation, row->observation_length), ARG(row->resource), ARG(row->parent),
               ARG(row->repeat_after_stop), BYTES(row->labels, row->labels_length));
}

int attempts_store(struct db *db, const struct attempt_row *row)
{
    return RUN(db, ATTEMPT_STORE, ARG(row->experiment_id), ARG(row->trial), ARG(row->number), ARG(row->end),
               ARG(row->started_us), ARG(row->ended_us), ARG(row->peak_memory), ARG(row->wall_s), ARG(row->cpu_s),
               ARG(row->gpus), ARG(row->message), ARG(row->tail), ARG(row->key));
}

static struct trial_row read_trial(struct rows *rows, struct arena *arena, int64_t experiment_id)
{
    struct trial_row row = { .experiment_id = experiment_id, .number = rows_integer(rows) };

    row.state = (int)rows_integer(rows);
    row.reason = rows_text(rows, arena);
    row.message = rows_text(rows, arena);
    row.why = rows_text(rows, arena);
    row.created_us = rows_integer(rows);
    row.started_us = rows_integer(rows);
    row.ended_us = rows_integer(rows);
    row.finish_order = rows_integer(rows);
    row.retry_at_us = rows_integer(rows);
    row.assignments = rows_bytes(rows, arena, &row.assignments_length);
    row.observation = rows_bytes(rows, arena, &row.observation_length);
    row.resource = rows_real(rows);
    row.parent = rows_integer(rows);
    row.repeat_after_stop = rows_integer(rows) != 0;
    row.labels = rows_bytes(rows, arena, &row.labels_length);
    return row;
}

int trials_load(struct db *db, int64_t experiment_id, struct arena *arena, struct trial_row **out, size_t *n)
{
    struct trial_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, TRIALS_LOAD, ARG(experiment_id)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = read_trial(&rows, arena, experiment_id);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}

static struct attempt_row read_attempt(struct rows *rows, struct arena *arena, int64_t experiment_id)
{
    struct attempt_row row = { .experiment_id = experiment_id, .trial = rows_integer(rows) };

    row.number = rows_integer(rows);
    row.end = (int)rows_integer(rows);
    row.started_us = rows_integer(rows);
    row.ended_us = rows_integer(rows);
    row.peak_memory = rows_integer(rows);
    row.wall_s = rows_real(rows);
    row.cpu_s = rows_real(rows);
    row.gpus = rows_text(rows, arena);
    row.message = rows_text(rows, arena);
    row.tail = rows_text(rows, arena);
    row.key = rows_text(rows, arena);
    return row;
}

int attempts_load(struct db *db, int64_t experiment_id, struct arena *arena, struct attempt_row **out, size_t *n)
{
    struct attempt_row *found = NULL;
    size_t capacity = 0;
    struct rows rows;
    int status;

    TRY(QUERY(db, &rows, ATTEMPTS_LOAD, ARG(experiment_id)));
    for (*n = 0; (status = rows_next(&rows)) > 0; (*n)++) {
        found = grow(found, *n, &capacity, sizeof *found);
        found[*n] = read_attempt(&rows, arena, experiment_id);
    }
    *out = rows_gathered(arena, found, *n, sizeof *found);
    return status;
}
