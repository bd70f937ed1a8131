/*
 * L-BFGS in a box.
 *
 * A coordinate that rests at a bound and would be pushed through it is held; the two-loop recursion runs over the others,
 * so the curvature of what cannot move does not bend the step.
 */
#include "suggest/minimize.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

enum { BACKTRACKS = 20 };
static const double SUFFICIENT_DECREASE = 1e-4, CURVATURE_LIMIT = 1e-10;

struct search {
    minimize_function *function;
    void *context;
    const double *lower, *upper; /* (n) */
    size_t n, memory, n_pairs, newest;
    unsigned n_evaluations, evaluations_limit;
    bool *held;                                 /* (n) */
    double *x, *gradient;                       /* (n) where we are; x is the caller's */
    double *trial, *trial_gradient, *direction; /* (n) */
    double *steps, *changes;                    /* (memory, n) of x and of the gradient, a ring */
    double *weights;                            /* (memory) */
};

static struct search *search_create(size_t n, size_t memory)
{
    size_t n_numbers = 4 * n + 2 * memory * n + memory;
    struct search *search = xcalloc(1, sizeof *search + n_numbers * sizeof(double) + n * sizeof(bool));
    double *numbers = (double *)(search + 1);

    search->n = n;
    search->memory = memory;
    search->gradient = numbers;
    search->trial = numbers + n;
    search->trial_gradient = numbers + 2 * n;
    search->direction = numbers + 3 * n;
    search->steps = numbers + 4 * n;
    search->changes = search->steps + memory * n;
    search->weights = search->changes + memory * n;
    search->held = (bool *)(search->weights + memory);
    return search;
}

static double project(const struct search *search, size_t i, double x)
{
    return fmin(fmax(x, search->lower[i]), search->upper[i]);
}

static double evaluate(struct search *search, const double *x, double *gradient)
{
    double value = search->function(search->context, x, gradient);

    search->n_evaluations++;
    if (!(value < INFINITY))
        return INFINITY;
    for (size_t i = 0; i < search->n; i++)
        if (!isfinite(gradient[i]))
            return INFINITY;
    return value;
}

/* Largest coordinate of the projected gradient step. */
static double stationarity(const struct search *search)
{
    double largest = 0;

    for (size_t i = 0; i < search->n; i++)
        largest = fmax(largest, fabs(project(search, i, search->x[i] - search->gradient[i]) - search->x[i]));
    return largest;
}

static void hold(struct search *search)
{
    for (size_t i = 0; i < search->n; i++)
        search->held[i] = (search->x[i] <= search->lower[i] && search->gradient[i] >= 0) ||
                          (search->x[i] >= search->upper[i] && search->gradient[i] <= 0);
}

static double free_dot(const struct search *search, const double *a, const double *b)
{
    double sum = 0;

    for (size_t i = 0; i < search->n; i++)
        sum += search->held[i] ? 0 : a[i] * b[i];
    return sum;
}

static size_t pair_at(const struct search *search, size_t age)
{
    return (search->newest + search->memory - age) % search->memory;
}

/* Does pair k see positive curvature among the free coordinates? */
static bool is_curved(const struct search *search, size_t k, double *product)
{
    const double *step = search->steps + k * search->n, *change = search->changes + k * search->n;

    *product = free_dot(search, step, change);
    return *product > CURVATURE_LIMIT * sqrt(free_dot(search, step, step) * free_dot(search, change, change));
}

/* direction = -H gradient by the two loops; at first a step of length 1 at most. */
static void set_direction(struct search *search)
{
    double *direction = search->direction, product, scale = 0;

    for (size_t i = 0; i < search->n; i++)
        direction[i] = search->held[i] ? 0 : -search->gradient[i];
    for (size_t age = 0; age < search->n_pairs; age++) {
        size_t k = pair_at(search, age);
        const double *step = search->steps + k * search->n, *change = search->changes + k * search->n;
        if (!is_curved(search, k, &product))
            continue;
        if (scale == 0)
            scale = product / free_dot(search, change, change);
        search->weights[k] = free_dot(search, step, direction) / product;
        for (size_t i = 0; i < search->n; i++)
            direction[i] -= search->held[i] ? 0 : search->weights[k] * change[i];
    }
    if (scale == 0)
        scale = 1 / fmax(1, sqrt(free_dot(search, search->gradient, search->gradient)));
    for (size_t i = 0; i < search->n; i++)
        direction[i] *= scale;
    for (size_t age = search->n_pairs; age-- > 0;) {
        size_t k = pair_at(search, age);
        const double *step = search->steps + k * search->n, *change = search->changes + k * search->n;
        if (!is_curved(search, k, &product))
            continue;
        double weight = search->weights[k] - free_dot(search, change, direction) / product;
        for (size_t i = 0; i < search->n; i++)
            direction[i] += search->held[i] ? 0 : weight * step[i];
    }
}

