/*
 * Draw from the density of the good trials, keep the point where it stands highest above that of the bad ones.
 *
 * Bergstra et al., Algorithms for Hyper-Parameter Optimization (2011); bandwidths and running trials among the bad ones as
 * in Optuna 5; good trials weighted by improvement as in Watanabe, Tree-Structured Parzen Estimator (2023). What a trial
 * lacks is a factor 1, so the trials of all branches of a conditional space make one density.
 */
#include "suggest/tpe_model.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/merit.h"
#include "suggest/parzen.h"

enum { GOOD_PER_LOSS = 25, GOOD_LIMIT = 100, BATCH = 128 };

static const double OWN_SHARE = 0.25, LEAST_WEIGHT = 0.1; /* of a categorical kernel; of a good trial beside the best */
enum { FEW_CANDIDATES = 2, MORE_CANDIDATES = 24, SOME_CANDIDATES = 64, MANY_CANDIDATES = 256 };
static const double EXPLORING =
    0.25; /* share of asks that decide the choices among few candidates, lest one choice holds for good */
static const double EXP_COST = 10; /* of a kernel's exponential, beside 1 for each of its axes */
static const double WORK = 2.4e6;  /* that cost, over candidates and kernels, is spent freely on an ask */

/* A pair of densities over some axes: all of them, or one. */
struct densities {
    const struct parzen_axis *axes;
    size_t n_axes;
    struct parzen *good, *bad;
};

struct tpe {
    const struct space *space;
    size_t n_objectives;
    struct tpe_options options;
    struct parameter *alone; /* (n) the parameters without their conditions */
    bool *is_switch;         /* (n) decides whether another is active */

    size_t n_axes;
    struct parzen_axis *axes; /* (n_axes) in the order of the parameters */
    size_t n_densities;
    struct densities *densities; /* (n_densities) */

    size_t n_seen; /* rows of the history absorbed */
    struct merit_list merits;

    size_t n_good, n_bad, capacity;
    const double **points;  /* (capacity) good ones, then bad ones */
    const double **present; /* (capacity) those of them that have one axis */
    double good_weights[GOOD_LIMIT], present_weights[GOOD_LIMIT];

    double *values;                   /* (n) of the switches of a candidate */
    double *candidates;               /* (BATCH, n) */
    float above[BATCH], below[BATCH]; /* log densities of the candidates */
};

static void create_axes(struct tpe *tpe)
{
    const struct space *space = tpe->space;

    for (size_t i = 0; i < space->n; i++) {
        const struct parameter *p = &space->parameters[i];
        tpe->alone[i] = *p;
        tpe->alone[i].activation = NULL;
        if (p->activation != NULL)
            tpe->is_switch[p->activation->parameter] = true;
        if (i == tpe->options.skip || space_parameter_size(space, i) == 1)
            continue;
        struct parzen_axis *axis = &tpe->axes[tpe->n_axes++];
        axis->parameter = i;
        axis->n_choices = p->type == PARAMETER_CATEGORICAL ? p->n_choices : 0;
        axis->is_conditional = p->activation != NULL;
        cells_init(&axis->cells, space, i);
    }
}

struct tpe *tpe_create(const struct suggest_problem *problem, const struct tpe_options *options)
{
    struct tpe *tpe = xcalloc(1, sizeof *tpe);
    size_t n = problem->space->n;

    tpe->space = problem->space;
    tpe->n_objectives = problem->n_objectives;
    tpe->options = *options;
    tpe->alone = xcalloc(n + 1, sizeof *tpe->alone);
    tpe->is_switch = xcalloc(n + 1, sizeof *tpe->is_switch);
    tpe->axes = xcalloc(n + 1, sizeof *tpe->axes);
    tpe->values = xcalloc((BATCH + 1) * (n + 1), sizeof *tpe->values);
    tpe->candidates = tpe->values + n;
    create_axes(tpe);
    tpe->n_densities = options->is_joint ? 1 : tpe->n_axes;
    tpe->densities = xcalloc(tpe->n_densities + 1, sizeof *tpe->densities);
    for (size_t k = 0; k < tpe->n_densities; k++) {
        struct densities *densities = &tpe->densities[k];
        densities->axes = tpe->axes + k;
        densities->n_axes = options->is_joint ? tpe->n_axes : 1;
        densities->good = parzen_create(densities->axes, densities->n_axes);
        densities->bad = parzen_create(densities->axes, densities->n_axes);
    }
    return tpe;
}

void tpe_destroy(struct tpe *tpe)
{
    if (tpe == NULL)
        return;
    for (size_t k = 0; k < tpe->n_densities; k++) {
        parzen_destroy(tpe->densities[k].good);
        parzen_destroy(tpe->densities[k].bad);
    }
    for (size_t i = 0; i < tpe->n_axes; i++)
        cells_release(&tpe->axes[i].cells);
    free(tpe->points);
    free(tpe->densities);
    free(tpe->values);
    free(tpe->axes);
    free(tpe->is_switch);
    free(tpe->alone);
    free(tpe);
}

