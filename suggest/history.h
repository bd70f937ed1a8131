/*
 * All that a study has seen, in columns: the single truth that methods read.
 *
 * Finished trials are rows in the order they finished, append-only. Running trials stand beside them, in the order they
 * were asked. Losses are to be minimised: a maximised objective is stored negated.
 */
#ifndef HONE_SUGGEST_HISTORY_H
#define HONE_SUGGEST_HISTORY_H

#include <stddef.h>
#include <stdint.h>

#include "suggest/space.h"

/* How a trial ended, as search sees it. */
enum outcome {
    OUTCOME_SUCCEEDED,     /* loss known (may still be NAN or infinite: a failure in all but name) */
    OUTCOME_EARLY_STOPPED, /* loss is the last report's */
    OUTCOME_FAILED,        /* loss NAN: the process failed, the point was not allowed, or no objective was reported */
    OUTCOME_ABANDONED,     /* killed by a person or with the experiment: says nothing about the point */
};

struct history {
    const struct space *space;
    size_t n_objectives, n_constraints;

    size_t n_finished, capacity;
    int64_t *number;       /* (n) trial number */
    double *x;             /* (n, space->n) coordinates, row-major */
    double *values;        /* (n, space->n) values */
    double *loss;          /* (n, n_objectives) */
    double *violation;     /* (n, n_constraints); > 0 is violated; NAN: unknown */
    double *resource;      /* (n); NAN: the full one */
    int64_t *parent;       /* (n) trial number this one goes on from; 0: none */
    enum outcome *outcome; /* (n) */

    size_t n_running, running_capacity;
    int64_t *running_number;  /* (n_running) */
    double *running_values;   /* (n_running, space->n) */
    double *running_x;        /* (n_running, space->n) */
    double *running_resource; /* (n_running) */
    int64_t *running_parent;  /* (n_running) */
};

void history_init(struct history *history, const struct space *space, size_t n_objectives, size_t n_constraints);
void history_release(struct history *history);

/* A trial was handed out. A number that runs already is left as it is. resource NAN: the full one; parent 0: none. */
void history_start(struct history *history, int64_t number, const double *values, double resource, int64_t parent);
/* A running trial ended (one that was never started is added at once with values, at the full resource; else values may
   be NULL: they are those of its start). loss (n_objectives) and violation (n_constraints) may be NULL: NAN. Trials of
   other experiments have negative numbers. */
void history_finish(struct history *history, int64_t number, const double *values, enum outcome outcome,
                    const double *loss, const double *violation);

/* Row of that number among the running ones; SIZE_MAX if it does not run. */
size_t history_find_running(const struct history *history, int64_t number);

static inline const double *history_point(const struct history *history, size_t row)
{
    return history->x + row * history->space->n;
}

static inline const double *history_values(const struct history *history, size_t row)
{
    return history->values + row * history->space->n;
}

#endif
