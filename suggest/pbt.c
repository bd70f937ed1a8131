/*
 * Population-based training: generations of trials, each going on from the checkpoint of one before it.
 *
 * Jaderberg et al., Population based training of neural networks (2017), in Katib's form: of a generation, the worst share
 * copies hyperparameters and checkpoint of a random one of the best (exploit), the others go on from their own checkpoint
 * with changed hyperparameters (explore). A trial's generation is its depth below a root of the history.
 *
 * A generation begins once n_population members of the one before have ended, one of them well; until then whoever asks gets
 * one more member, so no worker waits. A member that failed or was killed is asked again once, as it was; it never
 * becomes a parent, nor does one without a finite loss, nor one that was stopped early: those copy a good one.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "suggest/climbers.h"

enum { SUGGESTION_TRIAL_DIR, N_POPULATION, TRUNCATION_THRESHOLD, RESAMPLE_PROBABILITY };

static const struct setting settings[] = {
    [SUGGESTION_TRIAL_DIR] = { "suggestion_trial_dir", TEXT(NULL),
                               "where the trial finds and leaves its checkpoint; required" },
    [N_POPULATION] = { "n_population", INTEGER(NAN, -INFINITY, INFINITY),
                       "trials in a generation, 5 or more; required" },
    [TRUNCATION_THRESHOLD] = { "truncation_threshold", NUMBER(NAN, -INFINITY, INFINITY),
                               "share of the worst that copies the best, in [0, 1]; required" },
    [RESAMPLE_PROBABILITY] = { "resample_probability", NULLABLE_NUMBER(NAN, 0, 1),
                               "chance to draw a parameter anew; None: always perturb" },
    RANDOM_STATE,
    { 0 },
};

static const char *check(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena)
{
    const char *missing = NULL;

    for (size_t i = SUGGESTION_TRIAL_DIR; i <= TRUNCATION_THRESHOLD; i++)
        if (!values[i].given)
            missing = missing ? arena_printf(arena, "%s, %s", missing, settings[i].name) : settings[i].name;
    if (missing != NULL)
        return arena_printf(arena, "Required params missing: %s", missing);
    if (values[N_POPULATION].number < 5)
        return "Param(n_population) should be >= 5";
    if (!(values[TRUNCATION_THRESHOLD].number >= 0 && values[TRUNCATION_THRESHOLD].number <= 1))
        return "Param(truncation_threshold) should be between 0 and 1, inclusive";
    return check_parameters(problem, values, arena);
}

struct member {
    int64_t number, parent;
    size_t row;        /* of the finished rows, or of the running ones */
    size_t generation; /* 0: a root */
    bool is_running;
    bool is_lost; /* failed or was killed: its seat is free again */
};

struct generation {
    size_t n_seats;    /* taken: running or ended, but not lost */
    size_t n_ended;    /* of these */
    size_t n_eligible; /* of these, ended well */
};

struct pbt {
    const struct space *space;
    size_t n_population;
    double truncation, resample_probability;
    struct member *members; /* (n) of the history, ascending by number */
    size_t n, capacity;
    struct climbers ended;         /* seats of the generation before, in the order they ended */
    size_t *order, order_capacity; /* indices of ended, from the best */
};

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct pbt *pbt = xcalloc(1, sizeof *pbt);
    double probability = values[RESAMPLE_PROBABILITY].number;

    (void)seed; /* the stream of every request comes from it */
    pbt->space = problem->space;
    pbt->n_population = (size_t)values[N_POPULATION].number;
    pbt->truncation = values[TRUNCATION_THRESHOLD].number;
    pbt->resample_probability = isnan(probability) ? 0 : probability;
    return pbt;
}

static void destroy(void *state)
{
    struct pbt *pbt = state;

    if (pbt != NULL) {
        climbers_release(&pbt->ended);
        free(pbt->members);
        free(pbt->order);
    }
    free(pbt);
}

static int compare_numbers(const void *left, const void *right)
{
    const struct member *a = left, *b = right;

    return (a->number > b->number) - (a->number < b->number);
}

static void add(struct pbt *pbt, const struct member *member)
{
    if (member->number <= 0) /* another experiment's: there is no checkpoint of it */
        return;
    pbt->members = grow(pbt->members, pbt->n, &pbt->capacity, sizeof *pbt->members);
    pbt->members[pbt->n++] = *member;
}

