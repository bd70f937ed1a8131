/*
 * Asking a method until its answer is new.
 *
 * A method gets some draws to say something new. What comes back every time is then replaced: in a finite space by the first
 * free point after a random one, in any other by a random point.
 */
#include "suggest/study.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/enumeration.h"
#include "suggest/point_set.h"

enum { DRAWS = 20, RANDOM_DRAWS = 1000 };

struct study {
    struct suggest_problem problem;
    const struct suggest_method *method;
    uint64_t seed;
    struct history history;
    struct point_set taken;          /* finished and running points, but for abandoned ones */
    size_t resource_parameter;       /* takes the trial's resource; SIZE_MAX: none does */
    struct space free;               /* the space, with that parameter at one value */
    struct enumeration *enumeration; /* of it */
    struct arena arena;              /* the settings, free's parameters */
    void *state;                     /* the method's */
    double x[];                      /* (n) */
};

/* random_state where the method has it and it is given. */
static uint64_t effective_seed(const struct suggest_method *method, const struct setting_value *values, uint64_t seed)
{
    const struct setting *row = method->settings ? setting_find(method->settings, "random_state") : NULL;

    if (row == NULL)
        return seed;
    const struct setting_value *value = &values[row - method->settings];
    return value->given && value->number >= 0 ? (uint64_t)value->number : seed;
}

static const struct setting_value *copy_values(const struct suggest_method *method, const struct setting_value *values,
                                               struct arena *arena)
{
    size_t n = 0;

    while (method->settings != NULL && method->settings[n].name != NULL)
        n++;
    struct setting_value *copies = arena_array(arena, n + 1, sizeof *copies);
    for (size_t i = 0; i < n; i++) {
        copies[i] = values[i];
        copies[i].text = values[i].text ? arena_strdup(arena, values[i].text) : NULL;
    }
    return copies;
}

/* Index of the parameter that resource_name gives; SIZE_MAX: the method has no such setting. */
static size_t find_resource_parameter(const struct space *space, const struct suggest_method *method,
                                      const struct setting_value *values)
{
    const struct setting *row = method->settings ? setting_find(method->settings, "resource_name") : NULL;

    for (size_t i = 0; row != NULL && i < space->n; i++)
        if (text_equal(space->parameters[i].name, values[row - method->settings].text))
            return i;
    return SIZE_MAX;
}

/* The space whose points differ in other parameters. */
static struct space pin_parameter(const struct space *space, size_t pinned, struct arena *arena)
{
    struct parameter *parameters = arena_array(arena, space->n, sizeof *parameters);

    for (size_t i = 0; i < space->n; i++) {
        parameters[i] = space->parameters[i];
        if (i == pinned)
            parameters[i].max = parameters[i].min;
    }
    return (struct space){ space->n, parameters };
}

struct study *study_create(const struct suggest_problem *problem, const struct suggest_method *method,
                           const struct setting_value *values, uint64_t seed)
{
    const struct space *space = problem->space;
    struct study *study = xcalloc(1, sizeof *study + space->n * sizeof study->x[0]);

    assert(method->create != NULL);
    study->problem = *problem;
    study->method = method;
    study->seed = effective_seed(method, values, seed);
    history_init(&study->history, space, problem->n_objectives, problem->n_constraints);
    study->resource_parameter = find_resource_parameter(space, method, values);
    study->free = study->resource_parameter == SIZE_MAX
                      ? *space
                      : pin_parameter(space, study->resource_parameter, &study->arena);
    study->enumeration = enumeration_create(&study->free);
    study->state = method->create(&study->problem, copy_values(method, values, &study->arena), study->seed);
    return study;
}

void study_destroy(struct study *study)
{
    if (study == NULL)
        return;
    study->method->destroy(study->state);
    enumeration_destroy(study->enumeration);
    point_set_release(&study->taken);
    history_release(&study->history);
    arena_release(&study->arena);
    free(study);
}

static bool is_taken(const struct study *study, const double *values, double resource)
{
    return point_set_has(&study->taken, values, study->problem.space->n, resource);
}

/* The values of a trial with that resource, which may lie beyond the feasibleSpace of the parameter that takes it. */
static void set_resource(const struct study *study, double resource, double *values)
{
    if (study->resource_parameter != SIZE_MAX && !isnan(resource))
        values[study->resource_parameter] = resource;
}

