/*
 * Runs of methods that climb rungs: several trials at a time, their ends in the order of their lengths.
 */
#ifndef HONE_TESTS_SUGGEST_LADDERS_H
#define HONE_TESTS_SUGGEST_LADDERS_H

#include "tests/suggest/studies.h"

enum { LADDER_LIMIT = 1000, LADDER_WORKERS_LIMIT = 32 };

static const struct parameter ladder_parameters[] = {
    { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "y", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "budget", .type = PARAMETER_INT, .min = 1, .max = 81, .step = 1 },
};
static const struct space ladder_space = SPACE(ladder_parameters);

struct ladder_trial {
    double values[COUNT(ladder_parameters)];
    double resource, loss, end;
    int64_t parent;
    bool is_ended;
};

/* Loss of a trial; NAN: it fails. */
typedef double ladder_loss(const struct ladder_trial *trial, int64_t number);

struct ladder {
    struct study *study;
    ladder_loss *loss;
    int64_t n; /* trials begun, numbered from 1 */
    struct ladder_trial trials[LADDER_LIMIT + 1];
};

static inline int64_t first_to_end(const struct ladder *ladder)
{
    int64_t first = 0;

    for (int64_t i = 1; i <= ladder->n; i++)
        if (!ladder->trials[i].is_ended && (first == 0 || ladder->trials[i].end < ladder->trials[first].end))
            first = i;
    return first;
}

static inline void end_trial(struct ladder *ladder, int64_t number)
{
    struct ladder_trial *trial = &ladder->trials[number];

    trial->loss = ladder->loss(trial, number);
    trial->is_ended = true;
    study_finish(ladder->study, number, NULL, isnan(trial->loss) ? OUTCOME_FAILED : OUTCOME_SUCCEEDED, &trial->loss,
                 NULL);
}

/* n trials, n_workers at a time; every trial takes as long as its resource, and a little of its own. */
static inline void run_ladder(struct ladder *ladder, int64_t n, int64_t n_workers)
{
    double now = 0;

    assert_true(n <= LADDER_LIMIT);
    for (int64_t number = 1; number <= n; number++) {
        struct ladder_trial *trial = &ladder->trials[number];
        struct suggestion out = { 0 };
        if (number > n_workers) {
            int64_t ending = first_to_end(ladder);
            now = ladder->trials[ending].end;
            end_trial(ladder, ending);
        }
        assert_int_equal(study_ask(ladder->study, number, trial->values, &out), 0);
        trial->resource = out.resource;
        trial->parent = out.parent;
        trial->end = now + out.resource * (1 + 0.01 * (double)(number * 37 % 11));
        ladder->n = number;
    }
    for (int64_t ending; (ending = first_to_end(ladder)) != 0;)
        end_trial(ladder, ending);
}

/* Of a study of ladder_space. */
static inline struct ladder *create_ladder(struct study *study, ladder_loss *loss)
{
    struct ladder *ladder = calloc(1, sizeof *ladder);

    assert_non_null(ladder);
    ladder->study = study;
    ladder->loss = loss;
    return ladder;
}

static inline void destroy_ladder(struct ladder *ladder)
{
    study_destroy(ladder->study);
    free(ladder);
}

#endif
