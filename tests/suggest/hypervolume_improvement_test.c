/*
 * Expected hypervolume improvement: the boxes against plain counting, the value against sampling, slopes against differences.
 */
#include "suggest/hypervolume_improvement.h"

#include <math.h>

#include "suggest/chebyshev.h"
#include "tests/suggest/spaces.h"

enum { ROWS = 12, GRID = 24, SAMPLES = 200000 };

static bool is_dominated(const double *losses, size_t n, size_t m, const double *point)
{
    for (size_t i = 0; i < n; i++) {
        bool is_below = true;
        for (size_t k = 0; k < m; k++)
            is_below = is_below && losses[i * m + k] <= point[k];
        if (is_below)
            return true;
    }
    return false;
}

/* Losses in [0, 1] on a coarse lattice, so that ties, duplicates and dominated rows are among them. */
static void draw_losses(struct rng *rng, size_t n, double *losses)
{
    for (size_t i = 0; i < n; i++)
        losses[i] = (double)rng_below(rng, 9) / 8;
}

static size_t boxes_around(const struct improvement *improvement, size_t m, const double *point)
{
    const double *low, *high;
    size_t n = improvement_boxes(improvement, &low, &high), n_around = 0;

    for (size_t b = 0; b < n; b++) {
        bool is_inside = true;
        for (size_t k = 0; k < m; k++)
            is_inside = is_inside && low[b * m + k] < point[k] && point[k] < high[b * m + k];
        n_around += is_inside;
    }
    return n_around;
}

static void boxes__any_front__cover_what_is_not_dominated_once(void **state)
{
    const double reference[] = { 0.95, 1.05, 0.9 };
    double losses[3 * ROWS], point[3];

    (void)state;
    for (uint64_t seed = 0; seed < 60; seed++) {
        struct rng rng = rng_stream(seed, 0, "boxes");
        size_t m = 2 + seed % 2, n = seed % ROWS;
        const double *low, *high;
        draw_losses(&rng, n * m, losses);
        struct improvement *improvement = improvement_create(losses, n, m, reference);
        assert_true(improvement_boxes(improvement, &low, &high) <= (m == 3 ? 2 * n + 1 : n + 1));
        for (int draw = 0; draw < 400; draw++) {
            bool is_below = true;
            for (size_t k = 0; k < m; k++) {
                point[k] = 1.4 * rng_uniform(&rng) - 0.2;
                is_below = is_below && point[k] < reference[k];
            }
            assert_int_equal(boxes_around(improvement, m, point), is_below && !is_dominated(losses, n, m, point));
        }
        improvement_destroy(improvement);
    }
}

/* The volume that a point adds, by the boxes. */
static double gain(const struct improvement *improvement, size_t m, const double *point)
{
    const double *low, *high;
    size_t n = improvement_boxes(improvement, &low, &high);
    double sum = 0;

    for (size_t b = 0; b < n; b++) {
        double volume = 1;
        for (size_t k = 0; k < m; k++)
            volume *= fmax(high[b * m + k] - fmax(low[b * m + k], point[k]), 0);
        sum += volume;
    }
    return sum;
}

static void expected__two_and_three_losses__is_the_mean_of_sampled_gains(void **state)
{
    const double reference[] = { 1.1, 1.1, 1.1 }, mean[] = { 0.3, 0.5, 0.4 }, variance[] = { 0.04, 0.09, 0.01 };
    const double losses[] = { 0.2, 0.9, 0.5, 0.6, 0.3, 0.6, 0.9, 0.1, 0.2 };
    double point[3];

    (void)state;
    for (size_t m = 2; m <= 3; m++) {
        struct improvement *improvement = improvement_create(losses, 9 / m, m, reference);
        struct rng rng = rng_stream(3, m, "gain");
        double sum = 0;
        for (int s = 0; s < SAMPLES; s++) {
            for (size_t k = 0; k < m; k++)
                point[k] = mean[k] + sqrt(variance[k]) * rng_normal(&rng);
            sum += gain(improvement, m, point);
        }
        assert_close(exp(improvement_log_expected(improvement, mean, variance, NULL)), sum / SAMPLES, 0.02);
        improvement_destroy(improvement);
    }
}

/* Slopes of a promise of several losses against finite differences of itself. */
typedef double promise(const void *context, const double *mean, const double *variance, struct slopes *slopes);

