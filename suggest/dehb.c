/*
 * DEHB: Hyperband whose new configurations come from differential evolution.
 *
 * Awad, Mallik, Hutter, DEHB: evolutionary hyperband for scalable, robust and efficient hyperparameter optimization, IJCAI
 * (2021): rand/1/bin, F = CR = 0.5, what leaves the cube is drawn anew. The first turn of brackets is Hyperband's, with its
 * promotions; from then on every rung evaluates offspring, whose parents on a bracket's lowest rung are the population of
 * that level and above it the best of the level below. Whom an offspring challenges comes from its trial number, so that a
 * rebuilt study gets the same populations from the order in which trials ended.
 */
#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "suggest/brackets.h"
#include "suggest/pareto.h"

static const struct setting settings[] = {
    RUNG_SETTINGS,
    RANDOM_STATE,
    { 0 },
};

enum { PARENTS = 3 };
static const double F = 0.5, CR = 0.5;

struct population {
    size_t size, n;  /* places, and those that are held */
    size_t *members; /* (size) indices of climbers */
    size_t capacity;
};

struct dehb {
    const struct space *space;
    uint64_t seed;
    struct resource resource;
    struct brackets brackets; /* read anew at every ask, as are the populations */
    size_t *ended, ended_capacity;
    double *points;                             /* (PARENTS + 1, space->n): parents, target */
    struct population populations[RUNGS_LIMIT]; /* one a level */
};

/* Trials on a level of the bracket that begins at root. */
static size_t rung_size(const struct rungs *rungs, size_t root, size_t level)
{
    size_t n = rungs_bracket_size(rungs, root);

    for (size_t i = root; i < level; i++)
        n = rungs_kept(n, rungs->eta);
    return n;
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct dehb *dehb = xcalloc(1, sizeof *dehb);

    dehb->space = problem->space;
    dehb->seed = seed;
    dehb->resource = read_resource_settings(problem, values);
    dehb->brackets.n_turns = 1;
    dehb->points = xcalloc((PARENTS + 1) * problem->space->n, sizeof *dehb->points);
    for (size_t level = 0; level < dehb->resource.rungs.n; level++)
        for (size_t root = 0; root <= level; root++) {
            size_t n = rung_size(&dehb->resource.rungs, root, level), *size = &dehb->populations[level].size;
            *size = n > *size ? n : *size;
        }
    return dehb;
}

static void destroy(void *state)
{
    struct dehb *dehb = state;

    for (size_t level = 0; dehb != NULL && level < dehb->resource.rungs.n; level++)
        free(dehb->populations[level].members);
    if (dehb != NULL) {
        brackets_release(&dehb->brackets);
        free(dehb->ended);
        free(dehb->points);
    }
    free(dehb);
}

static size_t target_of(const struct dehb *dehb, int64_t number, const struct population *population)
{
    struct rng rng = rng_stream(dehb->seed, (uint64_t)number, "dehb.target");

    return rng_below(&rng, population->size);
}

static bool is_better(const struct history *history, const struct climber *a, const struct climber *b)
{
    size_t m = history->n_objectives;

    if (a->violation != b->violation)
        return a->violation < b->violation;
    return pareto_dominates(history->loss + a->row * m, history->loss + b->row * m, m);
}

/* One that ended takes a free place, or that of its target if it is better. */
static void take_place(const struct dehb *dehb, const struct history *history, size_t i, struct population *population)
{
    const struct climber *items = dehb->brackets.climbers.items;

    if (population->n < population->size) {
        population->members = grow(population->members, population->n, &population->capacity, sizeof(size_t));
        population->members[population->n++] = i;
        return;
    }
    size_t *member = &population->members[target_of(dehb, items[i].number, population)];
    if (is_better(history, &items[i], &items[*member]))
        *member = i;
}

static int compare_rows(const void *left, const void *right, void *context)
{
    const struct climbers *climbers = context;
    size_t a = climbers->items[*(const size_t *)left].row, b = climbers->items[*(const size_t *)right].row;

    return (a > b) - (a < b);
}

static void read_populations(struct dehb *dehb, const struct history *history)
{
    struct climbers *climbers = &dehb->brackets.climbers;
    size_t n = 0;

    if (climbers->n > dehb->ended_capacity) {
        dehb->ended_capacity = climbers->capacity;
        dehb->ended = xreallocarray(dehb->ended, dehb->ended_capacity, sizeof *dehb->ended);
    }
    for (size_t i = 0; i < climbers->n; i++)
        if (climbers->items[i].is_eligible)
            dehb->ended[n++] = i;
    if (n > 0)
        qsort_r(dehb->ended, n, sizeof *dehb->ended, compare_rows, climbers);
    for (size_t level = 0; level < dehb->resource.rungs.n; level++)
        dehb->populations[level].n = 0;
    for (size_t i = 0; i < n; i++)
        take_place(dehb, history, dehb->ended[i], &dehb->populations[climbers->items[dehb->ended[i]].level]);
}

/* Where the next offspring is evaluated: rung after rung, bracket after bracket, but for levels that have had every point. */
static void place_offspring(const struct dehb *dehb, struct step *step)
{
    const struct climbers *climbers = &dehb->brackets.climbers;
    const struct rungs *rungs = &dehb->resource.rungs;
    size_t n_before = 0, cycle = 0;

    for (size_t root = 0; root < rungs->n; root++) {
        size_t first = rungs_bracket_size(rungs, root);
        n_before += climbers->n_roots[root] > first ? climbers->n_roots[root] - first : 0;
        for (size_t level = root; level < rungs->n; level++)
            cycle += rung_size(rungs, root, level);
    }
    assert(cycle > 0);
    n_before %= cycle;
    for (size_t turn = 0; turn < 2; turn++)
        for (size_t root = 0; root < rungs->n; root++)
            for (size_t level = root; level < rungs->n; level++) {
                size_t n = rung_size(rungs, root, level);
                if (n_before >= n) {
                    n_before -= n;
                    continue;
                }
                n_before = 0;
                if (climbers_have_room(climbers, &dehb->resource, level)) {
                    *step = (struct step){ .level = level, .root_level = root, .n = n };
                    return;
                }
            }
}

