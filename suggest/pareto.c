/*
 * Dominance, ranks, crowding, hypervolume.
 *
 * Ranks: Zhang et al., An Efficient Approach to Nondominated Sorting (2015). Hypervolume: While, Bradstreet and Barone, A
 * Fast Way of Calculating Exact Hypervolumes (2012); its sorting is done once, because limiting rows by a point keeps
 * their order along the first loss. Subset: greedy, with the lazy evaluation of Minoux (1978), as the gain of a row only shrinks.
 */
#include "suggest/pareto.h"

#include <assert.h>
#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

static bool has_nan(const double *row, size_t m)
{
    for (size_t k = 0; k < m; k++)
        if (isnan(row[k]))
            return true;
    return false;
}

bool pareto_dominates(const double *a, const double *b, size_t m)
{
    bool is_better = false;

    if (has_nan(a, m) || has_nan(b, m))
        return !has_nan(a, m);
    for (size_t k = 0; k < m; k++) {
        if (a[k] > b[k])
            return false;
        is_better = is_better || a[k] < b[k];
    }
    return is_better;
}

/* What a comparison of row numbers needs: rows of m losses, compared from column first on. */
struct sorting {
    const double *losses;
    size_t m, first, last;
};

/* Lexicographic, rows with a NAN last, equal rows by number. */
static int compare_rows(const void *left, const void *right, void *context)
{
    const struct sorting *sorting = context;
    size_t i = *(const size_t *)left, j = *(const size_t *)right, m = sorting->m;
    const double *a = sorting->losses + i * m, *b = sorting->losses + j * m;
    bool a_is_nan = has_nan(a, m), b_is_nan = has_nan(b, m);

    if (a_is_nan != b_is_nan)
        return a_is_nan ? 1 : -1;
    for (size_t k = sorting->first; k <= sorting->last && !a_is_nan; k++)
        if (a[k] != b[k])
            return a[k] < b[k] ? -1 : 1;
    return (i > j) - (i < j);
}

/* The fronts found so far, each a list from its newest row to its oldest. */
struct fronts {
    const double *losses;
    size_t m, n;
    size_t *newest; /* (n) row of each front */
    size_t *older;  /* (rows) the row before it in its front, SIZE_MAX at the end */
};

/* Rows come in lexicographic order: with two losses the newest has the least second loss, so it alone decides. */
static bool front_dominates(const struct fronts *fronts, size_t front, const double *row)
{
    size_t m = fronts->m;

    for (size_t i = fronts->newest[front]; i != SIZE_MAX; i = m > 2 ? fronts->older[i] : SIZE_MAX)
        if (pareto_dominates(fronts->losses + i * m, row, m))
            return true;
    return false;
}

