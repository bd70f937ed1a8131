/*
 * The method that chooses the method: before every trial, the first situation of a table that holds says who answers it.
 *
 * Each part is a method of the table with its defaults, asked over the whole history, whoever made its rows; so a part that
 * takes over begins where the others have got to, and a replayed history gives the same answers.
 */
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/entries.h"

/* Rows up to which a Gaussian process is asked, and parameters up to which its lengthscales can be told apart. */
enum { MODEL_ROWS = 500, MODEL_PARAMETERS = 200 };
/* Every so many trials another part is asked, should the main one have gone astray. */
enum { INSURANCE = 8 };
/* Objectives up to which expected hypervolume improvement is computed. */
enum { MODEL_OBJECTIVES = 3 };

enum part { MODEL, DENSITY, EVOLUTION, GENETIC, N_PARTS };

static const struct suggest_method *const methods[N_PARTS] = {
    [MODEL] = &suggest_bayesianoptimization,
    [DENSITY] = &suggest_multivariate_tpe,
    [EVOLUTION] = &suggest_cmaes,
    [GENETIC] = &suggest_nsga2,
};

static const struct setting settings[] = {
    RANDOM_STATE,
    { 0 },
};

struct auto_state {
    const struct suggest_problem *problem;
    bool is_numeric; /* neither categories nor conditions */
    struct arena arena;
    void *parts[N_PARTS]; /* NULL: cannot search this problem */
};

static bool is_numeric(const struct space *space)
{
    for (size_t i = 0; i < space->n; i++)
        if (space->parameters[i].type == PARAMETER_CATEGORICAL || space->parameters[i].activation != NULL)
            return false;
    return true;
}

static void *create_part(struct auto_state *state, enum part part, uint64_t seed)
{
    const struct suggest_method *method = methods[part];
    size_t n;
    const struct setting_value *values = setting_defaults(method->settings, &state->arena, &n);

    if (method->check != NULL && method->check(state->problem, values, &state->arena) != NULL)
        return NULL;
    return method->create(state->problem, values, seed);
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct auto_state *state = xcalloc(1, sizeof *state);

    (void)values;
    state->problem = problem;
    state->is_numeric = is_numeric(problem->space);
    for (enum part part = 0; part < N_PARTS; part++)
        state->parts[part] = create_part(state, part, seed);
    return state;
}

static void destroy(void *owner)
{
    struct auto_state *state = owner;

    if (state == NULL)
        return;
    for (enum part part = 0; part < N_PARTS; part++)
        methods[part]->destroy(state->parts[part]);
    arena_release(&state->arena);
    free(state);
}

struct situation {
    bool (*holds)(const struct auto_state *state, const struct history *history, int64_t number);
    enum part part;
};

static bool is_modelled(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)number;
    return history->n_finished <= MODEL_ROWS && state->problem->space->n <= MODEL_PARAMETERS &&
           state->problem->n_objectives <= MODEL_OBJECTIVES;
}

static bool is_insurance(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)state;
    return history->n_finished > INSURANCE && number % INSURANCE == 0;
}

static bool has_objectives(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)history;
    (void)number;
    return state->problem->n_objectives > 1;
}

static bool is_all_numbers(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)history;
    (void)number;
    return state->is_numeric;
}

static bool always(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)state;
    (void)history;
    (void)number;
    return true;
}

/* Read from the top. */
static const struct situation situations[] = {
    { is_insurance, DENSITY },     { is_modelled, MODEL }, { has_objectives, GENETIC },
    { is_all_numbers, EVOLUTION }, { always, DENSITY },
};

static enum part choose(const struct auto_state *state, const struct history *history, int64_t number)
{
    size_t i = 0;

    while (!situations[i].holds(state, history, number) || state->parts[situations[i].part] == NULL)
        i++;
    return situations[i].part;
}

static int suggest(void *owner, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct auto_state *state = owner;
    enum part part = choose(state, history, request->number);
    char why[SUGGEST_WHY_SIZE];
    int status = methods[part]->suggest(state->parts[part], history, request, out);

    if (status == 0) {
        memcpy(why, out->why, sizeof why);
        snprintf(out->why, sizeof out->why, "%s: %.*s", methods[part]->name, (int)sizeof why - 32, why);
    }
    return status;
}

const struct suggest_method suggest_auto = {
    .name = "auto",
    .summary = "chooses the method of every trial from the space, the objectives and the trials seen so far",
    .settings = settings,
    .check = check_parameters,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
