/*
 * Running a method, and keeping its improvements.
 *
 * Trials run n_parallel at a time and end in an order of their own: each takes between one and two units of time, drawn from the
 * seed, so that results come back out of order and late, and the same way in every run.
 */
#include "tests/bench/search/record.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/status.h"
#include "suggest/likely_best.h"
#include "suggest/study.h"

struct flight {
    int64_t number;
    double ends, resource;
    double *values; /* (n) */
};

struct runner {
    struct target *target;
    const struct run_options *options;
    struct run_record *record;
    struct study *study;
    struct flight *flights; /* (n_parallel) */
    size_t n_flying;
    int64_t next;    /* trial number */
    double now, due; /* due: cost of what was asked */
    double highest;  /* resource of the incumbent */
    double *truths;  /* by trial number: first loss without noise */
    size_t n_truths, truths_capacity;
};

static double seconds_now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static struct improvement *add_improvement(struct run_record *record, double when)
{
    record->improvements = grow(record->improvements, record->n, &record->capacity, sizeof record->improvements[0]);
    struct improvement *added = &record->improvements[record->n++];
    *added = (struct improvement){ .when = when };
    return added;
}

static bool is_usable(const struct target *target, const struct verdict *verdict)
{
    if (verdict->outcome != OUTCOME_SUCCEEDED)
        return false;
    for (size_t i = 0; i < target->n_objectives; i++)
        if (!isfinite(verdict->losses[i]))
            return false;
    for (size_t i = 0; i < target->n_constraints; i++)
        if (!(verdict->violations[i] <= 0))
            return false;
    return true;
}

static bool is_covered(const struct run_record *record, const double *losses, size_t m)
{
    for (size_t k = 0; k < record->n; k++) {
        size_t i = 0;
        while (i < m && record->improvements[k].losses[i] <= losses[i])
            i++;
        if (i == m)
            return true;
    }
    return false;
}

/* The incumbent is the best at the highest resource seen; what counts is its loss at the full one. */
static int note_partial(struct runner *runner, const struct flight *flight, const struct verdict *verdict)
{
    struct run_record *record = runner->record;
    struct verdict full;

    if (flight->resource < runner->highest ||
        (flight->resource == runner->highest && verdict->losses[0] >= record->best))
        return 0;
    runner->highest = flight->resource;
    record->best = verdict->losses[0];
    TRY(target_judge(runner->target, flight->values, 0, NAN, &full));
    if (is_usable(runner->target, &full))
        add_improvement(record, record->spent)->losses[0] = full.losses[0];
    return 0;
}

static int note(struct runner *runner, const struct flight *flight, const struct verdict *verdict)
{
    struct run_record *record = runner->record;
    const size_t m = runner->target->n_objectives;

    if (!is_usable(runner->target, verdict))
        return 0;
    if (!isnan(runner->target->full_resource))
        return note_partial(runner, flight, verdict);
    if (m > 1) {
        if (!is_covered(record, verdict->losses, m))
            memcpy(add_improvement(record, record->spent)->losses, verdict->losses, m * sizeof(double));
    } else if (verdict->losses[0] < record->best) {
        record->best = verdict->losses[0];
        add_improvement(record, record->spent)->losses[0] = verdict->truth;
    }
    return 0;
}

static double cost_of(const struct target *target, double resource)
{
    return isnan(resource) || isnan(target->full_resource) ? 1 : resource / target->full_resource;
}

/* 1: nothing left to ask. */
static int ask_next(struct runner *runner)
{
    struct flight *flight = &runner->flights[runner->n_flying];
    struct suggestion out = { 0 };
    double began = seconds_now();
    int status = study_ask(runner->study, runner->next, flight->values, &out);

    runner->record->ask_seconds += seconds_now() - began;
    if (status != 0)
        return status;
    struct rng rng = rng_stream(runner->options->seed, (uint64_t)runner->next, "bench.duration");
    flight->number = runner->next++;
    flight->ends = runner->now + 1 + rng_uniform(&rng);
    flight->resource = out.resource;
    if (isnan(flight->resource))
        flight->resource = runner->target->full_resource;
    runner->due += cost_of(runner->target, flight->resource);
    runner->n_flying++;
    runner->record->n_asked++;
    return 0;
}

