/*
 * What changes in memory becomes rows: each write is a copy of the rows, queued for the writer's thread.
 *
 * Rows are whole and written over, so a write that failed (a full disk) is mended by storing the present state again.
 */
#include <math.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/status.h"
#include "db/experiments.h"
#include "db/trials.h"
#include "service/core.h"
#include "service/metrics.h"
#include "service/pursuit.h"
#include "service/store.h"

enum {
    RETRY_AFTER_MS = 1000,
    FLUSH_ROUNDS = 3, /* a creation stores its conditions, an end its answer */
};

struct row_write {
    struct write write;
    struct arena arena;
    int64_t experiment_id; /* 0: none to mark when it fails */
    struct experiment_row experiment;
    struct condition_row *conditions;
    size_t n_conditions;
    struct trial_row trial;
    struct attempt_row attempt;
    struct event_row event;
    stored_function *stored;
    void *owner;
};

/* Writes come back through writer_completed on the loop's thread, where done() needs the service. */
static _Thread_local struct service *completing;

void store_retry_soon(struct service *service)
{
    if (service->retry_ms == 0)
        service->retry_ms = clock_steady_ms() + RETRY_AFTER_MS;
}

static void row_done(struct write *write)
{
    struct row_write *row = (struct row_write *)write;
    struct live *live = completing != NULL ? live_by_id(completing, row->experiment_id) : NULL;

    if (write->status < 0 && live != NULL) {
        if (completing->retry_ms == 0)
            log_error("store.write", "%s%s", write->message, write->status == ERR_CORRUPT ? "" : "; trying again");
        if (write->status == ERR_CORRUPT)
            completing->is_leaving = true; /* trying again cannot help */
        live->must_store = true;
        store_retry_soon(completing);
    }
    if (row->event.kind != 0 && completing != NULL)
        completing->has_new_events = true;
    if (row->stored != NULL) {
        /* an earlier write of this experiment that failed counts too: what was queued before is not on disk */
        bool is_stored = write->status == 0 && (live == NULL || !live->must_store);

        row->stored(completing, row->owner, is_stored ? 0 : ERR_IO,
                    is_stored ? "" : "the database cannot be written now");
    }
    arena_release(&row->arena);
    free(row);
}

static struct row_write *row_create(int (*run)(struct db *db, struct write *write), int64_t experiment_id)
{
    struct row_write *row = xcalloc(1, sizeof *row);

    row->write.run = run;
    row->write.done = row_done;
    row->experiment_id = experiment_id;
    return row;
}

static int run_experiment(struct db *db, struct write *write)
{
    struct row_write *row = (struct row_write *)write;

    TRY(experiments_update(db, &row->experiment));
    return conditions_store(db, row->experiment.id, row->conditions, row->n_conditions);
}

static int run_trial(struct db *db, struct write *write)
{
    struct row_write *row = (struct row_write *)write;

    TRY(trials_store(db, &row->trial));
    return row->attempt.number > 0 ? attempts_store(db, &row->attempt) : 0;
}

static int run_event(struct db *db, struct write *write)
{
    return events_append(db, &((struct row_write *)write)->event);
}

static int run_nothing(struct db *db, struct write *write)
{
    (void)db;
    (void)write;
    return 0;
}

static const char *copied(struct arena *arena, const char *text)
{
    return text != NULL ? arena_strdup(arena, text) : NULL;
}

void store_experiment(struct service *service, struct live *live)
{
    const struct experiment *experiment = live->experiment;
    struct row_write *row = row_create(run_experiment, live->id);

    row->experiment = (struct experiment_row){
        .id = live->id,
        .parallel_trial_count = experiment->parallel_trial_count,
        .max_trial_count = experiment->max_trial_count,
        .max_failed_trial_count = experiment->max_failed_trial_count,
        .created_us = experiment->created_us,
        .started_us = experiment->started_us,
        .completed_us = experiment->completed_us,
        .spent_s = experiment->spent_s,
        .exhausted = experiment->is_exhausted,
    };
    if (live->has_grown) {
        row->experiment.source = arena_strndup(&row->arena, live->source, live->source_length);
        row->experiment.source_length = live->source_length;
    }
    row->n_conditions = experiment->n_conditions;
    row->conditions = arena_array(&row->arena, experiment->n_conditions, sizeof *row->conditions);
    for (size_t i = 0; i < experiment->n_conditions; i++) {
        const struct condition *condition = &experiment->conditions[i];

        row->conditions[i] = (struct condition_row){
            .type = copied(&row->arena, condition->type),
            .reason = copied(&row->arena, condition->reason),
            .message = copied(&row->arena, condition->message),
            .status = condition->status,
            .changed_us = condition->changed_us,
        };
    }
    writer_queue(service->writer, &row->write);
}

static void copy_blob(struct arena *arena, const struct text *text, const void **bytes, size_t *length)
{
    *bytes = text->length > 0 ? arena_strndup(arena, text->data, text->length) : NULL;
    *length = text->length;
}

