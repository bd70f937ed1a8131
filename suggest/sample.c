/*
 * Losses at different resources do not compare, so one resource is chosen.
 */
#include "suggest/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool is_usable(const struct history *history, size_t row, size_t objective)
{
    size_t m = history->n_objectives;

    if (history->outcome[row] != OUTCOME_SUCCEEDED)
        return false;
    for (size_t k = 0; k < m; k++)
        if ((objective == SIZE_MAX || objective == k) && !isfinite(history->loss[row * m + k]))
            return false;
    return true;
}

static double resource_of(const struct history *history, size_t row)
{
    return isnan(history->resource[row]) ? INFINITY : history->resource[row];
}

/* The largest resource first, then by row. */
static int compare_rows(const void *left, const void *right, void *context)
{
    size_t i = *(const size_t *)left, j = *(const size_t *)right;
    double a = resource_of(context, i), b = resource_of(context, j);

    if (a != b)
        return a > b ? -1 : 1;
    return (i > j) - (i < j);
}

size_t sample_rows(const struct history *history, size_t objective, size_t least, size_t *rows)
{
    size_t n = 0, chosen = 0, n_chosen = 0;

    for (size_t row = 0; row < history->n_finished; row++)
        if (is_usable(history, row, objective))
            rows[n++] = row;
    qsort_r(rows, n, sizeof *rows, compare_rows, (void *)history);
    for (size_t first = 0, end; first < n && n_chosen < least; first = end) {
        for (end = first; end < n && resource_of(history, rows[end]) == resource_of(history, rows[first]);)
            end++;
        if (end - first > n_chosen) {
            chosen = first;
            n_chosen = end - first;
        }
    }
    memmove(rows, rows + chosen, n_chosen * sizeof *rows);
    return n_chosen;
}

static double loss_of(const struct history *history, size_t objective, size_t row)
{
    return history->loss[row * history->n_objectives + objective];
}

struct by_loss {
    const struct history *history;
    size_t objective;
};

static int compare_losses(const void *left, const void *right, void *context)
{
    const struct by_loss *by = context;
    size_t i = *(const size_t *)left, j = *(const size_t *)right;
    double a = loss_of(by->history, by->objective, i), b = loss_of(by->history, by->objective, j);

    if (a != b)
        return a < b ? -1 : 1;
    return (i > j) - (i < j);
}

static int compare_numbers_of_rows(const void *left, const void *right)
{
    size_t i = *(const size_t *)left, j = *(const size_t *)right;

    return (i > j) - (i < j);
}

size_t sample_thin(const struct history *history, size_t objective, size_t *rows, size_t n, size_t n_best, size_t most)
{
    struct by_loss by = { history, objective };

    if (n <= most)
        return n;
    if (n_best > 0) {
        qsort_r(rows, n, sizeof *rows, compare_losses, &by);
        qsort(rows + n_best, n - n_best, sizeof *rows, compare_numbers_of_rows);
    }
    for (size_t k = n_best; k < most; k++)
        rows[k] = rows[n_best + (k - n_best) * (n - n_best) / (most - n_best)];
    qsort(rows, most, sizeof *rows, compare_numbers_of_rows);
    return most;
}

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The third quartile and three times its distance from the first; the largest loss where these are equal. */
static double fence_of(const double *y, size_t n)
{
    double *sorted = xcalloc(n, sizeof *sorted);

    memcpy(sorted, y, n * sizeof *y);
    qsort(sorted, n, sizeof *sorted, compare_numbers);
    double first = sorted[n / 4], third = sorted[n - 1 - n / 4], largest = sorted[n - 1];
    free(sorted);
    return third > first ? fmin(third + 3 * (third - first), largest) : largest;
}

static void standardise(struct sample *sample)
{
    double fence = fence_of(sample->y, sample->n), low = fence, n = (double)sample->n, mean = 0, squares = 0;

    for (size_t k = 0; k < sample->n; k++) {
        sample->y[k] = fmin(sample->y[k], fence);
        low = fmin(low, sample->y[k]);
    }
    /* in units of half the range, so that nothing overflows */
    double unit = fence / 2 - low / 2;
    for (size_t k = 0; k < sample->n; k++) {
        sample->y[k] = unit > 0 ? (sample->y[k] / 2 - low / 2) / unit : 0;
        mean += sample->y[k] / n;
    }
    for (size_t k = 0; k < sample->n; k++)
        squares += (sample->y[k] - mean) * (sample->y[k] - mean) / n;
    for (size_t k = 0; k < sample->n; k++)
        sample->y[k] = squares > 0 ? (sample->y[k] - mean) / sqrt(squares) : 0;
    sample->mean = low + 2 * unit * mean;
    sample->deviation = 2 * unit * sqrt(squares);
}

void sample_init(struct sample *sample, const struct history *history, size_t objective, const size_t *rows, size_t n)
{
    size_t d = history->space->n;

    *sample = (struct sample){ .n = n, .x = xcalloc(n * (d + 1) + 1, sizeof *sample->x) };
    sample->y = sample->x + n * d;
    for (size_t k = 0; k < n; k++) {
        memcpy(sample->x + k * d, history_point(history, rows[k]), d * sizeof *sample->x);
        sample->y[k] = loss_of(history, objective, rows[k]);
    }
    if (n > 0)
        standardise(sample);
}

void sample_release(struct sample *sample)
{
    free(sample->x);
    *sample = (struct sample){ 0 };
}