static bool has_resource(const struct tpe *tpe, double resource)
{
    return isnan(tpe->options.resource) ? isnan(resource) : resource == tpe->options.resource;
}

static void absorb(struct tpe *tpe, const struct history *history)
{
    for (; tpe->n_seen < history->n_finished; tpe->n_seen++) {
        if (!has_resource(tpe, history->resource[tpe->n_seen]))
            continue;
        struct merit merit = merit_of(history, tpe->n_seen);
        merit_add(&tpe->merits, history, &merit);
    }
}

size_t tpe_rows(struct tpe *tpe, const struct history *history)
{
    absorb(tpe, history);
    return tpe->merits.n_ranked_ever;
}

/* Improvement on the best bad trial, on average 1; all 1 where that says nothing. */
static void weigh_good(struct tpe *tpe)
{
    const struct merit *ranked = tpe->merits.ranked;
    size_t n = tpe->n_good;
    bool is_comparable = tpe->n_objectives == 1 && n > 0 && n < tpe->merits.n_ranked &&
                         ranked[n].class == ranked[0].class && isfinite(ranked[n].key - ranked[0].key) &&
                         ranked[n].key > ranked[0].key;
    double total = 0;

    for (size_t j = 0; j < n; j++) {
        double share = is_comparable ? (ranked[n].key - ranked[j].key) / (ranked[n].key - ranked[0].key) : 1;
        tpe->good_weights[j] = fmax(share, LEAST_WEIGHT);
        total += tpe->good_weights[j];
    }
    for (size_t j = 0; j < n; j++)
        tpe->good_weights[j] *= (double)n / total;
}

/* Good and bad points; what runs is bad until it is known, unless it goes on from a trial that was good. */
static void split(struct tpe *tpe, const struct history *history)
{
    const struct merit_list *merits = &tpe->merits;
    size_t n_failed = merit_n_failed(merits), n = 0, most = merits->n_ranked + n_failed + history->n_running;

    if (most > tpe->capacity) {
        tpe->capacity = 2 * most;
        tpe->points = xreallocarray(tpe->points, tpe->capacity, 2 * sizeof *tpe->points);
        tpe->present = tpe->points + tpe->capacity;
    }
    double n_good = ceil(tpe->options.gamma * (double)merits->n_ranked_ever);
    tpe->n_good = (size_t)fmin(n_good, fmin(GOOD_PER_LOSS * (double)history->n_objectives, GOOD_LIMIT));
    merit_order(&tpe->merits, history, tpe->n_good);
    for (size_t j = 0; j < merits->n_ranked; j++)
        tpe->points[n++] = history_point(history, merits->ranked[j].row);
    for (size_t j = 0; j < n_failed; j++)
        tpe->points[n++] = history_point(history, merits->failed[j]);
    for (size_t j = 0; j < history->n_running; j++)
        if (history->running_parent[j] == 0)
            tpe->points[n++] = history->running_x + j * history->space->n;
    tpe->n_bad = n - tpe->n_good;
    weigh_good(tpe);
}

/* Of n points those that have the parameter, into present; their weights likewise unless NULL. */
static size_t keep_present(struct tpe *tpe, size_t parameter, const double *const *points, const double *weights,
                           size_t n)
{
    size_t n_present = 0;

    for (size_t j = 0; j < n; j++) {
        if (isnan(points[j][parameter]))
            continue;
        if (weights != NULL)
            tpe->present_weights[n_present] = weights[j];
        tpe->present[n_present++] = points[j];
    }
    return n_present;
}

/* Bad trials that the list no longer keeps are part of the broad kernel. */
static void fit(struct tpe *tpe, struct densities *densities)
{
    size_t n_dropped = tpe->merits.n_ranked_ever - tpe->merits.n_ranked, n_good = tpe->n_good, n_bad = tpe->n_bad;
    struct parzen_options options = { .prior_weight = tpe->options.prior_weight, .own_share = OWN_SHARE };
    const double *const *good = tpe->points, *const *bad = tpe->points + n_good, *weights = tpe->good_weights;
    bool is_single = !tpe->options.is_joint;

    if (is_single) {
        n_good = keep_present(tpe, densities->axes[0].parameter, good, weights, n_good);
        good = tpe->present;
        weights = tpe->present_weights;
    }
    parzen_fit(densities->good, good, weights, n_good, &options);
    if (is_single) {
        n_bad = keep_present(tpe, densities->axes[0].parameter, bad, NULL, n_bad);
        bad = tpe->present;
    }
    options.prior_weight += (double)n_dropped;
    parzen_fit(densities->bad, bad, NULL, n_bad, &options);
}

