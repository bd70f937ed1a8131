/*
 * A sweep upwards in the last loss keeps the undominated part of the first two as strips, each from one row to the next and
 * below the first of them. A row that enters cuts strips; a strip that ends leaves a box behind. With two losses, all rows
 * enter at once.
 */
#include "suggest/hypervolume_improvement.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/normal.h"

struct strip {
    double left, right, top; /* first loss from left to right, second below top */
    double since;            /* third loss at which it came to be */
};

struct improvement {
    size_t n, m;
    double *low, *high; /* (n, m) */
};

struct sweep {
    struct improvement *out;
    size_t n;
    struct strip *strips; /* by left */
};

static int compare_last(const void *a, const void *b)
{
    const double *const *x = a, *const *y = b;

    return (**x > **y) - (**x < **y);
}

/* What the strip spans from its beginning up to `until`. */
static void emit(struct improvement *out, const struct strip *strip, double until)
{
    const double low[] = { strip->left, -INFINITY, strip->since }, high[] = { strip->right, strip->top, until };

    if (out->m == 3 && !(strip->since < until))
        return;
    memcpy(out->low + out->n * out->m, low, out->m * sizeof low[0]);
    memcpy(out->high + out->n * out->m, high, out->m * sizeof high[0]);
    out->n++;
}

/* A row (x, y) enters at z: right of x nothing above y is left. Tops fall from strip to strip, so those it cuts are neighbours. */
static void cut(struct sweep *sweep, double x, double y, double z)
{
    struct strip *strips = sweep->strips, new[2];
    size_t first = 0, last, n_new = 0;

    while (first < sweep->n && strips[first].right <= x)
        first++;
    for (last = first; last < sweep->n && strips[last].top > y; last++)
        if (sweep->out->m == 3)
            emit(sweep->out, &strips[last], z);
    if (last == first)
        return; /* dominated, or not below the reference */
    if (strips[first].left < x)
        new[n_new++] = (struct strip){ strips[first].left, x, strips[first].top, z };
    new[n_new++] = (struct strip){ fmax(x, strips[first].left), strips[last - 1].right, y, z };
    memmove(strips + first + n_new, strips + last, (sweep->n - last) * sizeof *strips);
    memcpy(strips + first, new, n_new * sizeof *strips);
    sweep->n += n_new - (last - first);
}

/* Rows by their last loss, so that the sweep meets those first that reach furthest. */
static void decompose(struct sweep *sweep, const double **rows, size_t n, const double *reference)
{
    size_t m = sweep->out->m;
    double end = m == 3 ? reference[2] : INFINITY;

    sweep->n = 1;
    sweep->strips[0] = (struct strip){ -INFINITY, reference[0], reference[1], -INFINITY };
    for (size_t i = 0; i < n; i++) {
        const double *row = rows[i] - (m - 1);
        if (m == 2 || row[2] < end)
            cut(sweep, row[0], row[1], m == 3 ? row[2] : -INFINITY);
    }
    for (size_t i = 0; i < sweep->n; i++)
        emit(sweep->out, &sweep->strips[i], end);
}

struct improvement *improvement_create(const double *losses, size_t n, size_t m, const double *reference)
{
    size_t n_boxes = 2 * n + 1;
    struct improvement *out = xcalloc(1, sizeof *out + 2 * n_boxes * m * sizeof *out->low);
    struct sweep sweep = { .out = out, .strips = xcalloc(n + 2, sizeof *sweep.strips) };
    const double **rows = xcalloc(n + 1, sizeof *rows);

    assert(m >= 2 && m <= IMPROVEMENT_OBJECTIVES_LIMIT);
    out->m = m;
    out->low = (double *)(out + 1);
    out->high = out->low + n_boxes * m;
    for (size_t i = 0; i < n; i++)
        rows[i] = losses + i * m + (m - 1);
    qsort(rows, n, sizeof *rows, compare_last);
    decompose(&sweep, rows, n, reference);
    free(rows);
    free(sweep.strips);
    return out;
}

