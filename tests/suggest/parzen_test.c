/*
 * The estimator against Optuna 5 (prior weight 1, magic clip), and the sums it must keep.
 */
#include "suggest/parzen.h"

#include <math.h>

#include "suggest/lanes.h"
#include "tests/suggest/spaces.h"

static const struct parzen_options as_optuna = { .prior_weight = 1, .own_share = 0 };

/* n points of one coordinate. */
static struct parzen *fit_column(const struct parzen_axis *axis, const double *x, const double *weights, size_t n)
{
    struct parzen *parzen = parzen_create(axis, 1);
    const double *points[16];

    for (size_t j = 0; j < n; j++)
        points[j] = &x[j];
    parzen_fit(parzen, points, weights, n, &as_optuna);
    return parzen;
}

static void assert_column(struct parzen *parzen, const double *bandwidths, double scale, const double (*golden)[2],
                          size_t n_golden, const double *shift)
{
    for (size_t j = 0; j < parzen_size(parzen); j++)
        assert_close(parzen_bandwidth(parzen, j, 0) * scale, bandwidths[j], 1e-5);
    for (size_t k = 0; k < n_golden; k++) {
        float got;
        parzen_log_density(parzen, &golden[k][0], 1, 1, &got);
        assert_close((double)got + shift[k], golden[k][1], 3e-6);
    }
    parzen_destroy(parzen);
}

static void log_density__floats__is_optunas(void **state)
{
    static const double x[] = { 0.1, 0.2, 0.25, 0.7, 0.9 }, bandwidths[] = { 0.142857, 0.142857, 0.45, 0.45, 0.2, 1 };
    static const double golden[][2] = { { 0.05, 0.265342 }, { 0.5, -0.367600 }, { 0.95, -0.135189 } };
    static const double shift[3] = { 0 };
    const struct parzen_axis axis = { 0 };

    (void)state;
    assert_column(fit_column(&axis, x, NULL, 5), bandwidths, 1, golden, 3, shift);
}

static void log_density__log_floats__is_optunas(void **state)
{
    const double low = log(1e-5), range = -low;
    const double x[] = { (log(1e-4) - low) / range, (log(1e-3) - low) / range, (log(2e-3) - low) / range };
    const double bandwidths[] = { 2.302585, 2.302585, 2.302585, 11.512925 };
    const double golden[][2] = { { 0, -2.808243 }, { (log(1e-2) - low) / range, -2.398953 }, { 1, -3.833859 } };
    const double shift[] = { -log(range), -log(range), -log(range) };
    const struct parzen_axis axis = { 0 };

    (void)state;
    assert_column(fit_column(&axis, x, NULL, 3), bandwidths, range, golden, 3, shift);
}

/* Log mass of integers and steps: density relative to the uniform, plus the log share of the cell. */
static void log_density__ints_and_steps__is_optunas_mass(void **state)
{
    static const struct parameter parameters[] = {
        { .name = "int", .type = PARAMETER_INT, .min = 1, .max = 10, .step = 1 },
        { .name = "stepped", .type = PARAMETER_DOUBLE, .min = 0, .max = 1, .step = 0.25 },
    };
    static const double ints[] = { 0.15, 0.15, 0.25, 0.85 }, int_bandwidths[] = { 1.666667, 1.666667, 6, 6, 10 };
    static const double int_golden[][2] = { { 0.05, -1.903645 }, { 0.45, -2.432133 }, { 0.95, -2.880349 } };
    static const double steps[] = { 0.1, 0.3, 0.9 }, step_bandwidths[] = { 0.25, 0.75, 0.75, 1.25 };
    static const double step_golden[][2] = { { 0.1, -1.313411 }, { 0.5, -1.703463 }, { 0.9, -1.898741 } };
    const double tenth[] = { log(0.1), log(0.1), log(0.1) }, fifth[] = { log(0.2), log(0.2), log(0.2) };
    const struct space space = SPACE(parameters);
    struct parzen_axis axis = { 0 };

    (void)state;
    cells_init(&axis.cells, &space, 0);
    assert_column(fit_column(&axis, ints, NULL, 4), int_bandwidths, 10, int_golden, 3, tenth);
    cells_release(&axis.cells);
    cells_init(&axis.cells, &space, 1);
    assert_column(fit_column(&axis, steps, NULL, 3), step_bandwidths, 1.25, step_golden, 3, fifth);
    cells_release(&axis.cells);
}