/* One answer of the method. */
static int ask_method(struct study *study, int64_t number, unsigned draw, double *values, struct suggestion *out)
{
    struct suggest_request request = { .seed = study->seed, .number = number, .draw = draw };
    char purpose[96];

    snprintf(purpose, sizeof purpose, "%s.%u", study->method->name, draw);
    request.rng = rng_stream(study->seed, (uint64_t)number, purpose);
    out->resource = NAN;
    out->parent = 0;
    out->why[0] = '\0';
    out->n_labels = 0;
    int status = study->method->suggest(study->state, &study->history, &request, out);
    if (status == 0) {
        space_decode(study->problem.space, out->x, values);
        set_resource(study, out->resource, values);
    }
    return status;
}

/* Among size points, at most taken.n of them taken, the walk ends at a free one or has seen them all. */
static int next_free_point(struct study *study, struct rng *rng, double *values, double resource)
{
    uint64_t size = (uint64_t)enumeration_size(study->enumeration), k = rng_below(rng, size);

    for (uint64_t step = 0; step < size; step++, k = (k + 1) % size) {
        enumeration_point(study->enumeration, k, values);
        set_resource(study, resource, values);
        if (!is_taken(study, values, resource))
            return 0;
    }
    return SUGGEST_EXHAUSTED;
}

static int random_free_point(struct study *study, struct rng *rng, double *values, double resource)
{
    for (unsigned draw = 0; draw < RANDOM_DRAWS; draw++) {
        space_draw(study->problem.space, rng, study->x);
        space_decode(study->problem.space, study->x, values);
        set_resource(study, resource, values);
        if (!is_taken(study, values, resource))
            return 0;
    }
    return SUGGEST_EXHAUSTED; /* a "continuous" range of a few neighbouring doubles */
}

static int replace_point(struct study *study, int64_t number, double *values, struct suggestion *out)
{
    struct rng rng = rng_stream(study->seed, (uint64_t)number, "study.replace");

    out->parent = 0;
    out->n_labels = 0;
    if (enumeration_is_countable(study->enumeration)) {
        snprintf(out->why, sizeof out->why,
                 "the first free point after a random one: %s named only points already tried", study->method->name);
        return next_free_point(study, &rng, values, out->resource);
    }
    snprintf(out->why, sizeof out->why, "a random point: %s named only points already tried", study->method->name);
    return random_free_point(study, &rng, values, out->resource);
}

static int find_point(struct study *study, int64_t number, double *values, struct suggestion *out)
{
    bool repeats = study->problem.is_noisy || study->method->repeats;

    for (unsigned draw = 0; draw < DRAWS; draw++) {
        int status = ask_method(study, number, draw, values, out);
        if (status != 0 || repeats || !is_taken(study, values, out->resource))
            return status;
    }
    return replace_point(study, number, values, out);
}

int study_ask(struct study *study, int64_t number, double *values, struct suggestion *out)
{
    double *x = out->x;

    assert(history_find_running(&study->history, number) == SIZE_MAX);
    out->x = study->x;
    int status = find_point(study, number, values, out);
    out->x = x;
    if (status != 0)
        return status;
    if (x != NULL)
        space_encode(study->problem.space, values, x);
    study_start(study, number, values, out->resource, out->parent);
    return 0;
}

void study_start(struct study *study, int64_t number, const double *values, double resource, int64_t parent)
{
    if (history_find_running(&study->history, number) != SIZE_MAX)
        return;
    history_start(&study->history, number, values, resource, parent);
    point_set_add(&study->taken, values, study->problem.space->n, resource);
}

void study_finish(struct study *study, int64_t number, const double *values, enum outcome outcome, const double *loss,
                  const double *violation)
{
    struct history *history = &study->history;
    size_t row = history->n_finished;
    bool was_running = history_find_running(history, number) != SIZE_MAX;

    history_finish(history, number, values, outcome, loss, violation);
    if (was_running && outcome == OUTCOME_ABANDONED)
        point_set_remove(&study->taken, history_values(history, row), study->problem.space->n, history->resource[row]);
    else if (!was_running && outcome != OUTCOME_ABANDONED)
        point_set_add(&study->taken, history_values(history, row), study->problem.space->n, history->resource[row]);
}

const struct history *study_history(const struct study *study)
{
    return &study->history;
}