void improvement_destroy(struct improvement *improvement)
{
    free(improvement);
}

size_t improvement_boxes(const struct improvement *improvement, const double **low, const double **high)
{
    *low = improvement->low;
    *high = improvement->high;
    return improvement->n;
}

/* psi(edge) = E max(edge - f, 0), in logarithms. */
struct edge {
    double at, z, log_psi;
};

static struct edge edge_at(double at, double mean, double sd)
{
    double z = (at - mean) / sd;

    return (struct edge){ at, z, isinf(at) ? -INFINITY : log(sd) + normal_log_improvement(z) };
}

/* One side of a box: log(psi(high) - psi(low)), and its slopes when they are wanted. */
static double side(const struct edge *low, const struct edge *high, double sd, struct slopes *slopes)
{
    double ratio = low->log_psi - high->log_psi, gain;

    if (isinf(low->log_psi))
        gain = high->log_psi;
    else
        gain = ratio < 0 ? high->log_psi + (ratio > -M_LN2 ? log(-expm1(ratio)) : log1p(-exp(ratio))) : -INFINITY;
    if (slopes != NULL && !isinf(gain)) {
        slopes->by_mean = -exp(normal_log_mass(low->z, high->z) - gain);
        slopes->by_variance = (exp(normal_log_density(high->z) - gain) - exp(normal_log_density(low->z) - gain)) /
                              (2 * sd);
    }
    return gain;
}

/* A sum of exponentials that is kept relative to its largest term. */
struct log_sum {
    double top, sum;
    struct slopes slopes[IMPROVEMENT_OBJECTIVES_LIMIT];
};

static void add(struct log_sum *total, size_t m, double term, const struct slopes *slopes)
{
    double weight = exp(term - total->top), keep = 1;

    if (term > total->top) {
        keep = exp(total->top - term);
        weight = 1;
        total->top = term;
    }
    total->sum = total->sum * keep + weight;
    for (size_t k = 0; k < m && slopes != NULL; k++) {
        total->slopes[k].by_mean = total->slopes[k].by_mean * keep + weight * slopes[k].by_mean;
        total->slopes[k].by_variance = total->slopes[k].by_variance * keep + weight * slopes[k].by_variance;
    }
}

double improvement_log_expected(const struct improvement *improvement, const double *mean, const double *variance,
                                struct slopes *slopes)
{
    size_t m = improvement->m;
    struct slopes sides[IMPROVEMENT_OBJECTIVES_LIMIT] = { 0 };
    struct edge low[IMPROVEMENT_OBJECTIVES_LIMIT], high[IMPROVEMENT_OBJECTIVES_LIMIT];
    struct log_sum total = { .top = -INFINITY, .slopes = { { 0 } } };
    double sd[IMPROVEMENT_OBJECTIVES_LIMIT];

    for (size_t k = 0; k < m; k++) {
        sd[k] = sqrt(variance[k]);
        high[k] = low[k] = edge_at(-INFINITY, mean[k], sd[k]);
    }
    for (size_t i = 0; i < improvement->n; i++) {
        double term = 0;
        for (size_t k = 0; k < m; k++) {
            double l = improvement->low[i * m + k], h = improvement->high[i * m + k];
            if (l != low[k].at) /* neighbouring boxes share edges */
                low[k] = l == high[k].at ? high[k] : edge_at(l, mean[k], sd[k]);
            if (h != high[k].at)
                high[k] = edge_at(h, mean[k], sd[k]);
            term += side(&low[k], &high[k], sd[k], slopes != NULL ? &sides[k] : NULL);
        }
        if (!isinf(term))
            add(&total, m, term, slopes != NULL ? sides : NULL);
    }
    for (size_t k = 0; k < m && slopes != NULL; k++)
        slopes[k] = total.sum > 0 ? (struct slopes){ total.slopes[k].by_mean / total.sum,
                                                     total.slopes[k].by_variance / total.sum }
                                  : (struct slopes){ 0 };
    return total.top + log(total.sum);
}
