/*
 * Search spaces as the evolution strategy sees them.
 */
#include "suggest/cma_space.h"

#include <gsl/gsl_cdf.h>

#include "tests/suggest/spaces.h"

static const struct space mixed = SPACE(mixed_parameters);

static void fold__any_number__lands_in_the_unit_interval_without_a_jump(void **state)
{
    static const struct parameter one[] = { { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 } };
    const struct space space = SPACE(one);
    struct cma_space *cs = cma_space_create(&space);
    double before = 0, x;

    (void)state;
    for (int i = 0; i < 7000; i++) {
        double u = -3 + 1e-3 * i;
        cma_space_point(cs, &u, NULL, &x);
        assert_true(x >= 0 && x <= 1);
        if (i > 0)
            assert_true(fabs(x - before) < 1.01e-3);
        if (u > 0.05 && u < 0.95)
            assert_close(x, u, 1e-9);
        before = x;
    }
    free(cs);
}

/* To real coordinates and back is the same point, whatever the types. */
static void real__random_points__come_back(void **state)
{
    struct cma_space *cs = cma_space_create(&mixed);
    struct rng rng = rng_stream(5, 0, "cma_space_test");
    double x[COUNT(mixed_parameters)], back[COUNT(mixed_parameters)];
    double values[COUNT(mixed_parameters)], again[COUNT(mixed_parameters)];
    double mean[COUNT(mixed_parameters)] = { 0 }, real[COUNT(mixed_parameters)];
    size_t picked[COUNT(mixed_parameters)];

    (void)state;
    for (unsigned k = 0; k < 500; k++) {
        space_draw(&mixed, &rng, x);
        space_decode(&mixed, x, values);
        space_encode(&mixed, values, x);
        cma_space_real(cs, x, mean, real, picked);
        for (size_t i = 0; i < mixed.n; i++)
            if (isnan(x[i]) && cs->axes[i].type == CMA_AXIS_CHOICE)
                picked[cs->axes[i].index] = 0;
        cma_space_point(cs, real, picked, back);
        space_decode(&mixed, back, again);
        for (size_t i = 0; i < mixed.n; i++)
            assert_true(is_same_value(values[i], again[i]) ||
                        (space_parameter_size(&mixed, i) == INFINITY && fabs(back[i] - x[i]) < 1e-9));
    }
    free(cs);
}

static void create__parameters_of_one_and_two_values__are_fixed_and_choices(void **state)
{
    static const struct parameter parameters[] = {
        { .name = "one", .type = PARAMETER_INT, .min = 4, .max = 4, .step = 1 },
        { .name = "two",
          .type = PARAMETER_INT,
          .min = 4,
          .max = 5,
          .step = 1,
          .distribution = DISTRIBUTION_LOG_UNIFORM },
        { .name = "three", .type = PARAMETER_INT, .min = 4, .max = 6, .step = 1 },
    };
    const struct space space = SPACE(parameters);
    struct cma_space *cs = cma_space_create(&space);
    double x[3], values[3], real = 0.5;

    (void)state;
    assert_int_equal(cs->n_reals, 1);
    assert_int_equal(cs->n_choices, 1);
    assert_int_equal(cs->n_stepped, 1);
    for (size_t k = 0; k < 2; k++) {
        size_t picked = SIZE_MAX;
        cma_space_point(cs, &real, &k, x);
        space_decode(&space, x, values);
        assert_true(values[0] == 4 && values[1] == 4 + (double)k && values[2] == 5);
        space_encode(&space, values, x);
        cma_space_real(cs, x, &real, &real, &picked);
        assert_int_equal(picked, k);
    }
    free(cs);
}

/* Share of the samples of coordinate i that decode to another value than the mean. */
static double share_outside(const struct space *space, const struct cma *cma)
{
    double low = 0, high = 0, x, at, value, deviation = cma_deviation(cma, 0), mean = cma->now->mean[0];
    enum { STEPS = 20000 };

    x = fmin(fmax(mean, 0), 1);
    space_decode(space, &x, &value);
    low = -INFINITY;
    high = INFINITY;
    for (int k = 0; k <= STEPS; k++) {
        x = (double)k / STEPS;
        space_decode(space, &x, &at);
        if (at < value)
            low = x;
        if (at > value && isinf(high))
            high = x;
    }
    return gsl_cdf_ugaussian_P((low - mean) / deviation) + gsl_cdf_ugaussian_Q((high - mean) / deviation);
}

static void settle__tiny_step__still_leaves_the_cell(void **state)
{
    static const struct parameter parameters[] = {
        { .name = "linear", .type = PARAMETER_INT, .min = -10, .max = 10, .step = 1 },
        { .name = "log",
          .type = PARAMETER_INT,
          .min = 1,
          .max = 64,
          .step = 1,
          .distribution = DISTRIBUTION_LOG_UNIFORM },
        { .name = "normal",
          .type = PARAMETER_INT,
          .min = 10,
          .max = 100,
          .step = 10,
          .distribution = DISTRIBUTION_NORMAL },
        { .name = "list",
          .type = PARAMETER_DISCRETE,
          .n_choices = 4,
          .choices = discrete_texts,
          .numbers = discrete_numbers },
    };
    const double margin = 0.1;

    (void)state;
    for (size_t i = 0; i < COUNT(parameters); i++)
        for (int k = 0; k < 22; k++) {
            double mean = -0.2 + 0.07 * k;
            const struct space space = { 1, &parameters[i] };
            struct cma_space *cs = cma_space_create(&space);
            struct cma *cma = cma_create(&(struct cma_options){ .d = 1, .lambda = 4 }, &mean, 2e-3, NULL);
            double x = fmin(fmax(mean, 0), 1), value, settled;
            space_decode(&space, &x, &value);
            cma_space_settle(cs, cma, margin);
            x = fmin(fmax(cma->now->mean[0], 0), 1);
            space_decode(&space, &x, &settled);
            assert_true(value == settled);
            assert_true(share_outside(&space, cma) > 0.95 * margin);
            assert_true(cma_deviation(cma, 0) < 1 && isfinite(cma->now->mean[0]));
            cma_destroy(cma);
            free(cs);
        }
}

static void settle__wide_step__is_left_alone(void **state)
{
    static const struct parameter parameter = { .name = "n", .type = PARAMETER_INT, .min = 0, .max = 10, .step = 1 };
    const struct space space = { 1, &parameter };
    struct cma_space *cs = cma_space_create(&space);
    const double mean = 0.43;
    struct cma *cma = cma_create(&(struct cma_options){ .d = 1, .lambda = 4 }, &mean, 0.2, NULL);

    (void)state;
    cma_space_settle(cs, cma, 0.1);
    assert_true(cma->now->mean[0] == mean && cma->widen[0] == 1);
    cma_destroy(cma);
    free(cs);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fold__any_number__lands_in_the_unit_interval_without_a_jump),
        cmocka_unit_test(real__random_points__come_back),
        cmocka_unit_test(create__parameters_of_one_and_two_values__are_fixed_and_choices),
        cmocka_unit_test(settle__tiny_step__still_leaves_the_cell),
        cmocka_unit_test(settle__wide_step__is_left_alone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