/* The kernels sit at log v here, not in the middle of the cell. */
static void log_density__log_ints__is_optunas_mass(void **state)
{
    static const struct parameter parameter = {
        .name = "n", .type = PARAMETER_INT, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1, .max = 100, .step = 1
    };
    static const double values[] = { 1, 10, 100 }, bandwidths[] = { 1.386294, 2.525729, 2.525729, 5.303305 };
    const struct space space = { 1, &parameter };
    const double low = log(0.5), range = log(100.5) - low;
    const double x[] = { -low / range, (log(4) - low) / range, (log(50) - low) / range };
    struct parzen_axis axis = { 0 };
    double golden[3][2] = { { 0, -1.454510 }, { 0, -3.991238 }, { 0, -6.606113 } }, shift[3];

    (void)state;
    cells_init(&axis.cells, &space, 0);
    for (size_t k = 0; k < 3; k++) {
        golden[k][0] = (log(values[k]) - low) / range;
        shift[k] = log((log(values[k] + 0.5) - log(values[k] - 0.5)) / range);
    }
    assert_column(fit_column(&axis, x, NULL, 3), bandwidths, range, golden, 3, shift);
    cells_release(&axis.cells);
}

static void log_density__categorical__is_optunas(void **state)
{
    static const double x[] = { 0, 0, 2 }, at[] = { 0, 1, 2 }, want[] = { -0.741937, -1.658228, -1.098612 };
    const struct parzen_axis axis = { .n_choices = 3 };
    struct parzen *parzen = fit_column(&axis, x, NULL, 3);
    float got[3];

    (void)state;
    parzen_log_density(parzen, at, 3, 1, got);
    for (size_t k = 0; k < 3; k++)
        assert_close((double)got[k] - log(3), want[k], 3e-6);
    parzen_destroy(parzen);
}

static void log_density__joint__is_optunas(void **state)
{
    static const double rows[2][2] = { { 0.1, 0.2 }, { 0.8, 0.9 } };
    static const double at[3][2] = { { 0.1, 0.2 }, { 0.1, 0.9 }, { 0.8, 0.9 } };
    static const double want[] = { -0.014648, -0.106384, -0.014648 };
    static const struct parzen_axis axes[] = { { .parameter = 0 }, { .parameter = 1 } };
    const double *points[] = { rows[0], rows[1] };
    struct parzen *parzen = parzen_create(axes, 2);
    float got[3];

    (void)state;
    parzen_fit(parzen, points, NULL, 2, &as_optuna);
    parzen_log_density(parzen, &at[0][0], 3, 2, got);
    for (size_t k = 0; k < 3; k++)
        assert_close((double)got[k], want[k], 1e-4);
    parzen_destroy(parzen);
}

/* Optuna's weights by age, as weights: they must act as copies of a point would. */
static void fit__a_weight_of_two__is_a_share_of_two(void **state)
{
    static const double x[] = { 0, 0, 2 }, once[] = { 0, 2 }, weights[] = { 2, 1 }, at[] = { 0, 1, 2 };
    const struct parzen_axis axis = { .n_choices = 3 };
    const struct parzen_options options = { .prior_weight = 1, .own_share = 0.4 };
    const double *three[] = { x, x + 1, x + 2 }, *two[] = { once, once + 1 };
    struct parzen *a = parzen_create(&axis, 1), *b = parzen_create(&axis, 1);
    float of_a[3], of_b[3];

    (void)state;
    parzen_fit(a, three, NULL, 3, &options);
    parzen_fit(b, two, weights, 2, &options);
    parzen_log_density(a, at, 3, 1, of_a);
    parzen_log_density(b, at, 3, 1, of_b);
    for (size_t k = 0; k < 3; k++)
        assert_close(exp((double)of_a[k]), exp((double)of_b[k]), 1e-6);
    parzen_destroy(a);
    parzen_destroy(b);
}

