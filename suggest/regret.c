/*
 * What a search may still gain.
 */
#include "suggest/regret.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/gp.h"
#include "suggest/normal.h"
#include "suggest/pareto.h"
#include "suggest/sample.h"
#include "suggest/variation.h"

static const double SMALL_SHARE = 0.01;
enum { ROWS_LEAST = 4, RANDOM_CANDIDATES = 1000, NEAR_CANDIDATES = 1000, BATCH = 100 };

static bool is_feasible(const struct history *history, size_t row)
{
    for (size_t k = 0; k < history->n_constraints; k++)
        if (!(history->violation[row * history->n_constraints + k] <= 0))
            return false;
    return true;
}

/* Of the own trials at the resource of the sample, in their order: does this one count? */
static bool is_try(const struct history *history, size_t row, double resource)
{
    double own = history->resource[row];

    return history->number[row] > 0 && history->outcome[row] != OUTCOME_ABANDONED &&
           (own == resource || (isnan(own) && isnan(resource)));
}

/* The feasible row with the least loss, SIZE_MAX if there is none; of equal ones the first. */
static size_t best_row(const struct history *history, const size_t *rows, size_t n)
{
    size_t best = SIZE_MAX;

    for (size_t k = 0; k < n; k++)
        if (is_feasible(history, rows[k]) && (best == SIZE_MAX || history->loss[rows[k]] < history->loss[best]))
            best = rows[k];
    return best;
}

