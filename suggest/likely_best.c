/*
 * The lowest posterior mean of a Gaussian process at the points that were tried.
 */
#include "suggest/likely_best.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/gp.h"
#include "suggest/sample.h"

enum { COLD_STARTS = 2 };

static bool can_be_best(const struct history *history, size_t row)
{
    const double *violation = history->violation + row * history->n_constraints;

    for (size_t i = 0; i < history->n_constraints; i++)
        if (!(violation[i] <= 0))
            return false;
    return history->number[row] > 0;
}

/* The candidate among rows (n) with the lowest mean. */
static void choose(const struct history *history, const size_t *rows, size_t n, const struct gp *gp,
                   const struct sample *sample, struct likely_best *likely)
{
    double lowest = INFINITY, mean, variance;
    size_t best = SIZE_MAX;

    for (size_t k = 0; k < n; k++) {
        if (!can_be_best(history, rows[k]))
            continue;
        gp_predict(gp, history_point(history, rows[k]), 1, &mean, NULL);
        if (mean < lowest) {
            lowest = mean;
            best = rows[k];
        }
    }
    if (best == SIZE_MAX)
        return;
    gp_predict(gp, history_point(history, best), 1, &mean, &variance);
    *likely = (struct likely_best){ .number = history->number[best],
                                    .loss = sample->mean + sample->deviation * mean,
                                    .deviation = sample->deviation * sqrt(variance) };
}

void likely_best_find(const struct history *history, struct likely_best *likely)
{
    *likely = (struct likely_best){ .loss = NAN, .deviation = NAN };
    if (history->n_objectives != 1 || history->space->n == 0)
        return;

    size_t *rows = xcalloc(2 * history->n_finished + 1, sizeof *rows), n = sample_rows(history, 0, 1, rows);
    if (n >= 2) {
        size_t *seen = rows + n;
        struct sample sample;
        struct gp *gp = gp_create(history->space, SIZE_MAX, true);

        memcpy(seen, rows, n * sizeof *rows);
        sample_init(&sample, history, 0, seen, sample_thin(history, 0, seen, n, 0, LIKELY_BEST_ROWS));
        if (gp_fit(gp, sample.x, sample.y, sample.n, COLD_STARTS) == 0)
            choose(history, rows, n, gp, &sample, likely);
        gp_destroy(gp);
        sample_release(&sample);
    }
    free(rows);
}