/* What points out of the box goes nowhere; a direction that then does not descend is replaced by the gradient's. */
static void keep_descending(struct search *search)
{
    double slope = 0, length = 0;

    for (size_t i = 0; i < search->n; i++) {
        double *d = &search->direction[i];
        if ((search->x[i] <= search->lower[i] && *d < 0) || (search->x[i] >= search->upper[i] && *d > 0))
            *d = 0;
        slope += search->gradient[i] * *d;
        length += *d * *d;
    }
    if (slope < -1e-10 * sqrt(length * free_dot(search, search->gradient, search->gradient)))
        return;
    search->n_pairs = 0;
    set_direction(search);
}

/* Shorten the step until it gains enough. Returns the new value, at search->trial; INFINITY when no step does. */
static double line_search(struct search *search, double value)
{
    double length = 1;

    for (int k = 0; k < BACKTRACKS && search->n_evaluations < search->evaluations_limit; k++) {
        double slope = 0;
        for (size_t i = 0; i < search->n; i++) {
            search->trial[i] = project(search, i, search->x[i] + length * search->direction[i]);
            slope += search->gradient[i] * (search->trial[i] - search->x[i]);
        }
        if (slope >= 0)
            return INFINITY;
        double next = evaluate(search, search->trial, search->trial_gradient);
        if (next <= value + SUFFICIENT_DECREASE * slope)
            return next;
        double parabola = isfinite(next) ? -0.5 * slope / (next - value - slope) : 0.1;
        length *= fmin(fmax(parabola, 0.1), 0.5);
    }
    return INFINITY;
}

/* Take the trial point, and learn from the way there. */
static void advance(struct search *search)
{
    size_t n = search->n, k = search->n_pairs == 0 ? 0 : (search->newest + 1) % search->memory;

    for (size_t i = 0; i < n; i++) {
        search->steps[k * n + i] = search->trial[i] - search->x[i];
        search->changes[k * n + i] = search->trial_gradient[i] - search->gradient[i];
    }
    search->newest = k;
    if (search->n_pairs < search->memory)
        search->n_pairs++;
    memcpy(search->x, search->trial, n * sizeof *search->x);
    memcpy(search->gradient, search->trial_gradient, n * sizeof *search->gradient);
}

static double descend(struct search *search, const struct minimize_options *options)
{
    double value = evaluate(search, search->x, search->gradient);

    while (value < INFINITY && search->n_evaluations < search->evaluations_limit &&
           stationarity(search) > options->gradient_tolerance) {
        hold(search);
        set_direction(search);
        keep_descending(search);
        double next = line_search(search, value);
        if (next == INFINITY && search->n_pairs > 0) { /* the memory misleads: once more along the gradient */
            search->n_pairs = 0;
            continue;
        }
        if (next == INFINITY)
            break;
        double gain = value - next;
        advance(search);
        value = next;
        if (gain < options->decrease_tolerance)
            break;
    }
    return value;
}

double minimize(minimize_function *function, void *context, const double *lower, const double *upper, size_t n,
                const struct minimize_options *options, double *x)
{
    struct search *search = search_create(n, options->memory);

    search->function = function;
    search->context = context;
    search->lower = lower;
    search->upper = upper;
    search->evaluations_limit = options->evaluations_limit;
    search->x = x;
    for (size_t i = 0; i < n; i++)
        x[i] = project(search, i, x[i]);
    double value = descend(search, options);
    free(search);
    return value;
}
