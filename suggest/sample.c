/*
 * Losses at different resources do not compare, so one resource is chosen.
 */
#include "suggest/sample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

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
