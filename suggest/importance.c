/*
 * Trials in, shares out.
 */
#include "suggest/importance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/status.h"
#include "suggest/forest.h"
#include "suggest/pareto.h"
#include "suggest/ped_anova.h"
#include "suggest/sample.h"

const char *const importance_evaluator_names[] = { "ped-anova", "fanova", NULL };

static const double TOP_SHARE = 0.1;
enum { TOP_LEAST = 5 }; /* below it the divergence is mostly chance */

static size_t top_size(size_t n)
{
    size_t tenth = (size_t)ceil(TOP_SHARE * (double)n);

    return tenth > TOP_LEAST ? tenth : TOP_LEAST;
}

static double loss_of(const struct history *history, size_t row, size_t objective)
{
    return history->loss[row * history->n_objectives + objective];
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The best by one loss, and what ties with the last of them. */
static void find_top(const struct history *history, size_t objective, const size_t *rows, size_t n, bool *is_top)
{
    double *sorted = xcalloc(n, sizeof *sorted);

    for (size_t k = 0; k < n; k++)
        sorted[k] = loss_of(history, rows[k], objective);
    qsort(sorted, n, sizeof *sorted, compare_numbers);
    for (size_t k = 0; k < n; k++)
        is_top[k] = loss_of(history, rows[k], objective) <= sorted[top_size(n) - 1];
    free(sorted);
}

/* Of the front that does not fit whole, the rows that cover most. */
static void take_part(const double *losses, size_t m, const size_t *rank, size_t front, size_t n, size_t n_wanted,
                      bool *is_top)
{
    double *part = xcalloc(n * m + m, sizeof *part), *reference = part + n * m;
    size_t *index = xcalloc(n + n_wanted, sizeof *index), *chosen = index + n, n_part = 0;

    for (size_t k = 0; k < n; k++) {
        if (rank[k] != front)
            continue;
        memcpy(part + n_part * m, losses + k * m, m * sizeof *part);
        index[n_part++] = k;
    }
    pareto_reference(part, n_part, m, reference);
    pareto_subset(part, n_part, m, reference, n_wanted, chosen);
    for (size_t j = 0; j < n_wanted; j++)
        is_top[index[chosen[j]]] = true;
    free(index);
    free(part);
}

/* The best by all losses: front after front. */
static void find_top_fronts(const struct history *history, const size_t *rows, size_t n, bool *is_top)
{
    size_t m = history->n_objectives, left = top_size(n), *rank = xcalloc(n, sizeof *rank);
    double *losses = xcalloc(n * m, sizeof *losses);

    for (size_t k = 0; k < n; k++)
        memcpy(losses + k * m, history->loss + rows[k] * m, m * sizeof *losses);
    size_t n_fronts = pareto_ranks(losses, n, m, rank);
    for (size_t front = 0; front < n_fronts && left > 0; front++) {
        size_t n_front = 0;
        for (size_t k = 0; k < n; k++)
            n_front += rank[k] == front;
        if (n_front > left) {
            take_part(losses, m, rank, front, n, left, is_top);
            break;
        }
        for (size_t k = 0; k < n; k++)
            is_top[k] = is_top[k] || rank[k] == front;
        left -= n_front;
    }
    free(losses);
    free(rank);
}

static void ped_anova(const struct history *history, size_t objective, const size_t *rows, size_t n, double *share)
{
    bool *is_top = xcalloc(n, sizeof *is_top);

    if (objective == SIZE_MAX)
        find_top_fronts(history, rows, n, is_top);
    else
        find_top(history, objective, rows, n, is_top);
    ped_anova_divergences(history, rows, is_top, n, share);
    free(is_top);
}

static void add_fanova(const struct history *history, size_t objective, const size_t *rows, size_t n, uint64_t seed,
                       double *share)
{
    double *own = xcalloc(history->space->n + 1, sizeof *own);
    struct sample sample;

    sample_init(&sample, history, objective, rows, n);
    struct forest *forest = forest_create(history->space, sample.x, sample.y, n, seed);
    forest_main_effects(forest, own);
    for (size_t i = 0; i < history->space->n; i++)
        share[i] += own[i];
    forest_destroy(forest);
    sample_release(&sample);
    free(own);
}

static void fanova(const struct history *history, size_t objective, const size_t *rows, size_t n, uint64_t seed,
                   double *share)
{
    memset(share, 0, history->space->n * sizeof *share);
    for (size_t k = 0; k < history->n_objectives; k++)
        if (objective == SIZE_MAX || objective == k)
            add_fanova(history, k, rows, n, seed, share);
}

static int normalise(double *share, size_t n, size_t n_rows)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += share[i];
    if (!(sum > 0))
        return fail(ERR_NOT_FOUND,
                    "the objective of the %zu trials does not depend on any parameter as far as they show", n_rows);
    for (size_t i = 0; i < n; i++)
        share[i] /= sum;
    return 0;
}

int importance_compute(const struct history *history, enum importance_evaluator evaluator, size_t objective,
                       uint64_t seed, double *share, size_t *n_rows)
{
    size_t *rows = xcalloc(history->n_finished + 1, sizeof *rows), n;
    int status;

    if (history->n_objectives == 1)
        objective = 0;
    n = sample_rows(history, objective, IMPORTANCE_ROWS_LEAST, rows);
    if (evaluator == IMPORTANCE_FANOVA)
        n = sample_thin(history, objective, rows, n, 0, IMPORTANCE_FOREST_ROWS);
    *n_rows = n;
    if (n < IMPORTANCE_ROWS_LEAST) {
        status = fail(ERR_NOT_FOUND, "expected %d trials or more that succeeded, got %zu", IMPORTANCE_ROWS_LEAST, n);
        goto out;
    }
    if (evaluator == IMPORTANCE_FANOVA)
        fanova(history, objective, rows, n, seed, share);
    else
        ped_anova(history, objective, rows, n, share);
    status = normalise(share, history->space->n, n);
out:
    free(rows);
    return status;
}
