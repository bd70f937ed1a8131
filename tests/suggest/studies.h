/*
 * Studies for tests: a method of the table with its settings at their defaults, or some given.
 */
#ifndef HONE_TESTS_SUGGEST_STUDIES_H
#define HONE_TESTS_SUGGEST_STUDIES_H

#include "suggest/study.h"
#include "tests/suggest/spaces.h"

struct study_options {
    uint64_t seed;
    size_t n_objectives; /* 0: one */
    size_t n_constraints;
    bool is_noisy;
    int64_t parallel_trial_count, max_trial_count;
};

/* Settings by name and text, ended by NULL; settings may be NULL. */
static inline struct study *create_study(const struct space *space, const struct suggest_method *method,
                                         const struct study_options *options, const char *const *settings)
{
    struct arena arena = { 0 };
    size_t n;
    struct setting_value *values = setting_defaults(method->settings, &arena, &n);

    for (; settings != NULL && *settings != NULL; settings += 2) {
        const struct setting *row = setting_find(method->settings, settings[0]);
        assert_non_null(row);
        assert_int_equal(setting_parse(row, settings[1], &values[row - method->settings]), 0);
    }
    const struct suggest_problem problem = {
        .space = space,
        .n_objectives = options->n_objectives > 0 ? options->n_objectives : 1,
        .n_constraints = options->n_constraints,
        .is_noisy = options->is_noisy,
        .parallel_trial_count = options->parallel_trial_count,
        .max_trial_count = options->max_trial_count,
    };
    struct study *study = study_create(&problem, method, values, options->seed);
    arena_release(&arena);
    return study;
}

/* Values of trial number; fails unless there are some. */
static inline void ask(struct study *study, int64_t number, double *values)
{
    struct suggestion out = { 0 };

    assert_int_equal(study_ask(study, number, values, &out), 0);
    assert_true(out.why[0] != '\0' && memchr(out.why, '\0', sizeof out.why) != NULL);
}

#endif
