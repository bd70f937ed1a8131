/*
 * Losses made normal: order, size and outliers.
 */
#include "suggest/warp.h"

#include <math.h>

#include "tests/suggest/spaces.h"

static const enum warp_kind kinds[] = { WARP_PLAIN, WARP_YEO_JOHNSON, WARP_HALF_RANK };

/* Heavy to the right, as losses are. */
static void draw_losses(uint64_t seed, size_t n, double *losses)
{
    struct rng rng = rng_stream(seed, 0, "losses");

    for (size_t i = 0; i < n; i++)
        losses[i] = exp(2 * rng_normal(&rng));
}

static void assert_standard(const double *y, size_t n)
{
    double sum = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        sum += y[i];
        squares += y[i] * y[i];
    }
    assert_true(fabs(sum) < 1e-9 * (double)n);
    assert_close(squares / (double)n, 1, 1e-9);
}

static double skewness(const double *y, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += y[i] * y[i] * y[i];
    return sum / (double)n;
}

static void fit__any_kind__keeps_the_order_with_mean_0_and_variance_1(void **state)
{
    enum { N = 101 };
    double losses[N], y[N];

    (void)state;
    draw_losses(1, N, losses);
    losses[7] = losses[8];
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct warp *warp = warp_create();
        warp_fit(warp, kinds[k], losses, N, y);
        assert_standard(y, N);
        for (size_t i = 0; i < N; i++)
            for (size_t j = 0; j < N; j++) {
                assert_true(losses[i] >= losses[j] || y[i] <= y[j]);
                if (losses[i] < losses[j] && kinds[k] != WARP_PLAIN && losses[i] < 5)
                    assert_true(y[i] < y[j]);
            }
        warp_destroy(warp);
    }
}

static void fit__log_normal_losses__takes_the_skew_away(void **state)
{
    enum { N = 400 };
    double losses[N], y[N], skews[COUNT(kinds)] = { 0 };

    (void)state;
    draw_losses(2, N, losses);
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct warp *warp = warp_create();
        warp_fit(warp, kinds[k], losses, N, y);
        skews[k] = fabs(skewness(y, N));
        warp_destroy(warp);
    }
    assert_true(skews[WARP_PLAIN] > 1);
    assert_true(skews[WARP_YEO_JOHNSON] < 0.5);
    assert_true(skews[WARP_HALF_RANK] < 0.5);
}

/* Is the power the likeliest one? Of x already normal it is 1, and the losses come back as they were. */
static void fit__normal_losses__leaves_them_nearly_as_they_are(void **state)
{
    enum { N = 2000 };
    static double losses[N], y[N];
    struct rng rng = rng_stream(3, 0, "normal");
    struct warp *warp = warp_create();

    (void)state;
    for (size_t i = 0; i < N; i++)
        losses[i] = 1e6 + 30 * rng_normal(&rng);
    warp_fit(warp, WARP_YEO_JOHNSON, losses, N, y);
    for (size_t i = 0; i < N; i++)
        if (fabs(losses[i] - 1e6) < 60)
            assert_true(fabs(y[i] - (losses[i] - 1e6) / 30) < 0.15);
    warp_destroy(warp);
}

static void fit__one_huge_loss__hardly_moves_the_others(void **state)
{
    enum { N = 40 };
    double losses[N], y[2][N];

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct warp *warp = warp_create();
        draw_losses(4, N, losses);
        warp_fit(warp, kinds[k], losses, N, y[0]);
        losses[0] = 1e12;
        warp_fit(warp, kinds[k], losses, N, y[1]);
        double widest = 0;
        for (size_t i = 1; i < N; i++) {
            assert_true(fabs(y[1][i] - y[0][i]) < 0.4);
            widest = fmax(widest, fabs(y[1][i]));
        }
        assert_true(widest > 0.8 && y[1][0] < 4);
        warp_destroy(warp);
    }
}

