/*
 * Tables trials and attempts. A trial is keyed (experiment id, number); texts equal to the state's defaults are given as NULL.
 */
#ifndef HONE_DB_TRIALS_H
#define HONE_DB_TRIALS_H

#include <stdbool.h>

#include "db/db.h"

struct trial_row {
    int64_t experiment_id, number;
    int state;
    const char *reason, *message, *why; /* NULL: the state's own */
    int64_t created_us, started_us, ended_us, finish_order, retry_at_us;
    const void *assignments, *observation; /* packed by space.h, observation.h; NULL: none */
    size_t assignments_length, observation_length;
    const void *labels; /* packed map name -> value; NULL: none */
    size_t labels_length;
    double resource; /* NAN: NULL */
    int64_t parent;
    bool repeat_after_stop;
};

struct attempt_row {
    int64_t experiment_id, trial, number;
    int end;
    int64_t started_us, ended_us, peak_memory;
    double wall_s, cpu_s;
    const char *gpus, *message, *tail, *key; /* key: secret of the running attempt, NULL once it has ended */
};

/* Insert or replace. */
int trials_store(struct db *db, const struct trial_row *row);
int attempts_store(struct db *db, const struct attempt_row *row);
/* All of an experiment by number, and all of their attempts by (trial, number). Everything in the arena. */
int trials_load(struct db *db, int64_t experiment_id, struct arena *arena, struct trial_row **rows, size_t *n);
int attempts_load(struct db *db, int64_t experiment_id, struct arena *arena, struct attempt_row **rows, size_t *n);

#endif