static void keep_truth(struct runner *runner, int64_t number, double truth)
{
    while (runner->n_truths <= (size_t)number) {
        runner->truths = grow(runner->truths, runner->n_truths, &runner->truths_capacity, sizeof runner->truths[0]);
        runner->truths[runner->n_truths++] = NAN;
    }
    runner->truths[number] = truth;
}

static double likely_truth(const struct runner *runner)
{
    struct likely_best likely;

    likely_best_find(study_history(runner->study), &likely);
    return likely.number > 0 && runner->truths != NULL ? runner->truths[likely.number] : NAN;
}

static int land_first(struct runner *runner)
{
    struct flight *first = runner->flights;
    struct verdict verdict;

    for (size_t i = 1; i < runner->n_flying; i++)
        if (runner->flights[i].ends < first->ends)
            first = &runner->flights[i];
    runner->now = first->ends;
    TRY(target_judge(runner->target, first->values, (uint64_t)first->number - 1, first->resource, &verdict));
    runner->record->spent += cost_of(runner->target, first->resource);
    keep_truth(runner, first->number, verdict.truth);
    bool has_loss = verdict.outcome == OUTCOME_SUCCEEDED;
    study_finish(runner->study, first->number, NULL, verdict.outcome, has_loss ? verdict.losses : NULL,
                 has_loss ? verdict.violations : NULL);
    TRY(note(runner, first, &verdict));
    struct flight landed = *first;
    *first = runner->flights[--runner->n_flying];
    runner->flights[runner->n_flying] = landed; /* its room is used again */
    return 0;
}

static int fly(struct runner *runner)
{
    bool is_over = false;

    while (!is_over || runner->n_flying > 0) {
        while (!is_over && runner->n_flying < runner->options->n_parallel) {
            is_over = runner->due >= (double)runner->options->n_trials;
            int status = is_over ? 0 : ask_next(runner);
            if (status < 0)
                return status;
            is_over = is_over || status == SUGGEST_EXHAUSTED;
        }
        if (runner->n_flying > 0)
            TRY(land_first(runner));
    }
    return 0;
}

/* The settings that a resource needs; the others at their defaults. */
static struct setting_value *settings_for(const struct suggest_method *method, const struct target *target,
                                          struct arena *arena)
{
    size_t n;
    struct setting_value *values = setting_defaults(method->settings, arena, &n);

    for (size_t i = 0; i < n && !isnan(target->full_resource); i++) {
        if (text_equal(method->settings[i].name, "r_l"))
            values[i] = (struct setting_value){ .number = target->full_resource, .text = "", .given = true };
        if (text_equal(method->settings[i].name, "resource_name"))
            values[i] = (struct setting_value){ .text = "resource", .given = true };
    }
    return values;
}

int run_method(struct target *target, const struct run_options *options, struct run_record *record)
{
    const struct suggest_problem problem = {
        .space = &target->space,
        .n_objectives = target->n_objectives,
        .n_constraints = target->n_constraints,
        .is_noisy = target->is_noisy,
        .parallel_trial_count = (int64_t)options->n_parallel,
        .max_trial_count = isnan(target->full_resource) ? (int64_t)options->n_trials : 0,
    };
    struct arena arena = { 0 };
    struct runner runner = { .target = target, .options = options, .record = record, .next = 1, .highest = -INFINITY };
    const struct setting_value *values = settings_for(options->method, target, &arena);
    const char *fault = options->method->check ? options->method->check(&problem, values, &arena) : NULL;
    int status = fault != NULL ? fail(ERR_UNSUPPORTED, "%s", fault) : 0;

    *record = (struct run_record){ .best = INFINITY, .likely = NAN };
    if (status == 0) {
        runner.study = study_create(&problem, options->method, values, options->seed);
        runner.flights = arena_array(&arena, options->n_parallel, sizeof runner.flights[0]);
        for (size_t i = 0; i < options->n_parallel; i++)
            runner.flights[i].values = arena_array(&arena, target->space.n + 1, sizeof(double));
        status = fly(&runner);
        if (target->is_noisy)
            record->likely = likely_truth(&runner);
        free(runner.truths);
        study_destroy(runner.study);
    }
    arena_release(&arena);
    return status;
}

void run_record_release(struct run_record *record)
{
    free(record->improvements);
}
