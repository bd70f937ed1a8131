/*
 * The minimum in a box: known minima, bounds, and functions that end somewhere.
 */
#include "suggest/minimize.h"

#include <math.h>

#include "tests/suggest/spaces.h"

static const struct minimize_options thorough = {
    .memory = 10, .evaluations_limit = 500, .gradient_tolerance = 1e-7, .decrease_tolerance = 0
};

struct counted {
    unsigned n_calls;
    size_t n;
};

/* Rosenbrock's valley. */
static double valley(void *context, const double *x, double *gradient)
{
    struct counted *counted = context;
    double sum = 0;

    counted->n_calls++;
    memset(gradient, 0, counted->n * sizeof *gradient);
    for (size_t i = 0; i + 1 < counted->n; i++) {
        double a = x[i + 1] - x[i] * x[i], b = 1 - x[i];
        sum += 100 * a * a + b * b;
        gradient[i] += -400 * a * x[i] - 2 * b;
        gradient[i + 1] += 200 * a;
    }
    return sum;
}

/* A quadratic with condition 1e6 about (i + 1) / n. */
static double bowl(void *context, const double *x, double *gradient)
{
    struct counted *counted = context;
    double sum = 0;

    counted->n_calls++;
    for (size_t i = 0; i < counted->n; i++) {
        double weight = pow(10, 6 * (double)i / (double)(counted->n - 1)), away = x[i] - (double)(i + 1) / 10;
        sum += 0.5 * weight * away * away;
        gradient[i] = weight * away;
    }
    return sum;
}

/* -log(1 - x) - 2 log x, undefined outside of (0, 1). */
static double barrier(void *context, const double *x, double *gradient)
{
    (void)context;
    *gradient = 1 / (1 - *x) - 2 / *x;
    return -log(1 - *x) - 2 * log(*x);
}

static void fill(double *x, size_t n, double value)
{
    for (size_t i = 0; i < n; i++)
        x[i] = value;
}

static void minimize__curved_valley__finds_the_end(void **state)
{
    double lower[8], upper[8], x[8];

    (void)state;
    for (size_t n = 2; n <= 8; n += 3) {
        struct counted counted = { 0, n };
        fill(lower, n, -5);
        fill(upper, n, 5);
        fill(x, n, -0.5);
        assert_true(minimize(valley, &counted, lower, upper, n, &thorough, x) < 1e-12);
        assert_true(counted.n_calls < 200);
        for (size_t i = 0; i < n; i++)
            assert_close(x[i], 1, 1e-5);
    }
}

static void minimize__minimum_outside_of_the_box__ends_at_the_wall(void **state)
{
    enum { N = 10 };
    struct counted counted = { 0, N };
    double lower[N], upper[N], x[N];

    (void)state;
    fill(lower, N, 0.25);
    fill(upper, N, 0.75);
    fill(x, N, 9); /* projected first */
    minimize(bowl, &counted, lower, upper, N, &thorough, x);
    for (size_t i = 0; i < N; i++)
        assert_close(x[i], fmin(fmax((double)(i + 1) / 10, 0.25), 0.75), 1e-4);
    assert_true(counted.n_calls < 300);
}

/* The valley cut off before its end: the constrained minimum is where no free coordinate slopes. */
static void minimize__valley_cut_by_a_wall__is_stationary_there(void **state)
{
    struct counted counted = { 0, 2 };
    const double lower[] = { -2, -2 }, upper[] = { 0.5, 2 };
    double x[] = { -1.5, 1.5 }, gradient[2];

    (void)state;
    minimize(valley, &counted, lower, upper, 2, &thorough, x);
    valley(&counted, x, gradient);
    assert_true(x[0] == 0.5 && gradient[0] < 0);
    assert_close(x[1], 0.25, 1e-6);
}

static void minimize__undefined_far_away__stays_where_it_is_defined(void **state)
{
    const double lower = -10, upper = 10;
    double x = 0.01, outside = 5;

    (void)state;
    minimize(barrier, NULL, &lower, &upper, 1, &thorough, &x);
    assert_close(x, 2.0 / 3, 1e-6);
    assert_true(isinf(minimize(barrier, NULL, &lower, &upper, 1, &thorough, &outside)) && outside == 5);
}

static void minimize__few_evaluations__is_never_worse_than_the_start(void **state)
{
    enum { N = 5 };
    double lower[N], upper[N], x[N], gradient[N];

    (void)state;
    fill(lower, N, -5);
    fill(upper, N, 5);
    for (unsigned limit = 1; limit < 30; limit++) {
        struct counted counted = { 0, N };
        struct minimize_options options = thorough;
        options.evaluations_limit = limit;
        fill(x, N, 3);
        double start = valley(&counted, x, gradient), end = minimize(valley, &counted, lower, upper, N, &options, x);
        assert_true(end <= start && counted.n_calls <= limit + 1);
        assert_close(end, valley(&counted, x, gradient), 0);
    }
}

static void minimize__box_of_one_point_or_nothing__is_that_point(void **state)
{
    struct counted counted = { 0, 2 };
    const double point[] = { 0.5, 0.5 };
    double x[] = { 0, 0 };

    (void)state;
    assert_true(isfinite(minimize(valley, &counted, point, point, 2, &thorough, x)));
    assert_true(x[0] == 0.5 && x[1] == 0.5 && counted.n_calls == 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minimize__curved_valley__finds_the_end),
        cmocka_unit_test(minimize__minimum_outside_of_the_box__ends_at_the_wall),
        cmocka_unit_test(minimize__valley_cut_by_a_wall__is_stationary_there),
        cmocka_unit_test(minimize__undefined_far_away__stays_where_it_is_defined),
        cmocka_unit_test(minimize__few_evaluations__is_never_worse_than_the_start),
        cmocka_unit_test(minimize__box_of_one_point_or_nothing__is_that_point),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
