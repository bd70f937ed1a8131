/*
 * Problems of several objectives with a known front: ZDT1-4 (Zitzler, Deb, Thiele 2000), DTLZ2 (Deb et al. 2002), WFG4 (Huband et
 * al. 2006, two objectives, the first two parameters for position).
 */
#include <math.h>

#include "tests/bench/search/problems.h"

enum { FRONT_POINTS = 20000, WFG_POSITIONS = 2 };

/* Area above the curve f2 = front(f1), f1 in [0, 1], where it is not dominated by itself. */
static double area_above(double (*front)(double f1), const double *reference)
{
    static const double step = 1.0 / (FRONT_POINTS - 1);
    double lowest = INFINITY, area = 0, last = 0;

    for (size_t i = 0; i < FRONT_POINTS; i++) {
        double f1 = (double)i * step;
        if (isfinite(lowest))
            area += (f1 - last) * (reference[1] - lowest);
        lowest = fmin(lowest, front(f1));
        last = f1;
    }
    return area + (reference[0] - 1) * (reference[1] - lowest);
}

static double convex(double f1)
{
    return 1 - sqrt(f1);
}

static double concave(double f1)
{
    return 1 - f1 * f1;
}

static double waves(double f1)
{
    return 1 - sqrt(f1) - f1 * sin(10 * M_PI * f1);
}

static bool build_zdt(struct problem *problem, size_t d, double (*front)(double f1))
{
    if (d < 2 || d > PROBLEM_DIMENSIONS_LIMIT)
        return false;
    problem_box(problem, d, 0, 1);
    problem->best = area_above(front, problem->kind->reference);
    return true;
}

static bool build_convex(struct problem *problem, size_t d, struct rng *rng)
{
    (void)rng;
    return build_zdt(problem, d, convex);
}

static bool build_concave(struct problem *problem, size_t d, struct rng *rng)
{
    (void)rng;
    return build_zdt(problem, d, concave);
}

static bool build_waves(struct problem *problem, size_t d, struct rng *rng)
{
    (void)rng;
    return build_zdt(problem, d, waves);
}

/* The mean distance parameter of ZDT1-3. */
static double distance(const struct problem *problem, const double *x)
{
    double sum = 0;

    for (size_t i = 1; i < problem->space.n; i++)
        sum += x[i];
    return 1 + 9 * sum / (double)(problem->space.n - 1);
}

static void zdt1(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double g = distance(problem, x);

    (void)violations;
    losses[0] = x[0];
    losses[1] = g * (1 - sqrt(x[0] / g));
}

static void zdt2(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double g = distance(problem, x);

    (void)violations;
    losses[0] = x[0];
    losses[1] = g * (1 - (x[0] / g) * (x[0] / g));
}

static void zdt3(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double g = distance(problem, x);

    (void)violations;
    losses[0] = x[0];
    losses[1] = g * (1 - sqrt(x[0] / g) - x[0] / g * sin(10 * M_PI * x[0]));
}

/* Distance parameters are scaled to [-5, 5]. */
static void zdt4(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double g = 1;

    (void)violations;
    for (size_t i = 1; i < problem->space.n; i++) {
        double z = 10 * x[i] - 5;
        g += 10 + z * z - 10 * cos(4 * M_PI * z);
    }
    losses[0] = x[0];
    losses[1] = g * (1 - sqrt(x[0] / g));
}

/* The front is an octant of the unit sphere. */
static bool build_dtlz2(struct problem *problem, size_t d, struct rng *rng)
{
    const double *reference = problem->kind->reference;

    (void)rng;
    if (d < 3 || d > PROBLEM_DIMENSIONS_LIMIT)
        return false;
    problem_box(problem, d, 0, 1);
    problem->best = reference[0] * reference[1] * reference[2] - M_PI / 6;
    return true;
}

static void dtlz2(const struct problem *problem, const double *x, double *losses, double *violations)
{
    double g = 0, a = x[0] * M_PI / 2, b = x[1] * M_PI / 2;

    (void)violations;
    for (size_t i = 2; i < problem->space.n; i++)
        g += (x[i] - 0.5) * (x[i] - 0.5);
    losses[0] = (1 + g) * cos(a) * cos(b);
    losses[1] = (1 + g) * cos(a) * sin(b);
    losses[2] = (1 + g) * sin(a);
}

/* The front is a quarter of an ellipse with half-axes 2 and 4. */
static bool build_wfg4(struct problem *problem, size_t d, struct rng *rng)
{
    const double *reference = problem->kind->reference;

    (void)rng;
    if (d <= WFG_POSITIONS || d > PROBLEM_DIMENSIONS_LIMIT)
        return false;
    problem_box(problem, d, 0, 1); /* already divided by 2 i */
    problem->best = reference[0] * reference[1] - M_PI / 4 * 2 * 4;
    return true;
}

/* s_multi with A = 30, B = 10, C = 0.35. */
static double many_hills(double y)
{
    double share = fabs(y - 0.35) / (2 * (floor(0.35 - y) + 0.35));

    return (1 + cos((4 * 30 + 2) * M_PI * (0.5 - share)) + 4 * 10 * share * share) / (10 + 2);
}

static void wfg4(const struct problem *problem, const double *x, double *losses, double *violations)
{
    size_t d = problem->space.n;
    double position = 0, far = 0;

    (void)violations;
    for (size_t i = 0; i < d; i++)
        *(i < WFG_POSITIONS ? &position : &far) += many_hills(x[i]);
    position /= WFG_POSITIONS;
    far /= (double)(d - WFG_POSITIONS);
    losses[0] = far + 2 * sin(position * M_PI / 2);
    losses[1] = far + 4 * cos(position * M_PI / 2);
}

const struct problem_kind front_problems[] = {
    { "mo/zdt1", 2, 0, { 1.1, 5 }, build_convex, zdt1 },
    { "mo/zdt2", 2, 0, { 1.1, 5 }, build_concave, zdt2 },
    { "mo/zdt3", 2, 0, { 1.1, 5 }, build_waves, zdt3 },
    { "mo/zdt4", 2, 0, { 1.1, 20 }, build_convex, zdt4 },
    { "mo/dtlz2", 3, 0, { 1.5, 1.5, 1.5 }, build_dtlz2, dtlz2 },
    { "mo/wfg4", 2, 0, { 3, 5 }, build_wfg4, wfg4 },
    { 0 },
};