static void count_tries(const struct history *history, double resource, size_t best, struct regret *regret)
{
    for (size_t row = 0; row < history->n_finished; row++) {
        if (!is_try(history, row, resource))
            continue;
        regret->n_rows++;
        regret->n_since += row > best;
    }
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double median_loss(const struct history *history, const size_t *rows, size_t n)
{
    double *losses = xcalloc(n, sizeof *losses);

    for (size_t k = 0; k < n; k++)
        losses[k] = history->loss[rows[k]];
    qsort(losses, n, sizeof *losses, compare_numbers);
    double median = losses[n / 2];
    free(losses);
    return median;
}

/* Points of the space, the latter half around the best one: x (BATCH, space->n). */
static void draw_candidates(const struct space *space, const double *best, bool near, struct rng *rng, double *x,
                            double *values)
{
    static const struct variation step = { .mutation = 2, .mutation_eta = 20 };

    for (size_t k = 0; k < BATCH; k++) {
        double *point = x + k * space->n;
        if (near)
            variation_child(&step, space, best, best, rng, point);
        else
            space_draw(space, rng, point);
        space_decode(space, point, values);
        space_encode(space, values, point);
    }
}

/* Largest expected improvement on the standardised loss `least`. */
static double largest_improvement(const struct gp *gp, const struct space *space, const double *best, double least,
                                  uint64_t seed, uint64_t number)
{
    struct rng rng = rng_stream(seed, number, "regret");
    double *x = xcalloc((BATCH + 1) * (space->n + 2), sizeof *x), *values = x + BATCH * space->n;
    double *mean = values + space->n, *variance = mean + BATCH, largest = 0;

    for (size_t drawn = 0; drawn < RANDOM_CANDIDATES + NEAR_CANDIDATES; drawn += BATCH) {
        draw_candidates(space, best, drawn >= RANDOM_CANDIDATES, &rng, x, values);
        gp_predict(gp, x, BATCH, mean, variance);
        for (size_t k = 0; k < BATCH; k++) {
            double deviation = sqrt(fmax(variance[k], 1e-20));
            largest = fmax(largest, deviation * exp(normal_log_improvement((least - mean[k]) / deviation)));
        }
    }
    free(x);
    return largest;
}

/* Expected gain in units of the loss; NAN without a model. */
static double expected_gain(const struct history *history, bool is_noisy, uint64_t seed, size_t *rows, size_t n,
                            size_t best)
{
    const struct space *space = history->space;
    struct gp *gp = gp_create(space, SIZE_MAX, is_noisy);
    struct sample sample;
    double gain = NAN, least = 0;

    n = sample_thin(history, 0, rows, n, REGRET_ROWS / 2, REGRET_ROWS);
    sample_init(&sample, history, 0, rows, n);
    if (gp_fit(gp, sample.x, sample.y, n, 2) == 0) {
        if (is_noisy) /* one lucky loss is not what the point is worth */
            gp_predict(gp, history_point(history, best), 1, &least, NULL);
        else
            least = sample.deviation > 0 ? (history->loss[best] - sample.mean) / sample.deviation : 0;
        gain = sample.deviation *
               largest_improvement(gp, space, history_point(history, best), least, seed, history->n_finished);
    }
    sample_release(&sample);
    gp_destroy(gp);
    return gain;
}

/* rows (n): the sample; n_vain SIZE_MAX: without the model. */
static void estimate(const struct history *history, bool is_noisy, uint64_t seed, size_t n_vain, struct regret *regret)
{
    size_t *rows = xcalloc(history->n_finished + 1, sizeof *rows), n = sample_rows(history, 0, ROWS_LEAST, rows);
    size_t best = best_row(history, rows, n);

    *regret = (struct regret){ .lead = NAN, .expected = NAN };
    if (best != SIZE_MAX) {
        count_tries(history, history->resource[best], best, regret);
        regret->lead = median_loss(history, rows, n) - history->loss[best];
    }
    if (best != SIZE_MAX && n >= ROWS_LEAST && regret->n_since >= n_vain)
        regret->expected = expected_gain(history, is_noisy, seed, rows, n, best);
    free(rows);
}

void regret_estimate(const struct history *history, bool is_noisy, uint64_t seed, struct regret *regret)
{
    estimate(history, is_noisy, seed, 0, regret);
}

static int one_objective_stops(const struct history *history, bool is_noisy, size_t n, uint64_t seed, char *why)
{
    struct regret regret;

    estimate(history, is_noisy, seed, n, &regret);
    if (isnan(regret.lead) || regret.n_since < n)
        return 0;
    if (regret.n_since >= REGRET_PATIENCE * n) {
        snprintf(why, SUGGEST_WHY_SIZE, "%zu trials in a row have not improved the best", regret.n_since);
        return 1;
    }
    /* not <: a constant objective has no lead and expects nothing; false for NAN */
    if (!((double)n * regret.expected <= SMALL_SHARE * regret.lead))
        return 0;
    snprintf(why, SUGGEST_WHY_SIZE,
             "%zu trials in a row have not improved the best, and %zu more are expected to gain %.2g at most",
             regret.n_since, n, (double)n * regret.expected);
    return 1;
}

/* Volume that the feasible ones among the first n of those rows dominate. */
static double volume_of(const struct history *history, const size_t *rows, size_t n, const double *reference,
                        double *losses)
{
    size_t m = history->n_objectives, n_feasible = 0;

    for (size_t k = 0; k < n; k++)
        if (is_feasible(history, rows[k]))
            memcpy(losses + n_feasible++ * m, history->loss + rows[k] * m, m * sizeof *losses);
    return pareto_hypervolume(losses, n_feasible, m, reference);
}

static int several_objectives_stop(const struct history *history, size_t n, char *why)
{
    size_t m = history->n_objectives, *rows = xcalloc(history->n_finished + 1, sizeof *rows), n_before = 0;
    size_t n_rows = sample_rows(history, SIZE_MAX, ROWS_LEAST, rows), n_tries = 0, first = history->n_finished;
    double *losses = xcalloc((n_rows + 1) * m, sizeof *losses), *reference = losses + n_rows * m, now = 0, before = 0;
    double resource = n_rows > 0 ? history->resource[rows[0]] : NAN;

    while (first > 0 && n_tries < n)
        n_tries += is_try(history, --first, resource);
    while (n_before < n_rows && rows[n_before] < first)
        n_before++;
    if (n_tries == n && n_before >= ROWS_LEAST) {
        for (size_t k = 0; k < n_rows; k++)
            memcpy(losses + k * m, history->loss + rows[k] * m, m * sizeof *losses);
        pareto_reference(losses, n_rows, m, reference);
        now = volume_of(history, rows, n_rows, reference, losses);
        before = volume_of(history, rows, n_before, reference, losses);
    }
    free(losses);
    free(rows);
    if (!(before > 0 && now - before < SMALL_SHARE * now))
        return 0;
    snprintf(why, SUGGEST_WHY_SIZE, "the last %zu trials have enlarged the dominated volume by %.2g %% only", n,
             100 * (now - before) / before);
    return 1;
}

int regret_stops(const struct history *history, bool is_noisy, size_t n, uint64_t seed, char why[SUGGEST_WHY_SIZE])
{
    if (history->n_objectives > 1)
        return several_objectives_stop(history, n, why);
    return one_objective_stops(history, is_noisy, n, seed, why);
}
