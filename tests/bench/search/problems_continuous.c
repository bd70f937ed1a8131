/*
 * Continuous functions of any dimension, shifted and partly rotated: the suite S5.
 *
 * z = x - xo with xo uniform in (-4, 4)^d, R a random rotation (Gram-Schmidt of Gaussian columns, diagonal positive). Domain
 * [-5, 5]^d, best 0.
 */
#include <math.h>

#include "tests/bench/search/problems.h"

struct shift {
    size_t d;
    double *xo; /* (d) */
    double *r;  /* (d, d), rows orthonormal */
};

static double dot(const double *a, const double *b, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

static void draw_rotation(double *r, size_t d, struct rng *rng)
{
    for (size_t i = 0; i < d * d; i++)
        r[i] = rng_normal(rng);
    for (size_t i = 0; i < d; i++) {
        for (size_t j = 0; j < i; j++) {
            double share = dot(r + i * d, r + j * d, d);
            for (size_t k = 0; k < d; k++)
                r[i * d + k] -= share * r[j * d + k];
        }
        double length = sqrt(dot(r + i * d, r + i * d, d));
        for (size_t k = 0; k < d; k++)
            r[i * d + k] /= length;
    }
}

static bool build(struct problem *problem, size_t d, struct rng *rng)
{
    if (d < 2 || d > PROBLEM_DIMENSIONS_LIMIT)
        return false;
    struct shift *shift = problem->constants = arena_alloc(&problem->arena, sizeof *shift);
    *shift = (struct shift){ d, problem_array(problem, d), problem_array(problem, d * d) };
    for (size_t i = 0; i < d; i++)
        shift->xo[i] = problem_uniform(rng, -4, 4);
    draw_rotation(shift->r, d, rng);
    problem_box(problem, d, -5, 5);
    return true;
}

/* z, and its length; is_rotated: R z. */
static size_t moved(const struct problem *problem, const double *x, bool is_rotated, double *z)
{
    const struct shift *shift = problem->constants;
    double plain[PROBLEM_DIMENSIONS_LIMIT];

    for (size_t i = 0; i < shift->d; i++)
        plain[i] = x[i] - shift->xo[i];
    for (size_t i = 0; i < shift->d; i++)
        z[i] = is_rotated ? dot(shift->r + i * shift->d, plain, shift->d) : plain[i];
    return shift->d;
}

static void sphere(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT];
    size_t d = moved(problem, x, false, z);

    (void)violations;
    losses[0] = dot(z, z, d);
}

static void ellipsoid(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT];
    size_t d = moved(problem, x, true, z);

    (void)violations;
    losses[0] = 0;
    for (size_t i = 0; i < d; i++)
        losses[0] += pow(10, 4.0 * (double)i / (double)(d - 1)) * z[i] * z[i];
}

static void rosenbrock(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT];
    size_t d = moved(problem, x, false, z);

    (void)violations;
    losses[0] = 0;
    for (size_t i = 0; i + 1 < d; i++) {
        double a = z[i] / 2 + 1, b = z[i + 1] / 2 + 1;
        losses[0] += 100 * (b - a * a) * (b - a * a) + (1 - a) * (1 - a);
    }
}

static void rastrigin(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT];
    size_t d = moved(problem, x, false, z);

    (void)violations;
    losses[0] = 10 * (double)d;
    for (size_t i = 0; i < d; i++)
        losses[0] += z[i] * z[i] - 10 * cos(2 * M_PI * z[i]);
}

static void ackley(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT], cosines = 0;
    size_t d = moved(problem, x, true, z);

    (void)violations;
    for (size_t i = 0; i < d; i++)
        cosines += cos(2 * M_PI * z[i]);
    losses[0] = -20 * exp(-0.2 * sqrt(dot(z, z, d) / (double)d)) - exp(cosines / (double)d) + 20 + M_E;
}

static double square(double x)
{
    return x * x;
}

static void levy(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT];
    size_t d = moved(problem, x, false, z);
    double first = 1 + z[0] / 4, last = 1 + z[d - 1] / 4;

    (void)violations;
    losses[0] = square(sin(M_PI * first)) + square(last - 1) * (1 + square(sin(2 * M_PI * last)));
    for (size_t i = 0; i + 1 < d; i++) {
        double w = 1 + z[i] / 4;
        losses[0] += square(w - 1) * (1 + 10 * square(sin(M_PI * w + 1)));
    }
}

static void absolute(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double z[PROBLEM_DIMENSIONS_LIMIT];
    size_t d = moved(problem, x, false, z);

    (void)violations;
    losses[0] = 0;
    for (size_t i = 0; i < d; i++)
        losses[0] += fabs(z[i]);
}

const struct problem_kind continuous_problems[] = {
    { "s5/sphere", 1, 0, { 0 }, build, sphere },         { "s5/ellipsoid", 1, 0, { 0 }, build, ellipsoid },
    { "s5/rosenbrock", 1, 0, { 0 }, build, rosenbrock }, { "s5/rastrigin", 1, 0, { 0 }, build, rastrigin },
    { "s5/ackley", 1, 0, { 0 }, build, ackley },         { "s5/levy", 1, 0, { 0 }, build, levy },
    { "s5/abs", 1, 0, { 0 }, build, absolute },          { 0 },
};
