/*
 * Each kind maps the distinct losses, in order, to increasing numbers, which are then standardised over all rows; what lies
 * between and beyond is read off the table of those pairs.
 */
#include "suggest/warp.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/memory.h"

/* A distinct loss. */
struct knot {
    double loss, y;
    double count; /* rows that have it */
};

struct warp {
    struct knot *knots; /* (n) ascending in both */
    size_t n, capacity;
    double low_slope; /* dy / dloss at the best */
    double fence;     /* losses above it are outliers; INFINITY: none are */
    size_t scratch_capacity;
    double *scratch;
};

static const double FENCE = 3, STRETCH = 0.5, POWER_LIMIT = 4, Y_LIMIT = 1e20;

struct warp *warp_create(void)
{
    return xcalloc(1, sizeof(struct warp));
}

void warp_destroy(struct warp *warp)
{
    if (warp == NULL)
        return;
    free(warp->knots);
    free(warp->scratch);
    free(warp);
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void reserve(struct warp *warp, size_t n)
{
    if (n <= warp->capacity)
        return;
    warp->capacity = 2 * n;
    warp->knots = xreallocarray(warp->knots, warp->capacity, sizeof *warp->knots);
    warp->scratch = xreallocarray(warp->scratch, warp->capacity, sizeof *warp->scratch);
}

/* The distinct losses with their counts; what is not finite is counted at the ends. */
static void set_knots(struct warp *warp, const double *losses, size_t n)
{
    size_t n_finite = 0, n_best = 0;

    reserve(warp, n + 1); /* there is an array even of no losses */
    for (size_t i = 0; i < n; i++) {
        if (isfinite(losses[i]))
            warp->scratch[n_finite++] = losses[i];
        n_best += losses[i] == -INFINITY;
    }
    qsort(warp->scratch, n_finite, sizeof *warp->scratch, compare);
    warp->n = 0;
    for (size_t i = 0; i < n_finite; i++) {
        if (warp->n == 0 || warp->scratch[i] > warp->knots[warp->n - 1].loss)
            warp->knots[warp->n++] = (struct knot){ .loss = warp->scratch[i] };
        warp->knots[warp->n - 1].count++;
    }
    if (warp->n > 0) {
        warp->knots[0].count += (double)n_best;
        warp->knots[warp->n - 1].count += (double)(n - n_finite - n_best);
    }
}

/* The loss below which that share of the rows lies. */
static double quantile(const struct warp *warp, double n, double share)
{
    double below = 0;
    size_t k = 0;

    while (k + 1 < warp->n && (below += warp->knots[k].count) < share * n)
        k++;
    return warp->knots[k].loss;
}

/* y = (loss, or the fence) from the median, in half interquartile ranges: of moderate size whatever the losses' units. */
static void set_plain(struct warp *warp, double n)
{
    double median = quantile(warp, n, 0.5), lower = quantile(warp, n, 0.25), upper = quantile(warp, n, 0.75);
    double spread = upper / 2 - lower / 2, fence = upper + 2 * FENCE * spread;
    double best = warp->knots[0].loss, worst = warp->knots[warp->n - 1].loss;

    warp->fence = spread > 0 ? fence : INFINITY;
    if (!(spread > 0)) {
        spread = fmax(worst / 2 - best / 2, DBL_MIN);
        fence = worst;
    }
    for (size_t k = 0; k < warp->n; k++) {
        double y = (fmin(warp->knots[k].loss, fence) / 2 - median / 2) / spread;
        warp->knots[k].y = fmin(fmax(y, -Y_LIMIT), Y_LIMIT);
    }
    warp->low_slope = 0.5 / spread;
}

static double yeo_johnson(double x, double power)
{
    double sign = x < 0 ? -1 : 1, exponent = x < 0 ? 2 - power : power, t = log1p(fabs(x));

    return sign * (fabs(exponent) < 1e-9 ? t : expm1(exponent * t) / exponent);
}

/* Log likelihood of the power when the transformed rows are normal, but for constants. */
static double power_likelihood(const struct warp *warp, double n, double power)
{
    double sum = 0, squares = 0, jacobian = 0;

    for (size_t k = 0; k < warp->n; k++) {
        double x = warp->knots[k].y, y = yeo_johnson(x, power), count = warp->knots[k].count;
        sum += count * y;
        squares += count * y * y;
        jacobian += count * copysign(log1p(fabs(x)), x);
    }
    double variance = squares / n - (sum / n) * (sum / n);
    return -0.5 * n * log(fmax(variance, DBL_MIN)) + (power - 1) * jacobian;
}

/* Golden-section search. */
static double best_power(const struct warp *warp, double n)
{
    const double golden = 0.61803398874989485;
    double low = -POWER_LIMIT, high = POWER_LIMIT, a = high - golden * (high - low), b = low + golden * (high - low);
    double at_a = power_likelihood(warp, n, a), at_b = power_likelihood(warp, n, b);

    while (high - low > 0.01) {
        if (at_a > at_b) {
            high = b;
            b = a;
            at_b = at_a;
            a = high - golden * (high - low);
            at_a = power_likelihood(warp, n, a);
        } else {
            low = a;
            a = b;
            at_a = at_b;
            b = low + golden * (high - low);
            at_b = power_likelihood(warp, n, b);
        }
    }
    return (low + high) / 2;
}

static void apply_yeo_johnson(struct warp *warp, double n)
{
    double power = best_power(warp, n), x = warp->knots[0].y;

    warp->low_slope *= exp((x < 0 ? 1 - power : power - 1) * log1p(fabs(x)));
    for (size_t k = 0; k < warp->n; k++)
        warp->knots[k].y = yeo_johnson(warp->knots[k].y, power);
}

/* Losses above the median take the upper half of a normal distribution that is as wide as the better half. */
static void rank_worse_half(struct warp *warp, double n)
{
    double n_good = 0, squares = 0, worse = 0;

    for (size_t k = 0; k < warp->n && warp->knots[k].y <= 0; k++) {
        n_good += warp->knots[k].count;
        squares += warp->knots[k].count * warp->knots[k].y * warp->knots[k].y;
    }
    double deviation = squares > 0 ? sqrt(squares / n_good) : 1;
    for (size_t k = warp->n; k-- > 0 && warp->knots[k].y > 0; worse += warp->knots[k].count) {
        double share = (worse + 0.5 * warp->knots[k].count) / (n - n_good);
        warp->knots[k].y = -deviation * gsl_cdf_ugaussian_Pinv(0.5 * share);
    }
}

static void apply_half_rank(struct warp *warp, double n)
{
    rank_worse_half(warp, n);
    double best = warp->knots[0].y, range = fmax(warp->knots[warp->n - 1].y - best, DBL_MIN);
    for (size_t k = 0; k < warp->n; k++)
        warp->knots[k].y = log1p(STRETCH * (warp->knots[k].y - best) / range);
    warp->low_slope *= STRETCH / range;
}

static void standardise(struct warp *warp, double n)
{
    double sum = 0, squares = 0;

    for (size_t k = 0; k < warp->n; k++)
        sum += warp->knots[k].count * warp->knots[k].y;
    for (size_t k = 0; k < warp->n; k++)
        squares += warp->knots[k].count * (warp->knots[k].y - sum / n) * (warp->knots[k].y - sum / n);
    double deviation = sqrt(squares / n),
           scale = deviation > 0 ? 1 / deviation : 0; /* 0: losses nearer than can be told */
    for (size_t k = 0; k < warp->n; k++)
        warp->knots[k].y = (warp->knots[k].y - sum / n) * scale;
    warp->low_slope = deviation > 0 ? fmin(warp->low_slope * scale, DBL_MAX) : 0;
}

void warp_fit(struct warp *warp, enum warp_kind kind, const double *losses, size_t n, double *y)
{
    set_knots(warp, losses, n);
    warp->fence = INFINITY;
    if (warp->n > 1) {
        set_plain(warp, (double)n);
        if (kind == WARP_YEO_JOHNSON)
            apply_yeo_johnson(warp, (double)n);
        else if (kind == WARP_HALF_RANK)
            apply_half_rank(warp, (double)n);
        standardise(warp, (double)n);
    } else if (warp->n == 1) {
        warp->knots[0].y = 0;
        warp->low_slope = 0;
    }
    for (size_t i = 0; i < n; i++)
        y[i] = warp_value(warp, losses[i]);
}

bool warp_is_outlier(const struct warp *warp, double loss)
{
    return isfinite(warp->fence) && !(loss <= warp->fence);
}

/* The first knot above the place where the key would stand, from 1 on; n when it stands above all. */
static size_t upper_knot(const struct warp *warp, double key, bool by_loss)
{
    size_t low = 1, high = warp->n;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if ((by_loss ? warp->knots[middle].loss : warp->knots[middle].y) < key)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

double warp_value(const struct warp *warp, double loss)
{
    if (warp->n == 0)
        return 0;
    const struct knot *first = &warp->knots[0], *last = &warp->knots[warp->n - 1];
    if (!(loss < last->loss))
        return last->y;
    if (loss == first->loss || loss == -INFINITY)
        return first->y;
    if (loss < first->loss)
        return fmax(first->y - warp->low_slope * (first->loss - loss), -Y_LIMIT);
    const struct knot *above = &warp->knots[upper_knot(warp, loss, true)], *below = above - 1;
    double width = above->loss / 2 - below->loss / 2, share = width > 0 ? (loss / 2 - below->loss / 2) / width : 1;
    return below->y + share * (above->y - below->y);
}

double warp_loss_slope(const struct warp *warp, double y)
{
    if (warp->n < 2 || warp->low_slope == 0)
        return 0;
    if (y <= warp->knots[0].y)
        return 1 / warp->low_slope;
    size_t k = upper_knot(warp, y, false);
    const struct knot *above = &warp->knots[k < warp->n ? k : warp->n - 1], *below = above - 1;
    return (above->loss - below->loss) / fmax(above->y - below->y, DBL_MIN);
}

double warp_loss(const struct warp *warp, double y)
{
    if (warp->n == 0)
        return NAN;
    const struct knot *first = &warp->knots[0], *last = &warp->knots[warp->n - 1];
    if (y >= last->y)
        return last->loss;
    if (y <= first->y)
        return first->loss - (first->y - y) * warp_loss_slope(warp, y);
    const struct knot *above = &warp->knots[upper_knot(warp, y, false)], *below = above - 1;
    double height = above->y - below->y, share = height > 0 ? (y - below->y) / height : 1;
    return (1 - share) * below->loss + share * above->loss;
}
