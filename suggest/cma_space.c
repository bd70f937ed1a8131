/*
 * Folds, cells and the margin.
 */
#include "suggest/cma_space.h"

#include <assert.h>
#include <math.h>

#include <gsl/gsl_cdf.h>

static const double ROUND = 0.05; /* reach of the round part to either side of a bound */
static const double EDGE_PRECISION = 1e-13;

struct cma_space *cma_space_create(const struct space *space)
{
    struct cma_space *cs = xcalloc(1, sizeof *cs + space->n * sizeof cs->axes[0]);

    cs->space = space;
    for (size_t i = 0; i < space->n; i++) {
        struct cma_axis *axis = &cs->axes[i];
        double size = space_parameter_size(space, i);
        if (size == 1)
            continue;
        if (size == 2 || space->parameters[i].type == PARAMETER_CATEGORICAL) {
            *axis = (struct cma_axis){ CMA_AXIS_CHOICE, cs->n_choices++, (size_t)size };
            continue;
        }
        *axis = (struct cma_axis){ CMA_AXIS_CONTINUOUS, cs->n_reals++, 0 };
        if (isinf(size))
            continue;
        axis->type = CMA_AXIS_STEPPED;
        axis->size = (size_t)fmin(size, 0x1p53);
        cs->n_stepped++;
    }
    cs->d = cs->n_reals > 0 ? cs->n_reals : 1;
    return cs;
}

/* Mirrors at -ROUND and 1 + ROUND. */
static double reflect(double u)
{
    return fabs(remainder(u + ROUND, 2 * (1 + 2 * ROUND))) - ROUND;
}

/* [-ROUND, 1 + ROUND] to [0, 1]: the identity but for parabolas at the ends, with the same slope where they meet. */
static double round_off(double u)
{
    if (u > 0.5)
        return 1 - round_off(1 - u);
    return u < ROUND ? (u + ROUND) * (u + ROUND) / (4 * ROUND) : u;
}

static double round_on(double x)
{
    if (x > 0.5)
        return 1 - round_on(1 - x);
    return x < ROUND ? 2 * sqrt(ROUND * fmax(x, 0)) - ROUND : x;
}

static double clamp(double u)
{
    return u < 0 ? 0 : u > 1 ? 1 : u;
}

static bool is_categorical(const struct cma_space *cs, size_t i)
{
    return cs->space->parameters[i].type == PARAMETER_CATEGORICAL;
}

bool cma_space_is_inside(const struct cma_space *cs, const double *real)
{
    for (size_t i = 0; i < cs->space->n; i++) {
        double u = cs->axes[i].type == CMA_AXIS_CONTINUOUS ? real[cs->axes[i].index] : 0;
        if (u < -ROUND || u > 1 + ROUND)
            return false;
    }
    return true;
}

void cma_space_point(const struct cma_space *cs, const double *real, const size_t *picked, double *x)
{
    for (size_t i = 0; i < cs->space->n; i++) {
        const struct cma_axis *axis = &cs->axes[i];
        switch (axis->type) {
        case CMA_AXIS_FIXED:
            x[i] = is_categorical(cs, i) ? 0 : 0.5;
            break;
        case CMA_AXIS_CONTINUOUS:
            x[i] = round_off(reflect(real[axis->index]));
            break;
        case CMA_AXIS_STEPPED:
            x[i] = clamp(real[axis->index]);
            break;
        case CMA_AXIS_CHOICE:
            x[i] = (double)picked[axis->index]; /* of two numbers, 0 is in the first's cell and 1 in the second's */
            break;
        }
    }
}

void cma_space_real(const struct cma_space *cs, const double *x, const double *mean, double *real, size_t *picked)
{
    if (cs->n_reals == 0)
        real[0] = mean[0];
    for (size_t i = 0; i < cs->space->n; i++) {
        const struct cma_axis *axis = &cs->axes[i];
        if (axis->type == CMA_AXIS_CHOICE)
            picked[axis->index] = isnan(x[i]) ? SIZE_MAX : is_categorical(cs, i) ? (size_t)x[i] : x[i] > 0.5;
        else if (axis->type != CMA_AXIS_FIXED)
            real[axis->index] = isnan(x[i])                         ? mean[axis->index]
                                : axis->type == CMA_AXIS_CONTINUOUS ? round_on(x[i])
                                                                    : x[i];
    }
}