/* The first front without a row that dominates this one: whatever a front dominates, those before it do. */
static size_t first_front(const struct fronts *fronts, const double *row)
{
    size_t low = 0, high = fronts->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (front_dominates(fronts, middle, row))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t pareto_ranks(const double *losses, size_t n, size_t m, size_t *rank)
{
    size_t *block = xcalloc(3 * n + 1, sizeof *block), *order = block;
    struct fronts fronts = { losses, m, 0, block + n, block + 2 * n };
    struct sorting sorting = { losses, m, 0, m - 1 };

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    qsort_r(order, n, sizeof *order, compare_rows, &sorting);
    for (size_t k = 0; k < n; k++) {
        size_t i = order[k], front = first_front(&fronts, losses + i * m);
        fronts.older[i] = front == fronts.n ? SIZE_MAX : fronts.newest[front];
        fronts.newest[front] = i;
        fronts.n += front == fronts.n;
        rank[i] = front;
    }
    free(block);
    return fronts.n;
}

/* Least and largest finite loss of column k among those rows; false when there is none or they are equal. */
static bool finite_span(const double *losses, size_t m, size_t k, const size_t *rows, size_t n_rows, double *low,
                        double *high)
{
    *low = INFINITY;
    *high = -INFINITY;
    for (size_t j = 0; j < n_rows; j++) {
        double loss = losses[rows[j] * m + k];
        if (isfinite(loss)) {
            *low = fmin(*low, loss);
            *high = fmax(*high, loss);
        }
    }
    return *low < *high;
}

/* Share of its axis between the neighbours of each row of an order (n_rows), added to its distance; the ends are far from all. */
static void add_gaps(const struct sorting *sorting, const size_t *order, size_t n_rows, double low, double high,
                     double *distance)
{
    const double *column = sorting->losses + sorting->first;

    distance[order[0]] = distance[order[n_rows - 1]] = INFINITY;
    for (size_t j = 1; j + 1 < n_rows; j++) {
        double before = fmin(fmax(column[order[j - 1] * sorting->m], low), high);
        double after = fmin(fmax(column[order[j + 1] * sorting->m], low), high);
        distance[order[j]] += (after / 2 - before / 2) / (high / 2 - low / 2);
    }
}

void pareto_crowding(const double *losses, size_t m, const size_t *rows, size_t n_rows, double *distance)
{
    double *gathered = xcalloc(n_rows * m + n_rows + 1, sizeof *gathered), low, high;
    size_t *order = (size_t *)(gathered + n_rows * m);

    memset(distance, 0, n_rows * sizeof *distance);
    for (size_t j = 0; j < n_rows; j++)
        memcpy(gathered + j * m, losses + rows[j] * m, m * sizeof *gathered);
    for (size_t k = 0; k < m; k++) {
        struct sorting sorting = { gathered, m, k, k };
        if (!finite_span(losses, m, k, rows, n_rows, &low, &high))
            continue;
        for (size_t j = 0; j < n_rows; j++)
            order[j] = j;
        qsort_r(order, n_rows, sizeof *order, compare_rows, &sorting);
        add_gaps(&sorting, order, n_rows, low, high, distance);
    }
    free(gathered);
}

static double box(const double *row, size_t m, const double *reference)
{
    double volume = 1;

    for (size_t k = 0; k < m; k++)
        volume *= reference[k] - row[k];
    return volume;
}

/* Is a nowhere worse than b? */
static bool covers(const double *a, const double *b, size_t m)
{
    for (size_t k = 0; k < m; k++)
        if (a[k] > b[k])
            return false;
    return true;
}

/* Take out of rows (n, m), in place, those that others cover; the rest keeps its order. Returns how many are left. */
static size_t drop_covered(double *rows, size_t n, size_t m)
{
    size_t n_kept = 0;

    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * m;
        size_t n_before = n_kept;
        bool is_covered = false;
        for (size_t j = 0; j < n_before && !is_covered; j++)
            is_covered = covers(rows + j * m, row, m);
        if (is_covered)
            continue;
        n_kept = 0;
        for (size_t j = 0; j < n_before; j++)
            if (!covers(row, rows + j * m, m))
                memmove(rows + n_kept++ * m, rows + j * m, m * sizeof *rows);
        memmove(rows + n_kept++ * m, row, m * sizeof *rows);
    }
    return n_kept;
}

/* Area of rows (n, 2) in the order of their first loss. */
static double sweep(const double *rows, size_t n, const double *reference)
{
    double area = 0, best = reference[1];

    for (size_t i = 0; i < n; i++) {
        if (rows[2 * i + 1] < best) {
            area += (reference[0] - rows[2 * i]) * (best - rows[2 * i + 1]);
            best = rows[2 * i + 1];
        }
    }
    return area;
}

/*
 * Volume of rows (n, m), m >= 2, all within the reference, in the order of their first loss. A row counts for what it
 * covers beyond the rows with a smaller last loss; these, limited by the row, have its last loss in common, so one loss
 * less is left to look at. scratch: n * m * m / 2 doubles.
 */
static double volume(const double *rows, size_t n, size_t m, const double *reference, double *scratch)
{
    size_t last = m - 1;
    double sum = 0;

    if (m == 2)
        return sweep(rows, n, reference);
    for (size_t i = 0; i < n; i++) {
        const double *row = rows + i * m;
        size_t n_limited = 0;
        for (size_t j = 0; j < n; j++) {
            const double *other = rows + j * m;
            if (j == i || other[last] > row[last] || (other[last] == row[last] && j < i))
                continue;
            for (size_t k = 0; k < last; k++)
                scratch[n_limited * last + k] = fmax(row[k], other[k]);
            n_limited++;
        }
        if (last > 2)
            n_limited = drop_covered(scratch, n_limited, last);
        double beyond = box(row, last, reference) - volume(scratch, n_limited, last, reference, scratch + n * last);
        sum += (reference[last] - row[last]) * beyond;
    }
    return sum;
}

/* Better than the reference in every loss, so that it covers something? */
static bool is_within(const double *row, size_t m, const double *reference)
{
    for (size_t k = 0; k < m; k++)
        if (!(row[k] < reference[k]))
            return false;
    return true;
}

