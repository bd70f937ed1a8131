/*
 * The method that chooses the method: before every trial, the first situation of a table that holds says who answers it.
 *
 * Each part is a method of the table with its defaults, asked over the whole history, whoever made its rows; so a part that
 * takes over begins where the others have got to, and a replayed history gives the same answers.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/entries.h"

/* Trials up to which a Gaussian process is asked, and parameters up to which its lengthscales can be told apart. */
enum { MODEL_ROWS = 500, MODEL_PARAMETERS = 200 };
/* Every so many trials another part is asked, should the main one have gone astray. */
enum { INSURANCE = 8 };
/* Objectives up to which expected hypervolume improvement is computed. */
enum { MODEL_OBJECTIVES = 3 };
enum { REASON_SIZE = 32 };

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

/* Trials that a model would take in, running ones included: with many of them each costs more than it teaches. */
static bool has_many_rows(const struct history *history)
{
    return history->n_finished + history->n_running > MODEL_ROWS;
}

static bool is_insurance(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)state;
    return history->n_finished > INSURANCE && number % INSURANCE == 0;
}

static bool is_modelled(const struct auto_state *state, const struct history *history, int64_t number)
{
    (void)number;
    return !has_many_rows(history) && state->problem->space->n <= MODEL_PARAMETERS &&
           state->problem->n_objectives <= MODEL_OBJECTIVES;
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

static const struct situation *choose(const struct auto_state *state, const struct history *history, int64_t number)
{
    const struct situation *situation = situations;

    while (situation->holds != always &&
           (state->parts[situation->part] == NULL || !situation->holds(state, history, number)))
        situation++;
    assert(state->parts[situation->part] != NULL); /* the last one takes whatever auto takes */
    return situation;
}

/* What made another part than the model answer, into text. */
static void write_reason(const struct auto_state *state, const struct history *history,
                         const struct situation *situation, char text[REASON_SIZE])
{
    text[0] = '\0';
    if (situation->holds == is_modelled)
        return;
    if (situation->holds == is_insurance)
        snprintf(text, REASON_SIZE, " (every %dth trial)", INSURANCE);
    else if (state->problem->n_objectives > MODEL_OBJECTIVES)
        snprintf(text, REASON_SIZE, " (more than %d objectives)", MODEL_OBJECTIVES);
    else if (state->problem->space->n > MODEL_PARAMETERS)
        snprintf(text, REASON_SIZE, " (more than %d parameters)", MODEL_PARAMETERS);
    else if (has_many_rows(history))
        snprintf(text, REASON_SIZE, " (more than %d trials)", MODEL_ROWS);
}

static int suggest(void *owner, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct auto_state *state = owner;
    const struct situation *situation = choose(state, history, request->number);
    const struct suggest_method *method = methods[situation->part];
    char why[SUGGEST_WHY_SIZE], reason[REASON_SIZE];
    int status = method->suggest(state->parts[situation->part], history, request, out);

    if (status == 0) {
        memcpy(why, out->why, sizeof why);
        write_reason(state, history, situation, reason);
        int n = snprintf(out->why, sizeof out->why, "%s%s: ", method->name, reason);
        snprintf(out->why + n, sizeof out->why - (size_t)n, "%.*s", (int)sizeof why - 1 - n, why);
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