static void fill_trial(struct row_write *row, const struct live *live, const struct trial *trial)
{
    struct text packed = { 0 };

    row->trial = (struct trial_row){
        .experiment_id = live->id,
        .number = trial->number,
        .state = trial->state,
        .reason = copied(&row->arena, trial->reason),
        .message = copied(&row->arena, trial->message),
        .why = copied(&row->arena, trial->why),
        .created_us = trial->created_us,
        .started_us = trial->started_us,
        .ended_us = trial->ended_us,
        .finish_order = trial->finish_order,
        .retry_at_us = trial->retry_at_us,
        .resource = trial->resource,
        .parent = trial->parent,
        .repeat_after_stop = trial->repeat_after_stop,
    };
    space_pack(&live->spec->space, trial->values, &packed);
    copy_blob(&row->arena, &packed, &row->trial.assignments, &row->trial.assignments_length);
    text_clear(&packed);
    if (trial->state != TRIAL_PENDING && trial->state != TRIAL_RUNNING)
        observation_pack(&trial->observation, &packed);
    copy_blob(&row->arena, &packed, &row->trial.observation, &row->trial.observation_length);
    text_clear(&packed);
    trial_pack_labels(trial, &packed);
    copy_blob(&row->arena, &packed, &row->trial.labels, &row->trial.labels_length);
    text_release(&packed);
}

static void fill_attempt(struct row_write *row, const struct live *live, const struct trial *trial,
                         const struct attempt *attempt, const char *key)
{
    row->attempt = (struct attempt_row){
        .experiment_id = live->id,
        .trial = trial->number,
        .number = attempt->number,
        .end = attempt->end,
        .started_us = attempt->started_us,
        .ended_us = attempt->ended_us,
        .peak_memory = attempt->usage.peak_memory,
        .wall_s = attempt->usage.wall_s,
        .cpu_s = attempt->usage.cpu_s,
        .gpus = copied(&row->arena, attempt->gpus),
        .message = copied(&row->arena, attempt->message),
        .tail = copied(&row->arena, attempt->tail),
        .key = copied(&row->arena, key),
    };
}

void store_trial(struct service *service, struct live *live, const struct trial *trial)
{
    struct row_write *row = row_create(run_trial, live->id);
    const struct attempt *attempt = trial_attempt(trial);
    const struct pursuit *pursuit = pursuit_find(live, trial->number);

    fill_trial(row, live, trial);
    /* A running attempt's row is there from store_attempt on, when it has its key. */
    if (attempt != NULL && (attempt->end != ATTEMPT_RUNNING || (pursuit != NULL && pursuit->phase == PURSUIT_HANDED)))
        fill_attempt(row, live, trial, attempt, attempt->end == ATTEMPT_RUNNING ? pursuit->key : NULL);
    writer_queue(service->writer, &row->write);
}

void store_attempt(struct service *service, struct live *live, const struct trial *trial, const struct pursuit *pursuit)
{
    struct row_write *row = row_create(run_trial, live->id);

    fill_trial(row, live, trial);
    fill_attempt(row, live, trial, trial_attempt(trial), pursuit->key);
    writer_queue(service->writer, &row->write);
}

void store_event(struct service *service, const struct live *live, int64_t trial, int kind, const char *detail)
{
    struct row_write *row = row_create(run_event, 0);

    metrics_event(service->metrics, live, trial, kind);
    row->event = (struct event_row){
        .time_us = clock_wall_us(),
        .experiment_id = live->id,
        .trial = trial,
        .kind = kind,
        .detail = copied(&row->arena, detail),
    };
    writer_queue(service->writer, &row->write);
}

void store_barrier(struct service *service, const struct live *live, stored_function *stored, void *owner)
{
    struct row_write *row = row_create(run_nothing, live->id);

    row->stored = stored;
    row->owner = owner;
    writer_queue(service->writer, &row->write);
}

void store_completed(struct service *service)
{
    completing = service;
    for (struct write *write = writer_completed(service->writer), *next; write != NULL; write = next) {
        next = write->next;
        write->done(write);
    }
}

static void flushed(struct service *service, void *owner, int status, const char *message)
{
    (void)service;
    (void)status;
    (void)message;
    *(bool *)owner = true;
}

void store_flush(struct service *service)
{
    for (int round = 0; round < FLUSH_ROUNDS; round++) {
        struct row_write *row = row_create(run_nothing, 0);
        bool is_done = false;

        row->stored = flushed;
        row->owner = &is_done;
        writer_queue(service->writer, &row->write);
        while (!is_done) {
            struct pollfd item = { writer_descriptor(service->writer), POLLIN, 0 };

            poll(&item, 1, -1);
            store_completed(service);
        }
    }
}

void store_again(struct service *service)
{
    service->retry_ms = 0;
    for (size_t i = 0; i < service->n_lives; i++) {
        struct live *live = service->lives[i];

        if (!live->must_store || live->is_deleted)
            continue;
        live->must_store = false;
        store_experiment(service, live);
        for (size_t k = 0; k < live->experiment->n_trials; k++)
            store_trial(service, live, live->experiment->trials[k]);
    }
}
