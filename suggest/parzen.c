/*
 * Kernels as rows of numbers that make the density one loop: a squared distance an axis, one exp a kernel.
 *
 * Points are evaluated in batches, kernels in chunks: first the axes that are always there and smooth, in registers, then
 * the others one by one, then the sum. The masses of cells are tabulated for a chunk and the cells that the batch uses.
 */
#include "suggest/parzen.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "base/memory.h"
#include "suggest/lanes.h"
#include "suggest/normal.h"

enum {
    BATCH = 8 * LANES,         /* points evaluated together */
    CHUNK = 32,                /* kernels evaluated together */
    NO_CELL = CELLS_LIMIT + 1, /* of a point that lacks the axis */
    FIRST_CAPACITY = 64,
    RADIX_BITS = 11,
    INSERTION_LIMIT = 64, /* points that are sorted by insertion */
};

static const double ANY_CHOICE = -1;         /* mean of a categorical kernel without a choice of its own */
static const float LOWEST = -1e30f;          /* below any log density */
static const double FAR = 12, LOG_FAR = -80; /* deviations beyond which the mass of a cell is not worth computing */

struct sorted_point {
    double x;
    size_t kernel;
};

struct parzen {
    const struct parzen_axis *axes;
    size_t n_axes, n, capacity; /* n: kernels, the broad one last */
    size_t n_smooth;            /* axes that are numbers without cells and always there */
    size_t *smooth, *special;   /* those, and the others */

    double *mean, *bandwidth;            /* (capacity, n_axes); mean NAN: the kernel lacks the axis */
    double *weight;                      /* (capacity), sum 1 */
    float *center, *scale;               /* (capacity, n_axes) of the squared distance; scale 0 where lacking */
    float *norm;                         /* (capacity, n_axes) log of what stands before the exponential */
    float *offset;                       /* (capacity) log weight and the norm of the smooth axes */
    float *own, *other;                  /* (n_axes) log of a categorical kernel at its choice, and at another */
    struct sorted_point *sorted, *spare; /* (capacity) */

    float *x;            /* (n_axes, BATCH) */
    unsigned char *cell; /* (n_axes, BATCH) of axes with cells */
    float *term;         /* (CHUNK, BATCH) log of kernels at points */
};

struct parzen *parzen_create(const struct parzen_axis *axes, size_t n_axes)
{
    struct parzen *p = xcalloc(1, sizeof *p);

    p->axes = axes;
    p->n_axes = n_axes;
    p->smooth = xcalloc(n_axes + 1, 2 * sizeof *p->smooth);
    p->special = p->smooth + n_axes + 1;
    for (size_t i = 0, n_special = 0; i < n_axes; i++) {
        bool is_smooth = axes[i].n_choices == 0 && axes[i].cells.n == 0 && !axes[i].is_conditional;
        if (is_smooth)
            p->smooth[p->n_smooth++] = i;
        else
            p->special[n_special++] = i;
    }
    p->own = xcalloc(n_axes + 1, 2 * sizeof *p->own);
    p->other = p->own + n_axes + 1;
    p->x = xcalloc((n_axes + CHUNK) * BATCH, sizeof *p->x);
    p->term = p->x + n_axes * BATCH;
    p->cell = xcalloc(n_axes + 1, BATCH);
    return p;
}

static void release_kernels(struct parzen *p)
{
    free(p->mean);
    free(p->center);
    free(p->sorted);
}

void parzen_destroy(struct parzen *p)
{
    if (p == NULL)
        return;
    release_kernels(p);
    free(p->cell);
    free(p->x);
    free(p->own);
    free(p->smooth);
    free(p);
}

