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
    size_t n_layers; /* of a space of architectures; 0: as spaces.h has it */
};

/* What a method must be given, by name and text, ended by NULL. Of the resource there are 1, 3 and 9. */
static inline const char *const *required_settings(const struct suggest_method *method)
{
    static const char *const none[] = { NULL }, *const resource[] = { "r_l", "9", "resource_name", "budget", NULL },
                             *const population[] = {
                                 "suggestion_trial_dir", "/d", "n_population", "5", "truncation_threshold", "0.2", NULL
                             };

    if (setting_find(method->settings, "resource_name"))
        return resource;
    return setting_find(method->settings, "n_population") ? population : none;
}

/* How many resources that are: a point may come once with each. */
static inline size_t n_resources(const struct suggest_method *method)
{
    return setting_find(method->settings, "resource_name") ? 3 : 1;
}

/* space, and the parameter that takes the resource where the method has one; room for space->n + 1. */
static inline struct space with_budget(const struct suggest_method *method, const struct space *space,
                                       struct parameter *room)
{
    static const struct parameter budget = { .name = "budget", .type = PARAMETER_INT, .min = 1, .max = 9, .step = 1 };

    for (size_t i = 0; i < space->n; i++)
        room[i] = space->parameters[i];
    room[space->n] = budget;
    return (struct space){ n_resources(method) > 1 ? space->n + 1 : space->n, room };
}

static inline void set_values(const struct suggest_method *method, const char *const *settings,
                              struct setting_value *values)
{
    for (; settings != NULL && *settings != NULL; settings += 2) {
        const struct setting *row = setting_find(method->settings, settings[0]);
        assert_non_null(row);
        assert_int_equal(setting_parse(row, settings[1], &values[row - method->settings]), 0);
    }
}

/* Settings by name and text beside the required ones, ended by NULL; settings may be NULL. */
static inline struct study *create_study(const struct space *space, const struct suggest_method *method,
                                         const struct study_options *options, const char *const *settings)
{
    struct arena arena = { 0 };
    size_t n;
    struct setting_value *values = setting_defaults(method->settings, &arena, &n);

    set_values(method, required_settings(method), values);
    set_values(method, settings, values);
    const struct suggest_problem problem = {
        .space = space,
        .n_objectives = options->n_objectives > 0 ? options->n_objectives : 1,
        .n_constraints = options->n_constraints,
        .is_noisy = options->is_noisy,
        .parallel_trial_count = options->parallel_trial_count,
        .max_trial_count = options->max_trial_count,
        .n_layers = options->n_layers > 0 ? options->n_layers
                    : method->is_nas      ? ARCHITECTURE_LAYERS
                                          : 0,
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
