/*
 * Numbers vary in [0, 1], with the distributions of Deb cut to these bounds.
 */
#include "suggest/variation.h"

#include <math.h>

/* Spread factor of simulated binary crossover that keeps within so many half-distances of the middle. */
static double spread(double eta, double room, double u)
{
    double alpha = 2 - pow(room, -(eta + 1));

    if (u * alpha <= 1)
        return pow(u * alpha, 1 / (eta + 1));
    return pow(1 / (2 - u * alpha), 1 / (eta + 1));
}

/* The child on a's side of the middle. */
static double cross_numbers(double a, double b, double eta, struct rng *rng)
{
    double distance = fabs(a - b), u = rng_uniform(rng);

    if (distance < 1e-14)
        return a;
    double to_wall = a < b ? a : 1 - a; /* outwards */
    double beta = spread(eta, 1 + 2 * to_wall / distance, u);
    return fmin(fmax((a + b) / 2 + (a < b ? -1 : 1) * beta * distance / 2, 0), 1);
}

/* least: a smaller step would change nothing. */
static double mutate_number(double x, double eta, double least, struct rng *rng)
{
    double u = rng_uniform(rng), power = eta + 1, delta;

    if (u < 0.5)
        delta = pow(2 * u + (1 - 2 * u) * pow(1 - x, power), 1 / power) - 1;
    else
        delta = 1 - pow(2 * (1 - u) + (2 * u - 1) * pow(x, power), 1 / power);
    if (fabs(delta) < least)
        delta = (x + copysign(least, delta) >= 0 && x + copysign(least, delta) <= 1 ? 1 : -1) * copysign(least, delta);
    return fmin(fmax(x + delta, 0), 1);
}

/* Another choice of a categorical, each as likely. */
static double mutate_choice(double x, size_t n_choices, struct rng *rng)
{
    double other = (double)rng_below(rng, n_choices - 1);

    return other < x ? other : other + 1;
}

static double mutate(const struct variation *variation, const struct space *space, size_t i, double x, struct rng *rng)
{
    const struct parameter *p = &space->parameters[i];

    if (p->type == PARAMETER_CATEGORICAL)
        return mutate_choice(x, p->n_choices, rng);
    return mutate_number(x, variation->mutation_eta, 1 / space_parameter_size(space, i), rng);
}

static double inherit(const struct variation *variation, const struct parameter *p, double a, double b, bool mixes,
                      struct rng *rng)
{
    bool swaps = rng_uniform(rng) < 0.5;

    if (!mixes || a == b)
        return a;
    if (p->type == PARAMETER_CATEGORICAL)
        return swaps ? b : a;
    return swaps ? cross_numbers(b, a, variation->crossover_eta, rng)
                 : cross_numbers(a, b, variation->crossover_eta, rng);
}

/* Number of parameters that have more than one value. */
static size_t count_free(const struct space *space)
{
    size_t n = 0;

    for (size_t i = 0; i < space->n; i++)
        n += space_parameter_size(space, i) > 1;
    return n;
}

static bool is_free(const struct space *space, size_t i)
{
    return space_parameter_size(space, i) > 1;
}

/* A parameter that has another value and that a has, if there is one. */
static void mutate_one(const struct variation *variation, const struct space *space, const double *a, struct rng *rng,
                       double *child)
{
    size_t n = 0, chosen = SIZE_MAX;

    for (size_t i = 0; i < space->n; i++)
        if (is_free(space, i) && !isnan(a[i]) && rng_below(rng, ++n) == 0)
            chosen = i;
    if (chosen != SIZE_MAX)
        child[chosen] = mutate(variation, space, chosen, child[chosen], rng);
}

void variation_child(const struct variation *variation, const struct space *space, const double *a, const double *b,
                     struct rng *rng, double *child)
{
    double rate = variation->mutation / fmax((double)count_free(space), 1);
    bool mixes = rng_uniform(rng) < variation->crossover, is_new = false;

    space_draw(space, rng, child);
    for (size_t i = 0; i < space->n; i++) {
        double of_a = isnan(a[i]) ? b[i] : a[i], of_b = isnan(b[i]) ? a[i] : b[i];
        if (!is_free(space, i) || isnan(of_a))
            continue;
        child[i] = inherit(variation, &space->parameters[i], of_a, of_b, mixes, rng);
        if (rng_uniform(rng) < rate)
            child[i] = mutate(variation, space, i, child[i], rng);
        is_new = is_new || (child[i] != a[i] && child[i] != b[i]);
    }
    if (!is_new)
        mutate_one(variation, space, a, rng, child);
}
