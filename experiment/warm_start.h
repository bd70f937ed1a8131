/*
 * Finished trials of elsewhere, remapped into this experiment's space: spec.hone.warmStart. Pure.
 *
 * Parameters are matched by name, and a value counts when it is a member of the new parameter: in its range, on its steps, one
 * of its choices. One that the old trial lacks must have a single possible value or be inactive; one that only the old trial
 * has is passed over. Objectives and constraints are matched by their metrics' names and judged as this experiment does.
 */
#ifndef HONE_EXPERIMENT_WARM_START_H
#define HONE_EXPERIMENT_WARM_START_H

#include "experiment/experiment.h"

/* Trials that are taken at most, and numbers that all of them may hold. */
enum { WARM_ROWS_LIMIT = 10000, WARM_NUMBERS_LIMIT = 1000000 };

/* One trial, in the units of a study (suggest/history.h). */
struct warm_row {
    enum outcome outcome;
    double resource;
    const double *values, *losses, *violations; /* (space.n), (n_objectives), (n_constraints) */
};

/* A zeroed struct is empty and ready. */
struct warm_start {
    size_t n, capacity;
    double *numbers; /* (n, width): values, losses, violations, resource, outcome */
    size_t width;    /* 0 while empty */
};

/* What became of one source. A zeroed struct is ready. */
struct warm_count {
    struct arena arena;
    size_t n_used, n_seen, n_reasons, capacity;
    struct warm_reason {
        const char *text; /* "lr out of [0.01, 0.1]" */
        size_t n;
    } * reasons;
};

struct warm_row warm_start_row(const struct warm_start *warm, const struct spec *spec, size_t i);
void warm_start_release(struct warm_start *warm);
void warm_count_release(struct warm_count *count);
/* `warm start: 37 of 40 trials of default/old used; 3 ignored: 2 lr out of [0.01, 0.1], 1 without loss` */
void warm_count_print(const struct warm_count *count, const char *source, struct text *out);

/* The finished trials of another experiment, in the order in which they finished. */
void warm_start_add_experiment(struct warm_start *warm, const struct spec *spec, const struct experiment *old,
                               struct warm_count *count);
/* The rows of a CSV text (RFC 4180) whose first row names parameters and metrics; where there is a column Status or STATE, rows
   other than Succeeded and EarlyStopped are ignored. ERR_INVALID with the line: no such table. */
int warm_start_add_csv(struct warm_start *warm, const struct spec *spec, const char *text, size_t length,
                       struct warm_count *count);

/* Compact bytes for the database, and back. ERR_CORRUPT when they do not fit the spec. */
void warm_start_pack(const struct warm_start *warm, struct text *out);
int warm_start_unpack(struct warm_start *warm, const struct spec *spec, const void *bytes, size_t length);

#endif