/* Room for so many kernels; what was there is lost. */
static void make_room(struct parzen *p, size_t n)
{
    if (n <= p->capacity)
        return;
    release_kernels(p);
    p->capacity = p->capacity ? p->capacity : FIRST_CAPACITY;
    while (p->capacity < n)
        p->capacity *= 2;
    size_t size = p->capacity * (p->n_axes + 1);
    p->mean = xcalloc(size, 3 * sizeof *p->mean);
    p->bandwidth = p->mean + size;
    p->weight = p->bandwidth + size;
    p->center = xcalloc(size, 4 * sizeof *p->center);
    p->scale = p->center + size;
    p->norm = p->scale + size;
    p->offset = p->norm + size;
    p->sorted = xcalloc(p->capacity, 2 * sizeof *p->sorted);
    p->spare = p->sorted + p->capacity;
}

/* One stable pass by the bits of a fixed-point x from shift on. */
static void radix_pass(const struct sorted_point *from, struct sorted_point *to, size_t n, unsigned shift)
{
    size_t start[1 << RADIX_BITS] = { 0 }, total = 0;
    const double unit = 1 << (2 * RADIX_BITS);

    for (size_t k = 0; k < n; k++)
        start[(uint32_t)fmin(from[k].x * unit, unit - 1) >> shift & ((1 << RADIX_BITS) - 1)]++;
    for (size_t digit = 0; digit < 1 << RADIX_BITS; digit++) {
        size_t count = start[digit];
        start[digit] = total;
        total += count;
    }
    for (size_t k = 0; k < n; k++)
        to[start[(uint32_t)fmin(from[k].x * unit, unit - 1) >> shift & ((1 << RADIX_BITS) - 1)]++] = from[k];
}

/* Ascending, to 22 bits of x (a bandwidth is never that narrow); equal ones stay in their order. */
static void sort_points(struct parzen *p, size_t n)
{
    if (n > INSERTION_LIMIT) {
        radix_pass(p->sorted, p->spare, n, 0);
        radix_pass(p->spare, p->sorted, n, RADIX_BITS);
        return;
    }
    for (size_t k = 1; k < n; k++) {
        struct sorted_point point = p->sorted[k];
        size_t at = k;
        for (; at > 0 && p->sorted[at - 1].x > point.x; at--)
            p->sorted[at] = p->sorted[at - 1];
        p->sorted[at] = point;
    }
}

/* The wider gap to a neighbour; at either end only the inner one, unless the point is alone. */
static void set_bandwidths(struct parzen *p, size_t axis, const double *const *points, size_t n)
{
    size_t parameter = p->axes[axis].parameter, n_here = 0;

    for (size_t j = 0; j < n; j++)
        if (!isnan(points[j][parameter]))
            p->sorted[n_here++] = (struct sorted_point){ points[j][parameter], j };
    sort_points(p, n_here);
    double narrowest = 1 / fmin(100, 2 + (double)n_here);
    for (size_t k = 0; k < n_here; k++) {
        double x = p->sorted[k].x, gap = n_here == 1 ? fmax(x, 1 - x) : 0;
        if (k > 0)
            gap = fmax(gap, x - p->sorted[k - 1].x);
        if (k + 1 < n_here)
            gap = fmax(gap, p->sorted[k + 1].x - x);
        p->bandwidth[p->sorted[k].kernel * p->n_axes + axis] = fmin(fmax(gap, narrowest), 1);
    }
}

/* Log of the share of a normal about mean that lies in [0, 1]. */
static double log_mass_inside(double mean, double bandwidth)
{
    if (fmin(mean, 1 - mean) > 6 * bandwidth)
        return 0;
    return log(0.5 * erfc(-mean / bandwidth * M_SQRT1_2) - 0.5 * erfc((1 - mean) / bandwidth * M_SQRT1_2));
}

/* What the loops over kernels need of kernel j on one number axis. */
static void set_shape(struct parzen *p, size_t j, size_t axis)
{
    static const double HALF_LOG_2PI = 0.91893853320467274178;
    size_t at = j * p->n_axes + axis;
    double mean = p->mean[at], bandwidth = p->bandwidth[at];

    if (isnan(mean)) {
        p->center[at] = p->scale[at] = p->norm[at] = 0;
        return;
    }
    p->center[at] = (float)mean;
    p->scale[at] = (float)(M_SQRT1_2 / bandwidth);
    p->norm[at] = (float)(-log(bandwidth) - log_mass_inside(mean, bandwidth) - HALF_LOG_2PI);
}

