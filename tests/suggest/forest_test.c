/*
 * The forest: what it predicts, and the variance it divides, against functions whose parts are known.
 */
#include "suggest/forest.h"

#include "tests/suggest/spaces.h"

enum { ROWS = 600 };

static const struct parameter cube[] = {
    { .name = "a", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "b", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
};
static const struct space space = SPACE(cube);

static struct forest *fit(double (*f)(const double *x), double *x, double *y)
{
    struct rng rng = rng_stream(11, 1, "test");

    for (size_t k = 0; k < ROWS; k++) {
        space_draw(&space, &rng, x + k * space.n);
        y[k] = f(x + k * space.n);
    }
    return forest_create(&space, x, y, ROWS, 5);
}

/* Variances 1/12, 4/12 and 2/9: shares 0.130, 0.522, 0.348. */
static double sum_of_parts(const double *x)
{
    return x[0] + 2 * x[1] + (x[2] == 1);
}

/* Nothing by itself, everything together. */
static double product(const double *x)
{
    return (x[0] < 0.5 ? -1 : 1) * (x[1] < 0.5 ? -1 : 1);
}

static void main_effects__a_sum__are_the_shares_of_its_parts(void **state)
{
    static double x[ROWS * 3], y[ROWS];
    struct forest *forest = fit(sum_of_parts, x, y);
    double share[3];

    (void)state;
    forest_main_effects(forest, share);
    assert_true(fabs(share[0] - 0.130) < 0.03);
    assert_true(fabs(share[1] - 0.522) < 0.04);
    assert_true(fabs(share[2] - 0.348) < 0.04);
    forest_destroy(forest);
}

static void main_effects__pure_interaction__are_small(void **state)
{
    static double x[ROWS * 3], y[ROWS];
    struct forest *forest = fit(product, x, y);
    double share[3];

    (void)state;
    forest_main_effects(forest, share);
    assert_true(share[0] < 0.05 && share[1] < 0.05 && share[2] < 0.01);
    forest_destroy(forest);
}

static double five(const double *x)
{
    (void)x;
    return 5;
}

static void main_effects__constant_and_one_row__are_zero(void **state)
{
    static double x[ROWS * 3], y[ROWS];
    double share[3] = { 1, 1, 1 }, mean, variance;

    (void)state;
    struct forest *forest = fit(five, x, y);
    forest_main_effects(forest, share);
    for (size_t i = 0; i < 3; i++)
        assert_close(share[i], 0, 0);
    forest_destroy(forest);
    forest = forest_create(&space, x, y, 1, 5);
    forest_predict(forest, x, 1, &mean, &variance);
    assert_close(mean, 5, 1e-15);
    assert_close(variance, 0, 0);
    forest_destroy(forest);
    forest_destroy(NULL);
}

static void predict__a_sum__is_near_and_surer_inside(void **state)
{
    static const double point[] = { 0.5, 0.5, 1, 0.5, 0.5, 0 };
    static double x[ROWS * 3], y[ROWS];
    struct forest *forest = fit(sum_of_parts, x, y);
    double mean[2], variance[2];

    (void)state;
    forest_predict(forest, point, 2, mean, variance);
    assert_true(fabs(mean[0] - 2.5) < 0.1 && fabs(mean[1] - 1.5) < 0.1);
    assert_true(variance[0] >= 0 && variance[0] < 0.05);
    forest_destroy(forest);
}

/* b does not matter when it is inactive; then its mean counts. */
static void predict__inactive_parameter__weighs_both_sides(void **state)
{
    static double x[ROWS * 3], y[ROWS];
    struct forest *forest = fit(sum_of_parts, x, y);
    double mean;

    (void)state;
    forest_predict(forest, (double[]){ 0.5, NAN, 0 }, 1, &mean, NULL);
    assert_true(fabs(mean - 1.5) < 0.15);
    forest_destroy(forest);
}

static void create__same_seed__same_forest(void **state)
{
    static double x[ROWS * 3], y[ROWS];
    struct forest *a = fit(sum_of_parts, x, y), *b = forest_create(&space, x, y, ROWS, 5),
                  *c = forest_create(&space, x, y, ROWS, 6);
    double means[3];

    (void)state;
    forest_predict(a, (double[]){ 0.3, 0.2, 2 }, 1, &means[0], NULL);
    forest_predict(b, (double[]){ 0.3, 0.2, 2 }, 1, &means[1], NULL);
    forest_predict(c, (double[]){ 0.3, 0.2, 2 }, 1, &means[2], NULL);
    assert_true(means[0] == means[1] && means[0] != means[2]);
    forest_destroy(a);
    forest_destroy(b);
    forest_destroy(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(main_effects__a_sum__are_the_shares_of_its_parts),
        cmocka_unit_test(main_effects__pure_interaction__are_small),
        cmocka_unit_test(main_effects__constant_and_one_row__are_zero),
        cmocka_unit_test(predict__a_sum__is_near_and_surer_inside),
        cmocka_unit_test(predict__inactive_parameter__weighs_both_sides),
        cmocka_unit_test(create__same_seed__same_forest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
