/*
 * Problems with black-box constraints.
 *
 * Hartmann's six-dimensional function within a ball and below a plane, neither of which cuts off its minimum; the pressure
 * vessel (Kannan and Kramer 1994), whose thicknesses are multiples of 1/16 inch; C2-DTLZ2 with two objectives and SRN
 * (Jain and Deb 2014; Srinivas and Deb 1994).
 */
#include <math.h>

#include "tests/bench/search/problems.h"

enum { HARTMANN = 6, ARC_POINTS = 5000 };

static const double heights[4] = { 1.0, 1.2, 3.0, 3.2 };
static const double slopes[4][HARTMANN] = {
    { 10, 3, 17, 3.5, 1.7, 8 },
    { 0.05, 10, 17, 0.1, 8, 14 },
    { 3, 3.5, 1.7, 10, 17, 8 },
    { 17, 8, 0.05, 10, 0.1, 14 },
};
static const double centres[4][HARTMANN] = {
    { 0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886 },
    { 0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991 },
    { 0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650 },
    { 0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381 },
};

/* Instances differ in which coordinates are mirrored. */
static bool build_hartmann(struct problem *problem, size_t d, struct rng *rng)
{
    double *mirrored = problem->constants = problem_array(problem, HARTMANN);

    for (size_t i = 0; i < HARTMANN; i++)
        mirrored[i] = (double)rng_below(rng, 2);
    problem_box(problem, HARTMANN, 0, 1);
    problem->best = -3.322368011415515;
    return d == 0;
}

static void hartmann(const struct problem *problem, const double *x, double *losses, double *violations)
{
    const double *mirrored = problem->constants;
    double z[HARTMANN], squares = 0, sum = 0;

    for (size_t i = 0; i < HARTMANN; i++) {
        z[i] = mirrored[i] > 0 ? 1 - x[i] : x[i];
        squares += z[i] * z[i];
        sum += z[i];
    }
    losses[0] = 0;
    for (size_t k = 0; k < 4; k++) {
        double s = 0;
        for (size_t i = 0; i < HARTMANN; i++)
            s += slopes[k][i] * (z[i] - centres[k][i]) * (z[i] - centres[k][i]);
        losses[0] -= heights[k] * exp(-s);
    }
    violations[0] = sqrt(squares) - 1;
    violations[1] = sum - 2.1;
}

static const struct parameter vessel_parameters[] = {
    { .name = "shell", .type = PARAMETER_DOUBLE, .min = 0.0625, .max = 6.1875, .step = 0.0625 },
    { .name = "head", .type = PARAMETER_DOUBLE, .min = 0.0625, .max = 6.1875, .step = 0.0625 },
    { .name = "radius", .type = PARAMETER_DOUBLE, .min = 10, .max = 200 },
    { .name = "length", .type = PARAMETER_DOUBLE, .min = 10, .max = 200 },
};

static bool build_vessel(struct problem *problem, size_t d, struct rng *rng)
{
    (void)rng;
    problem->space = (struct space){ sizeof vessel_parameters / sizeof vessel_parameters[0], vessel_parameters };
    problem->best = 6059.714335; /* at 0.8125, 0.4375, 42.098446, 176.636596 */
    return d == 0;
}

static void vessel(const struct problem *problem, const double *v, double *losses, double *violations)
{
    double shell = v[0], head = v[1], radius = v[2], length = v[3];

    (void)problem;
    losses[0] = 0.6224 * shell * radius * length + 1.7781 * head * radius * radius + 3.1661 * shell * shell * length +
                19.84 * shell * shell * radius;
    violations[0] = 0.0193 * radius - shell;
    violations[1] = 0.00954 * radius - head;
    violations[2] = 1 - M_PI * radius * radius * (length + 4.0 / 3 * radius) / 1296000;
}

/* Within 0.2 of either end of the front or of its middle. */
static double islands(const double *f)
{
    double first = (f[0] - 1) * (f[0] - 1) + f[1] * f[1], second = f[0] * f[0] + (f[1] - 1) * (f[1] - 1),
           middle = (f[0] - M_SQRT1_2) * (f[0] - M_SQRT1_2) + (f[1] - M_SQRT1_2) * (f[1] - M_SQRT1_2);

    return fmin(fmin(first, second), middle) - 0.2 * 0.2;
}

static bool build_islands(struct problem *problem, size_t d, struct rng *rng)
{
    double *front = problem_array(problem, 2 * ARC_POINTS);
    size_t n = 0;

    (void)rng;
    if (d < 2 || d > PROBLEM_DIMENSIONS_LIMIT)
        return false;
    problem_box(problem, d, 0, 1);
    for (size_t i = 0; i < ARC_POINTS; i++) {
        double angle = M_PI / 2 * (double)i / (ARC_POINTS - 1);
        front[2 * n] = cos(angle);
        front[2 * n + 1] = sin(angle);
        n += islands(front + 2 * n) <= 0;
    }
    problem->best = problem_area(front, n, problem->kind->reference);
    return true;
}

static void c2dtlz2(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double g = 0;

    for (size_t i = 1; i < problem->space.n; i++)
        g += (x[i] - 0.5) * (x[i] - 0.5);
    losses[0] = (1 + g) * cos(x[0] * M_PI / 2);
    losses[1] = (1 + g) * sin(x[0] * M_PI / 2);
    violations[0] = islands(losses);
}

static void srn(const struct problem *problem, const double *x, double *losses, double *violations)
{
    (void)problem;
    losses[0] = 2 + (x[0] - 2) * (x[0] - 2) + (x[1] - 1) * (x[1] - 1);
    losses[1] = 9 * x[0] - (x[1] - 1) * (x[1] - 1);
    violations[0] = x[0] * x[0] + x[1] * x[1] - 225;
    violations[1] = x[0] - 3 * x[1] + 10;
}

/* The front: x1 = -2.5 from one constraint to the other. */
static bool build_srn(struct problem *problem, size_t d, struct rng *rng)
{
    double *front = problem_array(problem, 2 * ARC_POINTS), violations[2], top = sqrt(225 - 2.5 * 2.5);

    (void)rng;
    problem_box(problem, 2, -20, 20);
    for (size_t i = 0; i < ARC_POINTS; i++) {
        double x[2] = { -2.5, 2.5 + (top - 2.5) * (double)i / (ARC_POINTS - 1) };
        srn(problem, x, front + 2 * i, violations);
    }
    problem->best = problem_area(front, ARC_POINTS, problem->kind->reference);
    return d == 0;
}

const struct problem_kind constrained_problems[] = {
    { "con/hartmann6", 1, 2, { 0 }, build_hartmann, hartmann },
    { "con/vessel", 1, 3, { 0 }, build_vessel, vessel },
    { "con/c2dtlz2", 2, 1, { 1.5, 1.5 }, build_islands, c2dtlz2 },
    { "con/srn", 2, 2, { 230, 10 }, build_srn, srn },
    { 0 },
};