/* Parents have smaller numbers than their children, so one pass finds every generation. */
static void read_members(struct pbt *pbt, const struct history *history)
{
    pbt->n = 0;
    for (size_t row = 0; row < history->n_finished; row++)
        add(pbt, &(struct member){ .number = history->number[row],
                                   .parent = history->parent[row],
                                   .row = row,
                                   .is_lost = history->outcome[row] == OUTCOME_FAILED ||
                                              history->outcome[row] == OUTCOME_ABANDONED });
    for (size_t row = 0; row < history->n_running; row++)
        add(pbt, &(struct member){ .number = history->running_number[row],
                                   .parent = history->running_parent[row],
                                   .row = row,
                                   .is_running = true });
    if (pbt->n > 0)
        qsort(pbt->members, pbt->n, sizeof *pbt->members, compare_numbers);
    for (size_t i = 0; i < pbt->n; i++) {
        const struct member key = { .number = pbt->members[i].parent };
        const struct member *parent = key.number > 0 ? bsearch(&key, pbt->members, i, sizeof key, compare_numbers)
                                                     : NULL;
        pbt->members[i].generation = parent ? parent->generation + 1 : 0;
    }
}

static struct generation count_generation(const struct pbt *pbt, const struct history *history, size_t number)
{
    struct generation generation = { 0 };

    for (size_t i = 0; i < pbt->n; i++) {
        const struct member *member = &pbt->members[i];
        if (member->generation != number || member->is_lost)
            continue;
        generation.n_seats++;
        generation.n_ended += !member->is_running;
        generation.n_eligible += !member->is_running && climber_of_row(history, member->row).is_eligible;
    }
    return generation;
}

/* The generation that is asked for now: the first that is not complete. Only the newest two can be. */
static size_t current_generation(const struct pbt *pbt, const struct history *history, struct generation *counts)
{
    size_t newest = 0;

    for (size_t i = 0; i < pbt->n; i++)
        newest = pbt->members[i].generation > newest ? pbt->members[i].generation : newest;
    *counts = count_generation(pbt, history, newest);
    if (counts->n_ended < pbt->n_population || counts->n_eligible == 0)
        return newest;
    *counts = (struct generation){ 0 };
    return newest + 1;
}

static const double *values_of(const struct history *history, const struct member *member)
{
    return member->is_running ? history->running_values + member->row * history->space->n
                              : history_values(history, member->row);
}

static bool is_same(const double *a, const double *b, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i]))))
            return false;
    return true;
}

/* The first lost member of that generation that was not asked again; NULL: there is none. */
static const struct member *find_lost(const struct pbt *pbt, const struct history *history, size_t generation)
{
    for (size_t i = 0; i < pbt->n; i++) {
        const struct member *lost = &pbt->members[i];
        bool is_single = lost->is_lost && lost->generation == generation;
        for (size_t j = 0; j < pbt->n && is_single; j++)
            is_single = j == i || pbt->members[j].generation != generation || pbt->members[j].parent != lost->parent ||
                        !is_same(values_of(history, &pbt->members[j]), values_of(history, lost), pbt->space->n);
        if (is_single)
            return lost;
    }
    return NULL;
}

/* The seats of a generation that ended, in the order they did. */
static void gather_ended(struct pbt *pbt, const struct history *history, size_t generation)
{
    pbt->ended.n = 0;
    for (size_t row = 0; row < history->n_finished; row++) {
        const struct member key = { .number = history->number[row] };
        const struct member *member = pbt->n > 0 ? bsearch(&key, pbt->members, pbt->n, sizeof key, compare_numbers)
                                                 : NULL;
        const struct climber climber = climber_of_row(history, row);
        if (member != NULL && member->generation == generation && !member->is_lost)
            climbers_add(&pbt->ended, &climber);
    }
}

/* From zero, where no factor leads away: a fifth of the way to a bound. */
static double perturb_number(const struct parameter *p, double value, double factor)
{
    double bound = factor > 1 ? p->max : p->min,
           moved = value == 0 ? (factor > 1 ? factor - 1 : 1 - factor) * bound : value * factor;

    if (p->step > 0) {
        double steps = nearbyint((moved - value) / p->step);
        if (steps == 0)
            steps = moved > value ? 1 : -1;
        moved = value + steps * p->step;
    }
    return fmin(fmax(moved, p->min), p->max);
}

/* The next choice or the one before it; a list of numbers has ends, categories are a circle. */
static double perturb_choice(const struct parameter *p, double value, bool is_up)
{
    double last = (double)p->n_choices - 1, moved = value + (is_up ? 1 : -1);

    if (p->type == PARAMETER_DISCRETE)
        return fmin(fmax(moved, 0), last);
    return moved > last ? 0 : moved < 0 ? last : moved;
}

