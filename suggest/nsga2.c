/*
 * NSGA-II, one trial at a time.
 *
 * The parents are the best population_size trials seen so far: each finished trial joins them, and the last of the order
 * (feasibility, front, crowding) leaves, so that nobody waits for a generation to end. Parents win binary tournaments in
 * the same order. Deb et al., A fast and elitist multiobjective genetic algorithm: NSGA-II (2002), constraint rule
 * included; steady state: Durillo et al., On the effect of the steady-state selection scheme (2009). Crowding says little
 * with three losses and more: there a trial counts by its distance to the nearest one of its front.
 */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/entries.h"
#include "suggest/pareto.h"
#include "suggest/variation.h"

enum { POPULATION, STATE };
enum { POPULATION_MOST = 50, POPULATION_LEAST = 10, FIRST_MOST = 20 };

static const struct setting settings[] = {
    [POPULATION] = { "population_size", INTEGER(NAN, 2, 1000),
                     "trials that become parents; by default 1.5 times the root of maxTrialCount, between 10 and 50" },
    [STATE] = RANDOM_STATE,
    { 0 },
};

/* In the order of preference. */
enum tier { TIER_FEASIBLE, TIER_EARLY_STOPPED, TIER_VIOLATING, N_TIERS };

struct member {
    size_t row; /* of the history */
    enum tier tier;
    size_t front; /* counted through all tiers */
    double crowding;
};

struct nsga2 {
    const struct space *space;
    size_t population;
    struct arena arena; /* of the settings of sobol */
    void *sobol;        /* of the first points */
    size_t n_seen, n_members;
    double *losses;  /* (population + 1, n_objectives or 1) of one tier or one front */
    double *spacing; /* (population + 1) */
    size_t *ranks, *index;
    struct member members[]; /* (population + 1), best first */
};

static size_t default_population(const struct suggest_problem *problem)
{
    if (problem->max_trial_count == 0)
        return POPULATION_MOST;
    return (size_t)fmin(fmax(1.5 * sqrt((double)problem->max_trial_count), POPULATION_LEAST), POPULATION_MOST);
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    size_t population = values[POPULATION].given ? (size_t)values[POPULATION].number : default_population(problem);
    size_t room = population + 1, m = problem->n_objectives, n_values;
    struct nsga2 *nsga2 = xcalloc(1, sizeof *nsga2 + room * (sizeof *nsga2->members + (m + 3) * sizeof(double)));

    nsga2->space = problem->space;
    nsga2->population = population;
    nsga2->sobol = suggest_sobol.create(problem, setting_defaults(suggest_sobol.settings, &nsga2->arena, &n_values),
                                        seed);
    nsga2->losses = (double *)(nsga2->members + room);
    nsga2->spacing = nsga2->losses + room * m;
    nsga2->ranks = (size_t *)(nsga2->spacing + room);
    nsga2->index = nsga2->ranks + room;
    return nsga2;
}

static void destroy(void *state)
{
    struct nsga2 *nsga2 = state;

    if (nsga2 == NULL)
        return;
    suggest_sobol.destroy(nsga2->sobol);
    arena_release(&nsga2->arena);
    free(nsga2);
}

/* A trial with all its losses, at the full resource, can become a parent. */
static bool can_join(const struct history *history, size_t row)
{
    enum outcome outcome = history->outcome[row];

    if ((outcome != OUTCOME_SUCCEEDED && outcome != OUTCOME_EARLY_STOPPED) || !isnan(history->resource[row]))
        return false;
    for (size_t k = 0; k < history->n_objectives; k++)
        if (isnan(history->loss[row * history->n_objectives + k]))
            return false;
    return true;
}

static enum tier tier_of(const struct history *history, size_t row)
{
    for (size_t k = 0; k < history->n_constraints; k++)
        if (!(history->violation[row * history->n_constraints + k] <= 0))
            return TIER_VIOLATING;
    return history->outcome[row] == OUTCOME_SUCCEEDED ? TIER_FEASIBLE : TIER_EARLY_STOPPED;
}

/* Sum of a row's violations, each in units of the largest among the members; NAN where one is unknown. */
static double total_violation(const struct nsga2 *nsga2, const struct history *history, size_t row)
{
    size_t n = history->n_constraints;
    double sum = 0;

    for (size_t k = 0; k < n; k++) {
        double largest = 0, own = history->violation[row * n + k];
        for (size_t i = 0; i < nsga2->n_members; i++)
            largest = fmax(largest, history->violation[nsga2->members[i].row * n + k]);
        if (isnan(own) || own > 0)
            sum += own == largest ? 1 : own / largest;
    }
    return sum;
}

/* Fronts of one tier, counted on from first; what violates is compared by its violations alone. Returns how many there are. */
static size_t rank_tier(struct nsga2 *nsga2, const struct history *history, enum tier tier, size_t first)
{
    size_t m = tier == TIER_VIOLATING ? 1 : history->n_objectives, n = 0;

    for (size_t i = 0; i < nsga2->n_members; i++) {
        size_t row = nsga2->members[i].row;
        if (nsga2->members[i].tier != tier)
            continue;
        if (tier == TIER_VIOLATING)
            nsga2->losses[n] = total_violation(nsga2, history, row);
        else
            memcpy(nsga2->losses + n * m, history->loss + row * m, m * sizeof *nsga2->losses);
        nsga2->index[n++] = i;
    }
    size_t n_fronts = pareto_ranks(nsga2->losses, n, m, nsga2->ranks);
    for (size_t j = 0; j < n; j++)
        nsga2->members[nsga2->index[j]].front = first + nsga2->ranks[j];
    return n_fronts;
}