/* A kernel's probabilities relative to the uniform one. */
static void set_categorical(struct parzen *p, size_t axis, size_t n, const struct parzen_options *options)
{
    double k = (double)p->axes[axis].n_choices, share = options->own_share;

    if (share <= 0)
        share = 1 / (1 + k * options->prior_weight / (double)(n + 1));
    p->own[axis] = (float)log(1 + share * (k - 1));
    p->other[axis] = (float)log(1 - share);
}

static void set_weights(struct parzen *p, const double *weights, size_t n, double prior_weight)
{
    double total = prior_weight;

    for (size_t j = 0; j < n; j++)
        total += weights ? weights[j] : 1;
    for (size_t j = 0; j <= n; j++)
        p->weight[j] = (j == n ? prior_weight : weights ? weights[j] : 1) / total;
}

void parzen_fit(struct parzen *p, const double *const *points, const double *weights, size_t n,
                const struct parzen_options *options)
{
    make_room(p, n + 1);
    p->n = n + 1;
    set_weights(p, weights, n, options->prior_weight);
    for (size_t i = 0; i < p->n_axes; i++) {
        const struct parzen_axis *axis = &p->axes[i];
        for (size_t j = 0; j < n; j++)
            p->mean[j * p->n_axes + i] = points[j][axis->parameter];
        p->mean[n * p->n_axes + i] = axis->n_choices > 0 ? ANY_CHOICE : 0.5;
        p->bandwidth[n * p->n_axes + i] = 1;
        if (axis->n_choices > 0)
            set_categorical(p, i, n, options);
        else
            set_bandwidths(p, i, points, n);
        for (size_t j = 0; j <= n && axis->n_choices == 0; j++)
            set_shape(p, j, i);
    }
    for (size_t j = 0; j <= n; j++) {
        p->offset[j] = (float)fmax(log(p->weight[j]), LOG_FAR);
        for (size_t i = 0; i < p->n_smooth; i++)
            p->offset[j] += p->norm[j * p->n_axes + p->smooth[i]];
    }
}

/* Coordinates into lanes; what is beyond n repeats the last point. */
static void load_batch(struct parzen *p, const double *points, size_t n, size_t stride)
{
    for (size_t i = 0; i < p->n_axes; i++) {
        const struct parzen_axis *axis = &p->axes[i];
        for (size_t c = 0; c < BATCH; c++) {
            double value = points[(c < n ? c : n - 1) * stride + axis->parameter];
            p->x[i * BATCH + c] = (float)value;
            if (axis->cells.n > 0)
                p->cell[i * BATCH + c] = isnan(value) ? NO_CELL : (unsigned char)cells_find(&axis->cells, value);
        }
    }
}

/* Log of a kernel's mass in a cell relative to the uniform one's; inside: log of its mass in [0, 1]. */
static double cell_density(const struct parzen *p, size_t at, double inside, const double *edges)
{
    double mean = p->mean[at], bandwidth = p->bandwidth[at], width = edges[1] - edges[0];
    double low = (edges[0] - mean) / bandwidth, high = (edges[1] - mean) / bandwidth;

    if (low > FAR || high < -FAR)
        return LOG_FAR;
    if (width <= 0)
        return p->norm[at] - 0.5 * low * low;
    return fmax(normal_log_mass(low, high) - log(width) - inside, LOG_FAR);
}

/* The functions that follow add one axis, or all smooth ones, to the terms of n_kernels kernels from first on at the n points
   of a batch. */