static void is_outlier__beyond_the_fence__and_nothing_else(void **state)
{
    double losses[] = { 1, 2, 3, 4, 5, 1e12, INFINITY, NAN }, y[COUNT(losses)];
    struct warp *warp = warp_create();

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        warp_fit(warp, kinds[k], losses, COUNT(losses), y);
        assert_false(warp_is_outlier(warp, 5));
        assert_false(warp_is_outlier(warp, -INFINITY));
        warp_fit(warp, kinds[k], losses, 6, y);
        assert_true(warp_is_outlier(warp, 1e12) && warp_is_outlier(warp, INFINITY) && warp_is_outlier(warp, NAN));
        assert_false(warp_is_outlier(warp, 5));
        warp_fit(warp, kinds[k], losses, 1, y); /* nothing to measure by */
        assert_false(warp_is_outlier(warp, 1e12));
    }
    warp_destroy(warp);
}

static void fit__losses_that_are_not_finite__count_as_worst_and_best(void **state)
{
    const double losses[] = { 3, NAN, 1, INFINITY, 2, -INFINITY, 7 };
    double y[COUNT(losses)];

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct warp *warp = warp_create();
        warp_fit(warp, kinds[k], losses, COUNT(losses), y);
        assert_standard(y, COUNT(losses));
        assert_true(y[1] == y[6] && y[3] == y[6] && y[5] == y[2]);
        warp_destroy(warp);
    }
}

static void fit__nothing_to_tell_apart_or_extreme__is_finite(void **state)
{
    const double constant[] = { 5, 5, 5, 5 }, none[] = { NAN, INFINITY, -INFINITY, NAN }, one[] = { 2, NAN, NAN, NAN };
    const double wide[] = { -1.7e308, 1.7e308, 0, 1 }, narrow[] = { 1e-310, 2e-310, 0, 5e-324 };
    const double mixed[] = { 5e-324, 0, 1e-323, -1e308 }, twins[] = { 1, 1, 1, 2 };
    const double *rows[] = { constant, none, one, wide, narrow, mixed, twins };
    double y[4];

    (void)state;
    for (size_t k = 0; k < COUNT(kinds); k++)
        for (size_t r = 0; r < COUNT(rows); r++)
            for (size_t n = 0; n <= 4; n++) {
                struct warp *warp = warp_create();
                warp_fit(warp, kinds[k], rows[r], n, y);
                for (size_t i = 0; i < n; i++)
                    assert_true(isfinite(y[i]) && (r > 2 || y[i] == 0));
                assert_true(isfinite(warp_value(warp, -1e300)) && isfinite(warp_value(warp, NAN)));
                assert_true(!isnan(warp_loss(warp, -2)) || n == 0 || r == 1);
                warp_destroy(warp);
            }
}

static void loss__of_the_value_of_a_loss__is_that_loss(void **state)
{
    enum { N = 50 };
    double losses[N], y[N];

    (void)state;
    draw_losses(5, N, losses);
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct warp *warp = warp_create();
        warp_fit(warp, kinds[k], losses, N, y);
        for (int step = -80; step < 80; step++) {
            double loss = 0.037 * step, at = warp_value(warp, loss), slope = warp_loss_slope(warp, at);
            assert_true(fabs(warp_loss(warp, at) - loss) < 1e-9);
            assert_true(slope > 0 && isfinite(slope));
        }
        /* no kink at the best: below it the curve goes on as steeply */
        double best = INFINITY;
        for (size_t i = 0; i < N; i++)
            best = fmin(best, losses[i]);
        double h = 1e-9, below = (warp_value(warp, best) - warp_value(warp, best - h)) / h;
        assert_close(below, 1 / warp_loss_slope(warp, warp_value(warp, best) - h), 1e-5);
        warp_destroy(warp);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_outlier__beyond_the_fence__and_nothing_else),
        cmocka_unit_test(fit__any_kind__keeps_the_order_with_mean_0_and_variance_1),
        cmocka_unit_test(fit__log_normal_losses__takes_the_skew_away),
        cmocka_unit_test(fit__normal_losses__leaves_them_nearly_as_they_are),
        cmocka_unit_test(fit__one_huge_loss__hardly_moves_the_others),
        cmocka_unit_test(fit__losses_that_are_not_finite__count_as_worst_and_best),
        cmocka_unit_test(fit__nothing_to_tell_apart_or_extreme__is_finite),
        cmocka_unit_test(loss__of_the_value_of_a_loss__is_that_loss),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