/* Of every kind of axis, also where kernels and points lack it: the mean over uniform points is 1. */
static void log_density__mixed_axes__integrates_to_one(void **state)
{
    enum { POINTS = 200000, KERNELS = 100 };
    static const struct space mixed = SPACE(mixed_parameters);
    static double rows[KERNELS][COUNT(mixed_parameters)], values[COUNT(mixed_parameters)];
    static double x[64][COUNT(mixed_parameters)];
    struct parzen_axis axes[COUNT(mixed_parameters)];
    const double *points[KERNELS];
    size_t n = 4; /* the first parameters, conditions among them */
    double sum = 0;

    (void)state;
    struct rng rng = rng_stream(1, 2, "test");
    for (size_t i = 0; i < n; i++) {
        const struct parameter *p = &mixed.parameters[i];
        axes[i] = (struct parzen_axis){ .parameter = i, .is_conditional = p->activation != NULL };
        axes[i].n_choices = p->type == PARAMETER_CATEGORICAL ? p->n_choices : 0;
        cells_init(&axes[i].cells, &mixed, i);
    }
    for (size_t j = 0; j < KERNELS; j++) {
        space_draw(&mixed, &rng, rows[j]);
        space_decode(&mixed, rows[j], values);
        space_encode(&mixed, values, rows[j]);
        points[j] = rows[j];
    }
    struct parzen *parzen = parzen_create(axes, n);
    parzen_fit(parzen, points, NULL, KERNELS, &(struct parzen_options){ .prior_weight = 1, .own_share = 0.25 });
    for (size_t k = 0; k < POINTS; k += 64) {
        float log_density[64];
        for (size_t c = 0; c < 64; c++) {
            space_draw(&mixed, &rng, x[c]);
            space_decode(&mixed, x[c], values);
            space_encode(&mixed, values, x[c]);
        }
        parzen_log_density(parzen, &x[0][0], 64, mixed.n, log_density);
        for (size_t c = 0; c < 64; c++)
            sum += exp((double)log_density[c]) / POINTS;
    }
    assert_close(sum, 1, 0.02);
    parzen_destroy(parzen);
    for (size_t i = 0; i < n; i++)
        cells_release(&axes[i].cells);
}

/* All values of a step alike: 1e5 draws from a uniform history fall on the cells alike, the ends among them. */
static void draw__uniform_history_of_a_step__passes_a_chi_square_test(void **state)
{
    enum { VALUES = 8, DRAWS = 100000 };
    static const struct parameter parameter = {
        .name = "n", .type = PARAMETER_INT, .min = 1, .max = VALUES, .step = 1
    };
    const struct space space = { 1, &parameter };
    struct parzen_axis axis = { 0 };
    double x[VALUES], counts[VALUES] = { 0 }, expected[VALUES], chi_square = 0;
    struct rng rng = rng_stream(3, 4, "test");

    (void)state;
    for (size_t k = 0; k < VALUES; k++)
        x[k] = ((double)k + 0.5) / VALUES;
    cells_init(&axis.cells, &space, 0);
    struct parzen *parzen = fit_column(&axis, x, NULL, VALUES);
    for (size_t draw = 0; draw < DRAWS; draw++)
        counts[cells_find(&axis.cells, parzen_draw(parzen, parzen_pick(parzen, SIZE_MAX, &rng), 0, &rng))]++;
    for (size_t k = 0; k < VALUES; k++) {
        float log_density;
        parzen_log_density(parzen, &x[k], 1, 1, &log_density);
        expected[k] = exp((double)log_density) * DRAWS / VALUES;
        chi_square += pow(counts[k] - expected[k], 2) / expected[k];
    }
    assert_true(chi_square < chi_square_limit(VALUES - 1));
    assert_true(expected[0] > 0.8 * expected[VALUES / 2] && expected[VALUES - 1] > 0.8 * expected[VALUES / 2]);
    parzen_destroy(parzen);
    cells_release(&axis.cells);
}

static void lanes_exp__down_to_its_end__is_exp(void **state)
{
    float x[LANES], got[LANES];

    (void)state;
    for (int i = 0; i < 236; i++) {
        const double start = -0.37 * i;

        for (int c = 0; c < LANES; c++)
            x[c] = (float)fmax(start - 0.023 * c, -87);
        lanes_exp(x, got);
        for (int c = 0; c < LANES; c++)
            assert_close((double)got[c], exp((double)x[c]), 3e-7);
    }
    for (int c = 0; c < LANES; c++)
        x[c] = -1e30f;
    lanes_exp(x, got);
    assert_close((double)got[0], exp(-87), 3e-7);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_density__floats__is_optunas),
        cmocka_unit_test(log_density__log_floats__is_optunas),
        cmocka_unit_test(log_density__ints_and_steps__is_optunas_mass),
        cmocka_unit_test(log_density__log_ints__is_optunas_mass),
        cmocka_unit_test(log_density__categorical__is_optunas),
        cmocka_unit_test(log_density__joint__is_optunas),
        cmocka_unit_test(fit__a_weight_of_two__is_a_share_of_two),
        cmocka_unit_test(log_density__mixed_axes__integrates_to_one),
        cmocka_unit_test(draw__uniform_history_of_a_step__passes_a_chi_square_test),
        cmocka_unit_test(lanes_exp__down_to_its_end__is_exp),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