static size_t scratch_size(size_t n, size_t m)
{
    return n * m * m / 2 + 1;
}

double pareto_hypervolume(const double *losses, size_t n, size_t m, const double *reference)
{
    double *block = xcalloc(n * m + scratch_size(n, m) + n, sizeof *block), *rows = block, result = 0;
    size_t *order = (size_t *)(block + n * m + scratch_size(n, m)), n_rows = 0, n_within = 0;
    struct sorting sorting = { losses, m, 0, m - 1 };

    for (size_t i = 0; i < n; i++)
        if (is_within(losses + i * m, m, reference))
            order[n_within++] = i;
    qsort_r(order, n_within, sizeof *order, compare_rows, &sorting);
    for (; n_rows < n_within; n_rows++) {
        const double *row = losses + order[n_rows] * m;
        if (isinf(box(row, m, reference)))
            result = INFINITY;
        memcpy(rows + n_rows * m, row, m * sizeof *rows);
    }
    if (m == 1 && n_rows > 0)
        result = reference[0] - rows[0];
    else if (result == 0 && n_rows > 0)
        result = volume(rows, drop_covered(rows, n_rows, m), m, reference, rows + n * m);
    free(block);
    return result;
}

void pareto_reference(const double *losses, size_t n, size_t m, double *reference)
{
    for (size_t k = 0; k < m; k++) {
        double worst = -INFINITY;
        for (size_t i = 0; i < n; i++)
            if (isfinite(losses[i * m + k]))
                worst = fmax(worst, losses[i * m + k]);
        if (isinf(worst) || worst == 0)
            reference[k] = 1e-12;
        else
            reference[k] = fmax(1.1 * worst, 0.9 * worst);
    }
}

/* What was chosen so far, in the order of the first loss, and room to limit it by a row. */
struct subset {
    size_t m, n;
    const double *reference;
    double *rows;    /* (k, m) */
    double *limited; /* (k, m) */
    double *scratch;
};

/* What a row covers beyond those chosen. */
static double gain(const struct subset *subset, const double *row)
{
    size_t m = subset->m;

    if (!is_within(row, m, subset->reference))
        return 0;
    double whole = box(row, m, subset->reference);
    if (isinf(whole))
        return whole;
    if (m == 1)
        return subset->n == 0 ? whole : fmax(subset->rows[0] - row[0], 0);
    for (size_t j = 0; j < subset->n; j++)
        for (size_t k = 0; k < m; k++)
            subset->limited[j * m + k] = fmax(row[k], subset->rows[j * m + k]);
    size_t n_limited = m > 2 ? drop_covered(subset->limited, subset->n, m) : subset->n;
    return whole - volume(subset->limited, n_limited, m, subset->reference, subset->scratch);
}

static void choose(struct subset *subset, const double *row)
{
    size_t m = subset->m, place = subset->n;

    if (!is_within(row, m, subset->reference))
        return;
    while (place > 0 && subset->rows[(place - 1) * m] > row[0])
        place--;
    memmove(subset->rows + (place + 1) * m, subset->rows + place * m, (subset->n - place) * m * sizeof *row);
    memcpy(subset->rows + place * m, row, m * sizeof *row);
    subset->n++;
}

void pareto_subset(const double *losses, size_t n, size_t m, const double *reference, size_t k, size_t *chosen)
{
    double *block = xcalloc(2 * k * m + scratch_size(k, m) + 2 * n, sizeof *block);
    struct subset subset = { m, 0, reference, block, block + k * m, block + 2 * k * m };
    double *gains = subset.scratch + scratch_size(k, m);
    size_t *n_known = (size_t *)(gains + n); /* how many were chosen when the gain was computed; later it is a bound */

    assert(k <= n);
    for (size_t i = 0; i < n; i++)
        gains[i] = gain(&subset, losses + i * m);
    for (size_t done = 0; done < k; done++) {
        for (;;) {
            size_t best = 0;
            for (size_t i = 1; i < n; i++)
                if (gains[i] > gains[best])
                    best = i;
            if (n_known[best] == done) {
                chosen[done] = best;
                break;
            }
            gains[best] = fmax(gain(&subset, losses + best * m), 0);
            n_known[best] = done;
        }
        gains[chosen[done]] = -INFINITY;
        choose(&subset, losses + chosen[done] * m);
    }
    free(block);
}