/* Coordinates of a point of the history, all in [0, 1]: choices as the middle of their share, inactive ones drawn. */
static void unfold(const struct space *space, const double *x, struct rng *rng, double *point)
{
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        if (isnan(x[i]))
            point[i] = rng_uniform(rng);
        else
            point[i] = p->type == PARAMETER_CATEGORICAL ? (x[i] + 0.5) / (double)p->n_choices : x[i];
    }
}

static void draw(const struct space *space, struct rng *rng, double *point)
{
    for (size_t i = 0; i < space->n; i++)
        point[i] = rng_uniform(rng);
}

/* Number pick of all populations, one after the other. */
static size_t member_of_all(const struct dehb *dehb, size_t pick)
{
    const struct population *population = dehb->populations;

    for (; pick >= population->n; population++)
        pick -= population->n;
    return population->members[pick];
}

static bool is_among(size_t candidate, const size_t *chosen, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (chosen[i] == candidate)
            return true;
    return false;
}

/* Three different ones, of the pool while it lasts, then of all levels, then any points. */
static void draw_parents(const struct dehb *dehb, const struct history *history, const size_t *pool, size_t n_pool,
                         struct rng *rng)
{
    size_t n_all = 0, chosen[PARENTS];

    for (size_t level = 0; level < dehb->resource.rungs.n; level++)
        n_all += dehb->populations[level].n;
    for (size_t k = 0; k < PARENTS; k++) {
        double *point = dehb->points + k * dehb->space->n;
        if (n_all <= k) {
            draw(dehb->space, rng, point);
            continue;
        }
        do
            chosen[k] = n_pool > k ? pool[rng_below(rng, n_pool)] : member_of_all(dehb, rng_below(rng, n_all));
        while (is_among(chosen[k], chosen, k));
        unfold(dehb->space, history_point(history, dehb->brackets.climbers.items[chosen[k]].row), rng, point);
    }
}

/* The best of the level below, in a copy; on the lowest rung of a bracket, all of its own level. */
static size_t gather_pool(struct dehb *dehb, const struct history *history, const struct step *step)
{
    bool is_lowest = step->level == step->root_level;
    const struct population *source = &dehb->populations[is_lowest ? step->level : step->level - 1];

    if (source->n > 0)
        memcpy(dehb->ended, source->members, source->n * sizeof *dehb->ended);
    climbers_sort(&dehb->brackets.climbers, history, dehb->ended, source->n);
    return is_lowest || source->n < step->n ? source->n : step->n;
}

/* rand/1 mutation of the parents and binomial crossover with the target, folded back to coordinates. */
static void combine(const struct dehb *dehb, struct rng *rng, double *x)
{
    const struct space *space = dehb->space;
    const double *a = dehb->points, *b = a + space->n, *c = b + space->n, *target = c + space->n;
    size_t forced = space->n > 1 ? rng_below(rng, space->n - 1) : 0;

    forced += forced >= dehb->resource.parameter;
    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        double u = target[i];
        if (i == forced || rng_uniform(rng) < CR) {
            u = a[i] + F * (b[i] - c[i]);
            if (u < 0 || u > 1)
                u = rng_uniform(rng);
        }
        x[i] = p->type == PARAMETER_CATEGORICAL ? fmin(floor(u * (double)p->n_choices), (double)p->n_choices - 1) : u;
    }
}

static void make_offspring(struct dehb *dehb, const struct history *history, const struct step *step,
                           struct suggest_request *request, double *x)
{
    const struct population *own = &dehb->populations[step->level];
    size_t n_pool = gather_pool(dehb, history, step), place = target_of(dehb, request->number, own);
    double *target = dehb->points + PARENTS * dehb->space->n;

    draw_parents(dehb, history, dehb->ended, n_pool, &request->rng);
    if (place < own->n)
        unfold(dehb->space, history_point(history, dehb->brackets.climbers.items[own->members[place]].row),
               &request->rng, target);
    else
        draw(dehb->space, &request->rng, target);
    combine(dehb, &request->rng, x);
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct dehb *dehb = state;
    const struct climbers *climbers = &dehb->brackets.climbers;
    struct step step;
    int status = brackets_next(&dehb->brackets, history, &dehb->resource, &step);

    if (status != 0)
        return status;
    if (step.from != NULL) {
        step_promote(&step, history, &dehb->resource, out);
        return 0;
    }
    if (climbers->n_roots[step.level] < rungs_bracket_size(&dehb->resource.rungs, step.level)) {
        space_draw(dehb->space, &request->rng, out->x);
        step_begin(&step, &dehb->resource, "a random point", out);
        return 0;
    }
    read_populations(dehb, history);
    place_offspring(dehb, &step);
    make_offspring(dehb, history, &step, request, out->x);
    step_begin(&step, &dehb->resource, "offspring by differential evolution", out);
    return 0;
}

const struct suggest_method suggest_dehb = {
    .name = "dehb",
    .summary = "Hyperband whose new configurations come from differential evolution",
    .settings = settings,
    .check = check_resource_settings,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