static void add_cells(struct parzen *p, size_t axis, size_t first, size_t n_kernels, size_t n)
{
    const struct cells *cells = &p->axes[axis].cells;
    const unsigned char *cell = p->cell + axis * BATCH;
    const float *x = p->x + axis * BATCH;
    float table[CELLS_LIMIT + 2];
    bool is_used[CELLS_LIMIT + 2] = { false };

    for (size_t c = 0; c < n; c++)
        is_used[cell[c]] = true;
    for (size_t j = 0; j < n_kernels; j++) {
        size_t at = (first + j) * p->n_axes + axis;
        float *term = p->term + j * BATCH;
        if (isnan(p->mean[at]))
            continue;
        double inside = log_mass_inside(p->mean[at], p->bandwidth[at]);
        for (size_t k = 0; k < cells->n; k++)
            if (is_used[k])
                table[k] = (float)cell_density(p, at, inside, cells->edges + k);
        table[cells->n] = table[NO_CELL] = 0;
        for (size_t c = 0; c < n; c++)
            term[c] += table[cell[c]];
        for (size_t c = 0; is_used[cells->n] && c < n; c++) {
            float distance = (x[c] - p->center[at]) * p->scale[at];
            term[c] += cell[c] == cells->n ? p->norm[at] - distance * distance : 0;
        }
    }
}

static void add_choices(struct parzen *p, size_t axis, size_t first, size_t n_kernels, size_t n)
{
    const float *x = p->x + axis * BATCH;
    float own = p->own[axis], other = p->other[axis];

    for (size_t j = 0; j < n_kernels; j++) {
        double mean = p->mean[(first + j) * p->n_axes + axis];
        float choice = (float)mean, *term = p->term + j * BATCH;
        for (size_t c = 0; mean >= 0 && c < n; c++)
            term[c] += x[c] == choice ? own : isnan(x[c]) ? 0 : other;
    }
}

static void add_conditional(struct parzen *p, size_t axis, size_t first, size_t n_kernels, size_t n)
{
    const float *x = p->x + axis * BATCH;

    for (size_t j = 0; j < n_kernels; j++) {
        size_t at = (first + j) * p->n_axes + axis;
        float center = p->center[at], scale = p->scale[at], norm = p->norm[at], *term = p->term + j * BATCH;
        for (size_t c = 0; c < n; c++) {
            float distance = (x[c] - center) * scale;
            term[c] += isnan(x[c]) ? 0 : norm - distance * distance;
        }
    }
}

FOR_WIDE_VECTORS
static void set_smooth(struct parzen *p, size_t first, size_t n_kernels, size_t n)
{
    for (size_t j = 0; j < n_kernels; j++) {
        const float *center = p->center + (first + j) * p->n_axes, *scale = p->scale + (first + j) * p->n_axes;
        for (size_t g = 0; g < n; g += LANES) {
            float term[LANES];
            for (int c = 0; c < LANES; c++)
                term[c] = p->offset[first + j];
            for (size_t i = 0; i < p->n_smooth; i++) {
                size_t axis = p->smooth[i];
                const float *x = p->x + axis * BATCH + g;
                float at = center[axis], per = scale[axis];
                for (int c = 0; c < LANES; c++) {
                    float distance = (x[c] - at) * per;
                    term[c] -= distance * distance;
                }
            }
            memcpy(p->term + j * BATCH + g, term, sizeof term);
        }
    }
}

FOR_WIDE_VECTORS
static void sum_kernels(const float *restrict terms, size_t n_kernels, size_t n, float *restrict top,
                        float *restrict sum)
{
    for (size_t g = 0; g < n; g += LANES)
        for (size_t j = 0; j < n_kernels; j++)
            lanes_add_exp(top + g, sum + g, terms + j * BATCH + g);
}

/* Log densities of the first n points of the batch, n a multiple of LANES, into top. */
static void evaluate_batch(struct parzen *p, size_t n, float *top)
{
    float sum[BATCH] = { 0 };

    for (size_t c = 0; c < n; c++)
        top[c] = LOWEST;
    for (size_t first = 0; first < p->n; first += CHUNK) {
        size_t n_kernels = p->n - first < CHUNK ? p->n - first : CHUNK;
        set_smooth(p, first, n_kernels, n);
        for (size_t i = 0; i < p->n_axes - p->n_smooth; i++) {
            size_t axis = p->special[i];
            if (p->axes[axis].n_choices > 0)
                add_choices(p, axis, first, n_kernels, n);
            else if (p->axes[axis].cells.n > 0)
                add_cells(p, axis, first, n_kernels, n);
            else
                add_conditional(p, axis, first, n_kernels, n);
        }
        sum_kernels(p->term, n_kernels, n, top, sum);
    }
    for (size_t c = 0; c < n; c++)
        top[c] += logf(sum[c]);
}