static void assert_slopes(promise *value, const void *context, size_t m, const double *mean, const double *variance)
{
    struct slopes slopes[5];
    double moved[5], at = value(context, mean, variance, slopes);

    assert_true(isfinite(at));
    assert_close(value(context, mean, variance, NULL), at, 1e-14);
    for (size_t k = 0; k < m; k++) {
        double h = 1e-6 * sqrt(variance[k]), g = 1e-6 * variance[k], up, down;
        memcpy(moved, mean, m * sizeof *mean);
        moved[k] = mean[k] + h;
        up = value(context, moved, variance, NULL);
        moved[k] = mean[k] - h;
        down = value(context, moved, variance, NULL);
        assert_true(fabs(slopes[k].by_mean - (up - down) / (2 * h)) < 1e-4 * (1 + fabs(slopes[k].by_mean)));
        memcpy(moved, variance, m * sizeof *variance);
        moved[k] = variance[k] + g;
        up = value(context, mean, moved, NULL);
        moved[k] = variance[k] - g;
        down = value(context, mean, moved, NULL);
        assert_true(fabs(slopes[k].by_variance - (up - down) / (2 * g)) < 1e-4 * (1 + fabs(slopes[k].by_variance)));
    }
}

static double volume(const void *context, const double *mean, const double *variance, struct slopes *slopes)
{
    return improvement_log_expected(context, mean, variance, slopes);
}

static double scalarised(const void *context, const double *mean, const double *variance, struct slopes *slopes)
{
    return chebyshev_log_expected(context, mean, variance, slopes);
}

static void expected__near_and_hopelessly_far__has_its_slopes(void **state)
{
    const double reference[] = { 1.1, 1.1, 1.1 }, variance[] = { 0.04, 0.09, 0.01 };
    const double losses[] = { 0.2, 0.9, 0.5, 0.6, 0.3, 0.6, 0.9, 0.1, 0.2 };

    (void)state;
    for (size_t m = 2; m <= 3; m++) {
        struct improvement *improvement = improvement_create(losses, 9 / m, m, reference);
        for (int k = 0; k < 8; k++) {
            const double shift = -0.5 + 0.75 * k;
            const double mean[] = { 0.3 + shift, 0.5 + shift, 0.4 + shift };
            assert_slopes(volume, improvement, m, mean, variance);
        }
        improvement_destroy(improvement);
    }
}

static void expected__no_front__is_the_volume_below_the_reference(void **state)
{
    const double reference[] = { 1, 2 }, mean[] = { 0, 0 }, variance[] = { 1e-8, 1e-8 };
    struct improvement *improvement = improvement_create(NULL, 0, 2, reference);

    (void)state;
    assert_close(improvement_log_expected(improvement, mean, variance, NULL), log(2), 1e-6);
    improvement_destroy(improvement);
}

static void chebyshev__five_losses__has_its_slopes_and_prefers_better_points(void **state)
{
    double losses[5 * 6];
    const double variance[] = { 0.04, 0.09, 0.01, 0.2, 0.04 }, good[] = { 0, 0, 0, 0, 0 }, poor[] = { 1, 1, 1, 1, 1 };
    struct rng rng = rng_stream(8, 0, "losses");

    (void)state;
    for (size_t i = 0; i < COUNT(losses); i++)
        losses[i] = rng_uniform(&rng);
    struct chebyshev *chebyshev = chebyshev_create(losses, 6, 5, &rng);
    assert_slopes(scalarised, chebyshev, 5, poor, variance);
    assert_slopes(scalarised, chebyshev, 5, good, variance);
    assert_true(chebyshev_log_expected(chebyshev, good, variance, NULL) >
                chebyshev_log_expected(chebyshev, poor, variance, NULL) + 1);
    chebyshev_destroy(chebyshev);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(boxes__any_front__cover_what_is_not_dominated_once),
        cmocka_unit_test(expected__two_and_three_losses__is_the_mean_of_sampled_gains),
        cmocka_unit_test(expected__near_and_hopelessly_far__has_its_slopes),
        cmocka_unit_test(expected__no_front__is_the_volume_below_the_reference),
        cmocka_unit_test(chebyshev__five_losses__has_its_slopes_and_prefers_better_points),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
