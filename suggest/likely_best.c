/*
 * The lowest posterior mean of a Gaussian process at the points that were tried.
 */
#include "suggest/likely_best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "suggest/gp.h"
#include "suggest/warp.h"

enum { COLD_STARTS = 2 };

struct candidate {
    size_t row;
    double loss;
};

static int by_loss(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->loss != y->loss)
        return x->loss < y->loss ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static bool has_result(const struct history *history, size_t row)
{
    return history->outcome[row] == OUTCOME_SUCCEEDED && isfinite(history->loss[row]);
}

/* The full one is above any other. */
static double resource_of(const struct history *history, size_t row)
{
    return isnan(history->resource[row]) ? INFINITY : history->resource[row];
}

/* Rows with a result at the largest resource that any has, the lowest losses first. */
static struct candidate *gather(const struct history *history, size_t *n)
{
    struct candidate *found = xcalloc(history->n_finished + 1, sizeof *found);
    double largest = -INFINITY;

    for (size_t row = 0; row < history->n_finished; row++)
        if (has_result(history, row))
            largest = fmax(largest, resource_of(history, row));
    *n = 0;
    for (size_t row = 0; row < history->n_finished; row++)
        if (has_result(history, row) && resource_of(history, row) == largest)
            found[(*n)++] = (struct candidate){ row, history->loss[row] };
    qsort(found, *n, sizeof *found, by_loss);
    if (*n > GP_ROWS_LIMIT)
        *n = GP_ROWS_LIMIT;
    return found;
}

static bool can_be_best(const struct history *history, size_t row)
{
    const double *violation = history->violation + row * history->n_constraints;

    for (size_t i = 0; i < history->n_constraints; i++)
        if (!(violation[i] <= 0))
            return false;
    return history->number[row] > 0;
}

/* The columns of one fit, in one block. */
struct columns {
    double *x, *losses, *y, *mean, *variance; /* (n, d), then (n) each */
};

static struct columns columns_create(const struct history *history, const struct candidate *candidates, size_t n)
{
    size_t d = history->space->n;
    struct columns columns = { .x = xcalloc(n * (d + 4), sizeof(double)) };

    columns.losses = columns.x + n * d;
    columns.y = columns.losses + n;
    columns.mean = columns.y + n;
    columns.variance = columns.mean + n;
    for (size_t i = 0; i < n; i++) {
        memcpy(columns.x + i * d, history_point(history, candidates[i].row), d * sizeof(double));
        columns.losses[i] = candidates[i].loss;
    }
    return columns;
}

static void choose(const struct history *history, const struct candidate *candidates, size_t n,
                   const struct columns *columns, const struct warp *warp, struct likely_best *likely)
{
    double lowest = INFINITY;

    for (size_t i = 0; i < n; i++) {
        if (!can_be_best(history, candidates[i].row) || !(columns->mean[i] < lowest))
            continue;
        lowest = columns->mean[i];
        likely->number = history->number[candidates[i].row];
        likely->loss = warp_loss(warp, lowest);
        likely->deviation = sqrt(fmax(columns->variance[i], 0)) * warp_loss_slope(warp, lowest);
    }
}

void likely_best_find(const struct history *history, struct likely_best *likely)
{
    struct candidate *candidates;
    size_t n;

    *likely = (struct likely_best){ .loss = NAN, .deviation = NAN };
    if (history->n_objectives != 1 || history->space->n == 0)
        return;
    candidates = gather(history, &n);
    if (n >= 2) {
        struct columns columns = columns_create(history, candidates, n);
        struct gp *gp = gp_create(history->space, SIZE_MAX, true);
        struct warp *warp = warp_create();

        warp_fit(warp, WARP_PLAIN, columns.losses, n, columns.y);
        if (gp_fit(gp, columns.x, columns.y, n, COLD_STARTS) == 0) {
            gp_predict(gp, columns.x, n, columns.mean, columns.variance);
            choose(history, candidates, n, &columns, warp, likely);
        }
        warp_destroy(warp);
        gp_destroy(gp);
        free(columns.x);
    }
    free(candidates);
}