void parzen_log_density(struct parzen *p, const double *points, size_t n, size_t stride, float *log_density)
{
    float result[BATCH] = { 0 };

    for (size_t done = 0; done < n; done += BATCH) {
        size_t n_here = n - done < BATCH ? n - done : BATCH;
        load_batch(p, points + done * stride, n_here, stride);
        evaluate_batch(p, (n_here + LANES - 1) / LANES * LANES, result);
        memcpy(log_density + done, result, n_here * sizeof *log_density);
    }
}

bool parzen_has(const struct parzen *p, size_t kernel, size_t axis)
{
    return !isnan(p->mean[kernel * p->n_axes + axis]);
}

/* Draw a kernel by its weight times a factor of 0 or more. */
static size_t pick(const struct parzen *p,
                   double (*factor)(const struct parzen *p, size_t kernel, size_t axis, const double *x), size_t axis,
                   const double *x, struct rng *rng)
{
    double total = 0, sought;

    for (size_t j = 0; j < p->n; j++)
        total += p->weight[j] * factor(p, j, axis, x);
    sought = rng_uniform(rng) * total;
    for (size_t j = 0; j + 1 < p->n; j++) {
        sought -= p->weight[j] * factor(p, j, axis, x);
        if (sought < 0)
            return j;
    }
    return p->n - 1;
}

static double factor_of_axis(const struct parzen *p, size_t kernel, size_t axis, const double *x)
{
    (void)x;
    return axis == SIZE_MAX || parzen_has(p, kernel, axis);
}

size_t parzen_pick(const struct parzen *p, size_t axis, struct rng *rng)
{
    return pick(p, factor_of_axis, axis, NULL, rng);
}

static double factor_of_choices(const struct parzen *p, size_t kernel, size_t axis, const double *x)
{
    double sum = 0;

    (void)axis;
    for (size_t i = 0; i < p->n_axes; i++) {
        double mean = p->mean[kernel * p->n_axes + i], value = x[p->axes[i].parameter];
        if (p->axes[i].n_choices > 0 && mean >= 0 && !isnan(value))
            sum += mean == value ? p->own[i] : p->other[i];
    }
    return exp(sum);
}

size_t parzen_pick_given_choices(const struct parzen *p, const double *x, struct rng *rng)
{
    return pick(p, factor_of_choices, 0, x, rng);
}

static double draw_choice(const struct parzen *p, double own, size_t n_choices, struct rng *rng, size_t axis)
{
    double sure = (exp((double)p->own[axis]) - 1) / ((double)n_choices - 1);

    if (own != ANY_CHOICE && rng_uniform(rng) < sure)
        return own;
    return (double)rng_below(rng, n_choices);
}

double parzen_draw(const struct parzen *p, size_t kernel, size_t axis, struct rng *rng)
{
    double mean = p->mean[kernel * p->n_axes + axis], bandwidth = p->bandwidth[kernel * p->n_axes + axis], x;

    if (p->axes[axis].n_choices > 0)
        return draw_choice(p, mean, p->axes[axis].n_choices, rng, axis);
    do /* the mean lies in [0, 1] and the bandwidth is at most 1: at least a third of the draws fit */
        x = mean + bandwidth * gsl_cdf_ugaussian_Pinv(rng_uniform(rng));
    while (x < 0 || x > 1);
    return x;
}

size_t parzen_size(const struct parzen *p)
{
    return p->n;
}

double parzen_bandwidth(const struct parzen *p, size_t kernel, size_t axis)
{
    return p->bandwidth[kernel * p->n_axes + axis];
}