/* Is the parameter active at a point whose earlier coordinates are set? */
static bool is_active(struct tpe *tpe, size_t i, const double *x)
{
    const struct activation *activation = tpe->space->parameters[i].activation;

    if (activation == NULL)
        return true;
    size_t parent = activation->parameter;
    const struct space alone = { 1, &tpe->alone[parent] };
    double value;
    if (isnan(x[parent]))
        return false;
    space_decode(&alone, &x[parent], &value);
    return activation_holds(activation, value);
}

/* One candidate from the good density: all of it from one kernel, but for axes that the kernel lacks; these come from
   another, the same one as long as it has them. With keeps_choices the categorical coordinates of x stay. */
static void draw(struct tpe *tpe, const struct densities *densities, bool keeps_choices, struct rng *rng, double *x)
{
    const struct parzen *good = densities->good;
    size_t kernel = keeps_choices ? parzen_pick_given_choices(good, x, rng) : parzen_pick(good, SIZE_MAX, rng);
    size_t other = kernel;

    for (size_t a = 0; a < densities->n_axes; a++) {
        size_t parameter = densities->axes[a].parameter;
        if (!is_active(tpe, parameter, x)) {
            x[parameter] = NAN;
            continue;
        }
        if (keeps_choices && densities->axes[a].n_choices > 0 && !isnan(x[parameter]))
            continue;
        if (!parzen_has(good, kernel, a) && !parzen_has(good, other, a))
            other = parzen_pick(good, a, rng);
        x[parameter] = parzen_draw(good, parzen_has(good, kernel, a) ? kernel : other, a, rng);
    }
}

/* Set x on the axes of these densities to the best of n candidates, if one is above *best. */
static void choose(struct tpe *tpe, struct densities *densities, bool keeps_choices, size_t n, struct rng *rng,
                   double *x, float *best)
{
    size_t width = tpe->space->n;

    for (size_t done = 0; done < n; done += BATCH) {
        size_t n_here = n - done < BATCH ? n - done : BATCH, chosen = SIZE_MAX;
        for (size_t c = 0; c < n_here; c++) {
            memcpy(tpe->candidates + c * width, x, width * sizeof *x);
            draw(tpe, densities, keeps_choices, rng, tpe->candidates + c * width);
        }
        parzen_log_density(densities->good, tpe->candidates, n_here, width, tpe->above);
        parzen_log_density(densities->bad, tpe->candidates, n_here, width, tpe->below);
        for (size_t c = 0; c < n_here; c++)
            if (tpe->above[c] - tpe->below[c] > *best) {
                *best = tpe->above[c] - tpe->below[c];
                chosen = c;
            }
        if (chosen != SIZE_MAX)
            memcpy(x, tpe->candidates + chosen * width, width * sizeof *x);
    }
}

/* Many candidates over-exploit the choices: these are decided among few (jointly more, but for some of the asks), then the
   numbers among more that share them. Where there are no choices, numbers take many, fewer as kernels get many. */
static size_t search(struct tpe *tpe, struct densities *densities, struct rng *rng, double *x)
{
    double n_kernels = (double)(tpe->n_good + tpe->n_bad + 1);
    double affordable = WORK / n_kernels / ((double)tpe->n_axes + EXP_COST * (double)tpe->n_densities);
    size_t n = tpe->options.n_candidates, n_categorical = 0;
    float best = -INFINITY;

    for (size_t a = 0; a < densities->n_axes; a++)
        n_categorical += densities->axes[a].n_choices > 0;
    if (n == 0)
        n = n_categorical == 0 ? (size_t)fmin(fmax(affordable, MORE_CANDIDATES), MANY_CANDIDATES)
            : !tpe->options.is_joint || rng_uniform(rng) < EXPLORING ? FEW_CANDIDATES
                                                                     : MORE_CANDIDATES;
    choose(tpe, densities, false, n, rng, x, &best);
    if (tpe->options.n_candidates > 0 || n_categorical == 0 || n_categorical == densities->n_axes)
        return n;
    choose(tpe, densities, true, SOME_CANDIDATES, rng, x, &best);
    return n + SOME_CANDIDATES;
}

/* Before anything is chosen: the middle of every parameter, the first of every list of choices. */
static void clear(const struct tpe *tpe, double *x)
{
    for (size_t i = 0; i < tpe->space->n; i++)
        if (i != tpe->options.skip)
            x[i] = tpe->space->parameters[i].type == PARAMETER_CATEGORICAL ? 0 : 0.5;
}

int tpe_suggest(struct tpe *tpe, const struct history *history, struct suggest_request *request, double *x, char *why)
{
    size_t n_drawn = 0;

    absorb(tpe, history);
    split(tpe, history);
    clear(tpe, x);
    for (size_t k = 0; k < tpe->n_densities; k++) {
        fit(tpe, &tpe->densities[k]);
        n_drawn = search(tpe, &tpe->densities[k], &request->rng, x);
    }
    snprintf(why, SUGGEST_WHY_SIZE,
             "the best of %zu points drawn near the %zu good trials and away from the %zu others", n_drawn, tpe->n_good,
             tpe->n_bad);
    return 0;
}