/* Stretch the finite losses (n, m) of a front to [0, 1] each; what is infinite goes one beyond. */
static void normalise(double *losses, size_t n, size_t m)
{
    for (size_t k = 0; k < m; k++) {
        double low = INFINITY, high = -INFINITY;
        for (size_t i = 0; i < n; i++) {
            if (isfinite(losses[i * m + k])) {
                low = fmin(low, losses[i * m + k]);
                high = fmax(high, losses[i * m + k]);
            }
        }
        for (size_t i = 0; i < n; i++) {
            double *loss = &losses[i * m + k];
            if (isinf(*loss))
                *loss = *loss > 0 ? 2 : -1;
            else
                *loss = high > low ? (*loss / 2 - low / 2) / (high / 2 - low / 2) : 0;
        }
    }
}

/* Distance of each normalised row to the nearest other; the best of each loss is far from all. */
static void nearest_distances(const double *losses, size_t n, size_t m, double *distance)
{
    for (size_t i = 0; i < n; i++) {
        distance[i] = INFINITY;
        for (size_t j = 0; j < n; j++) {
            double sum = 0;
            for (size_t k = 0; k < m; k++)
                sum += (losses[i * m + k] - losses[j * m + k]) * (losses[i * m + k] - losses[j * m + k]);
            if (j != i)
                distance[i] = fmin(distance[i], sum);
        }
    }
    for (size_t k = 0; k < m; k++) {
        size_t best = 0;
        for (size_t i = 1; i < n; i++)
            if (losses[i * m + k] < losses[best * m + k])
                best = i;
        distance[best] = INFINITY;
    }
}

static void spread_front(struct nsga2 *nsga2, const struct history *history, size_t front)
{
    size_t m = history->n_objectives, n = 0;

    for (size_t i = 0; i < nsga2->n_members; i++) {
        if (nsga2->members[i].front != front)
            continue;
        memcpy(nsga2->losses + n * m, history->loss + nsga2->members[i].row * m, m * sizeof *nsga2->losses);
        nsga2->ranks[n] = n;
        nsga2->index[n++] = i;
    }
    if (m <= 2) {
        pareto_crowding(nsga2->losses, m, nsga2->ranks, n, nsga2->spacing);
    } else {
        normalise(nsga2->losses, n, m);
        nearest_distances(nsga2->losses, n, m, nsga2->spacing);
    }
    for (size_t j = 0; j < n; j++)
        nsga2->members[nsga2->index[j]].crowding = nsga2->spacing[j];
}

static int compare_members(const void *left, const void *right)
{
    const struct member *a = left, *b = right;

    if (a->front != b->front)
        return a->front < b->front ? -1 : 1;
    if (a->crowding != b->crowding)
        return a->crowding > b->crowding ? -1 : 1;
    return (a->row > b->row) - (a->row < b->row);
}

/* One more trial among the parents; the last one leaves when there are too many. */
static void join(struct nsga2 *nsga2, const struct history *history, size_t row)
{
    size_t n_fronts = 0;

    nsga2->members[nsga2->n_members++] = (struct member){ .row = row, .tier = tier_of(history, row) };
    for (enum tier tier = 0; tier < N_TIERS; tier++)
        n_fronts += rank_tier(nsga2, history, tier, n_fronts);
    for (size_t front = 0; front < n_fronts; front++)
        spread_front(nsga2, history, front);
    qsort(nsga2->members, nsga2->n_members, sizeof *nsga2->members, compare_members);
    if (nsga2->n_members > nsga2->population)
        nsga2->n_members--;
}

/* Members are sorted: the smaller of two places wins. */
static size_t tournament(const struct nsga2 *nsga2, struct rng *rng)
{
    size_t a = (size_t)rng_below(rng, nsga2->n_members), b = (size_t)rng_below(rng, nsga2->n_members);

    return a < b ? a : b;
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    struct nsga2 *nsga2 = state;
    size_t n_first = nsga2->population < FIRST_MOST ? nsga2->population : FIRST_MOST;

    for (; nsga2->n_seen < history->n_finished; nsga2->n_seen++)
        if (can_join(history, nsga2->n_seen))
            join(nsga2, history, nsga2->n_seen);
    if (nsga2->n_members < n_first)
        return suggest_sobol.suggest(nsga2->sobol, history, request, out);

    /* Repeated draws of a small space wander further. */
    const struct variation variation = {
        .crossover = 0.9,
        .crossover_eta = history->n_objectives == 1 ? 2 : 20,
        .mutation = 1 + request->draw,
        .mutation_eta = 10,
    };
    const struct member *a = &nsga2->members[tournament(nsga2, &request->rng)];
    const struct member *b = &nsga2->members[tournament(nsga2, &request->rng)];
    variation_child(&variation, nsga2->space, history_point(history, a->row), history_point(history, b->row),
                    &request->rng, out->x);
    snprintf(out->why, sizeof out->why, "a child of trials %" PRId64 " (front %zu) and %" PRId64 " (front %zu)",
             history->number[a->row], a->front + 1, history->number[b->row], b->front + 1);
    return 0;
}

const struct suggest_method suggest_nsga2 = {
    .name = "nsga2",
    .summary = "non-dominated sorting genetic algorithm, for several objectives",
    .settings = settings,
    .check = check_parameters,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
};