/* The coordinate between a and b, which decode to different values, from which on a's value ends. */
static double edge_between(const struct space *one, double a, double b)
{
    double value, at;

    space_decode(one, &a, &value);
    while (b - a > EDGE_PRECISION || a - b > EDGE_PRECISION) {
        double middle = (a + b) / 2;
        space_decode(one, &middle, &at);
        *(at == value ? &a : &b) = middle;
    }
    return (a + b) / 2;
}

/* Edges of the cell that holds u; low is -INFINITY for the first, high INFINITY for the last. */
static void find_cell(const struct cma_space *cs, size_t i, double u, double *low, double *high)
{
    const struct parameter *p = &cs->space->parameters[i];
    double size = (double)cs->axes[i].size, k = floor(u * size);

    k = k < 0 ? 0 : k > size - 1 ? size - 1 : k;
    if (p->type == PARAMETER_DISCRETE || p->distribution == DISTRIBUTION_UNIFORM) {
        *low = k > 0 ? k / size : -INFINITY;
        *high = k < size - 1 ? (k + 1) / size : INFINITY;
        return;
    }
    struct parameter alone = *p;
    alone.activation = NULL;
    const struct space one = { 1, &alone };
    double value, middle, next;
    u = clamp(u);
    space_decode(&one, &u, &value);
    k = nearbyint((value - p->min) / p->step);
    space_encode(&one, &value, &middle);
    *low = -INFINITY;
    *high = INFINITY;
    if (k > 0) {
        value = space_parameter_value(&one, 0, (uint64_t)(k - 1));
        space_encode(&one, &value, &next);
        *low = edge_between(&one, middle, next);
    }
    if (k < size - 1) {
        value = space_parameter_value(&one, 0, (uint64_t)(k + 1));
        space_encode(&one, &value, &next);
        *high = edge_between(&one, middle, next);
    }
}

static double tail_quantile(double p)
{
    return gsl_cdf_ugaussian_Qinv(fmin(fmax(p, 1e-10), 0.5 - 1e-10));
}

/* In an outer cell: bring the mean so near to its one edge that a share of margin lies beyond. */
static void settle_outer(double *mean, double edge, double deviation, double margin)
{
    double reach = deviation * tail_quantile(margin);

    if (fabs(*mean - edge) > reach)
        *mean = edge + (*mean > edge ? reach : -reach);
}

/* Between two edges: at least margin / 2 to either side. (20)-(25) of the paper. */
static void settle_inner(double *mean, double *widen, double low, double high, double deviation, double margin)
{
    double below = gsl_cdf_ugaussian_P((low - *mean) / deviation),
           above = gsl_cdf_ugaussian_Q((high - *mean) / deviation);
    double within = 1 - below - above;

    if (below >= margin / 2 && above >= margin / 2)
        return;
    below = fmax(below, margin / 2);
    above = fmax(above, margin / 2);
    double excess = 1 - below - above - within, sum = below + above + within - 1.5 * margin;
    double z_low = tail_quantile(below + excess * (below - margin / 2) / sum),
           z_high = tail_quantile(above + excess * (above - margin / 2) / sum);
    *widen *= (high - low) / ((z_low + z_high) * deviation);
    *mean = (low * z_high + high * z_low) / (z_low + z_high);
}

void cma_space_settle(const struct cma_space *cs, struct cma *cma, double margin)
{
    for (size_t i = 0; i < cs->space->n; i++) {
        const struct cma_axis *axis = &cs->axes[i];
        if (axis->type == CMA_AXIS_CONTINUOUS)
            cma->now->mean[axis->index] = reflect(cma->now->mean[axis->index]);
        if (axis->type != CMA_AXIS_STEPPED)
            continue;
        double *mean = &cma->now->mean[axis->index], low, high, deviation = cma_deviation(cma, axis->index);
        find_cell(cs, i, *mean, &low, &high);
        if (isinf(low) || isinf(high))
            settle_outer(mean, isinf(low) ? high : low, deviation, margin);
        else
            settle_inner(mean, &cma->widen[axis->index], low, high, deviation, margin);
    }
    cma_refresh(cma);
}