/* x: changed values of a parent; drawn where a parameter is inactive in the parent or is resampled. */
static void explore(const struct pbt *pbt, const double *values, struct rng *rng, double *x)
{
    const struct space *space = pbt->space;

    space_draw(space, rng, x);
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        bool is_resampled = rng_uniform(rng) < pbt->resample_probability, is_up = rng_below(rng, 2) == 1;
        if (isnan(values[i]) || is_resampled)
            continue;
        double value = parameter_is_choice(p) ? perturb_choice(p, values[i], is_up)
                                              : perturb_number(p, values[i], is_up ? 1.2 : 0.8);
        space_encode(&(struct space){ 1, p }, &value, &x[i]);
    }
}

static void sort_ended(struct pbt *pbt, const struct history *history, size_t *n_eligible)
{
    struct climbers *ended = &pbt->ended;

    if (ended->n > pbt->order_capacity) {
        pbt->order_capacity = ended->capacity;
        pbt->order = xreallocarray(pbt->order, pbt->order_capacity, sizeof *pbt->order);
    }
    for (size_t i = 0; i < ended->n; i++)
        pbt->order[i] = i;
    *n_eligible = climbers_sort(ended, history, pbt->order, ended->n);
}

/* A member of the next generation in the seat of ended number seat, or of a random one once all have gone on. */
static void go_on(struct pbt *pbt, const struct history *history, size_t seat, struct suggest_request *request,
                  struct suggestion *out)
{
    const struct climbers *ended = &pbt->ended;
    size_t n_eligible, place = 0;

    sort_ended(pbt, history, &n_eligible);
    if (seat >= ended->n)
        seat = rng_below(&request->rng, ended->n);
    size_t n_cut = (size_t)fmin(floor(pbt->truncation * (double)ended->n + 1e-9), floor(0.5 * (double)ended->n));
    size_t n_top = n_cut > 0 ? n_cut : 1;
    while (pbt->order[place] != seat)
        place++;
    if (place >= n_eligible || (place + n_cut >= ended->n && n_eligible > 1)) {
        size_t best = rng_below(&request->rng, n_top < n_eligible ? n_top : n_eligible);
        const struct climber *winner = &ended->items[pbt->order[best]];
        memcpy(out->x, history_point(history, winner->row), pbt->space->n * sizeof *out->x);
        out->parent = winner->number;
        snprintf(out->why, sizeof out->why,
                 "exploit: trial %" PRId64 " was number %zu of %zu, so trial %" PRId64 ", number %zu, goes on for it",
                 ended->items[seat].number, place + 1, ended->n, winner->number, best + 1);
    } else {
        const struct climber *self = &ended->items[seat];
        explore(pbt, history_values(history, self->row), &request->rng, out->x);
        out->parent = self->number;
        snprintf(out->why, sizeof out->why, "explore: trial %" PRId64 ", number %zu of %zu, goes on with other values",
                 self->number, place + 1, ended->n);
    }
}

static void set_generation(struct suggestion *out, size_t generation)
{
    out->labels[0].name = "pbt.suggestion.katib.kubeflow.org/generation";
    snprintf(out->labels[0].value, sizeof out->labels[0].value, "%zu", generation);
    out->n_labels = 1;
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct pbt *pbt = state;
    struct generation counts;

    read_members(pbt, history);
    size_t generation = current_generation(pbt, history, &counts);
    const struct member *lost = find_lost(pbt, history, generation);
    set_generation(out, generation);
    if (lost != NULL) {
        space_encode(pbt->space, values_of(history, lost), out->x);
        out->parent = lost->parent > 0 ? lost->parent : 0;
        snprintf(out->why, sizeof out->why, "trial %" PRId64 " again, which did not end", lost->number);
    } else if (generation == 0) {
        space_draw(pbt->space, &request->rng, out->x);
        snprintf(out->why, sizeof out->why, "a random member of the first generation");
    } else {
        gather_ended(pbt, history, generation - 1);
        go_on(pbt, history, counts.n_seats, request, out);
    }
    return 0;
}

const struct suggest_method suggest_pbt = {
    .name = "pbt",
    .summary = "population-based training: the worst go on from the best's checkpoints with changed parameters",
    .settings = settings,
    .check = check,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
    .repeats = true,
};
