/*
 * Learning curves with running minima and means.
 */
#include "earlystop/curve.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"

static void make_room(struct curve *curve)
{
    if (curve->n < curve->capacity)
        return;
    curve->capacity = curve->capacity > 0 ? 2 * curve->capacity : 16;
    curve->step = xreallocarray(curve->step, curve->capacity, sizeof *curve->step);
    curve->loss = xreallocarray(curve->loss, curve->capacity, sizeof *curve->loss);
    curve->best = xreallocarray(curve->best, curve->capacity, sizeof *curve->best);
    curve->mean = xreallocarray(curve->mean, curve->capacity, sizeof *curve->mean);
}

void curve_append(struct curve *curve, double step, double loss)
{
    size_t n = curve->n;
    double best = n > 0 ? curve->best[n - 1] : NAN, mean = n > 0 ? curve->mean[n - 1] : NAN;

    make_room(curve);
    if (!isnan(loss)) {
        curve->n_numbers++;
        best = fmin(best, loss); /* the loss when there was none */
        mean = curve->n_numbers == 1 || isinf(mean) || isinf(loss) ? (isinf(mean) ? mean : loss)
                                                                   : mean + (loss - mean) / (double)curve->n_numbers;
    }
    curve->step[n] = n > 0 && !(step > curve->step[n - 1]) ? curve->step[n - 1] : step;
    curve->loss[n] = loss;
    curve->best[n] = best;
    curve->mean[n] = mean;
    curve->n++;
}

/* The reports 0, 2, 4, ... of n and the last, in place. */
static size_t halve(double *column, size_t n)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i += 2)
        column[kept++] = column[i];
    if (n % 2 == 0)
        column[kept++] = column[n - 1];
    return kept;
}

void curve_thin(struct curve *curve, size_t limit)
{
    while (curve->n > limit && curve->n > 2) {
        halve(curve->step, curve->n);
        halve(curve->loss, curve->n);
        halve(curve->best, curve->n);
        curve->n = halve(curve->mean, curve->n);
    }
}

void curve_release(struct curve *curve)
{
    free(curve->step);
    free(curve->loss);
    free(curve->best);
    free(curve->mean);
    *curve = (struct curve){ 0 };
}

size_t curve_reports(const struct curve *curve, double step)
{
    size_t low = 0, high = curve->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (curve->step[middle] <= step)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

bool curve_reaches(const struct curve *curve, double step)
{
    return curve->n > 0 && curve->step[curve->n - 1] >= step;
}

double curve_best_at(const struct curve *curve, double step)
{
    size_t k = curve_reports(curve, step);

    return k > 0 ? curve->best[k - 1] : NAN;
}

double curve_mean_at(const struct curve *curve, double step)
{
    size_t k = curve_reports(curve, step);

    return k > 0 ? curve->mean[k - 1] : NAN;
}
