/*
 * The Gaussian process: published values, gradients against differences, and what must not upset it.
 */
#include "suggest/gp.h"

#include <math.h>

#include "suggest/gp_parts.h"
#include "suggest/warp.h"
#include "tests/suggest/spaces.h"

static const struct parameter two_numbers[] = {
    { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "y", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
};
static const struct parameter number_and_choice[] = {
    { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
};

/* Values of Optuna 5's kernel, prior and posterior. */
static const double published_x[] = { .1, .2, .4, .9, .8, .3, .6, .6, .95, .05 };
static const double published_y[] = { .5, -1.2, .3, -.1, .5 };

static struct gp *create_with(const struct space *space, double w0, double w1, double scale, double noise)
{
    struct gp *gp = gp_create(space, SIZE_MAX, false);
    const double theta[] = { log(w0), log(w1), log(scale), log(noise) };

    gp_set(gp, theta);
    return gp;
}

/* Random points of the space, as it would encode them. */
static void draw_points(const struct space *space, uint64_t seed, size_t n, double *x)
{
    struct rng rng = rng_stream(seed, 0, "points");
    double values[256];

    for (size_t i = 0; i < n; i++) {
        space_draw(space, &rng, x + i * space->n);
        space_decode(space, x + i * space->n, values);
        space_encode(space, values, x + i * space->n);
    }
}

/* A smooth function of whatever is active. */
static double landscape(const double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += isnan(x[i]) ? 0.3 : sin(3 * x[i] + (double)i);
    return sum;
}

static void landscape_at(const struct space *space, const double *x, size_t n, double *y)
{
    for (size_t i = 0; i < n; i++)
        y[i] = landscape(x + i * space->n, space->n);
}

static void fit__published_rows__has_the_published_likelihood_prior_and_posterior(void **state)
{
    const struct space space = SPACE(two_numbers);
    struct gp *gp = create_with(&space, 2, 0.5, 1.3, 0.01);
    const double x[] = { 0.5, 0.5 };
    double mean, variance, gradient[4] = { 0 };

    (void)state;
    assert_int_equal(gp_fit(gp, published_x, published_y, 5, 0), 0);
    assert_close(gp_log_likelihood(gp) + 2.5 * log(2 * M_PI), -1.449680125, 1e-8);
    assert_close(gp_log_prior(gp, gp->theta, gradient), -2.298152754, 1e-9);
    gp_predict(gp, x, 1, &mean, &variance);
    assert_close(mean, -0.098292418, 1e-8);
    assert_close(variance, 0.028630269, 1e-7);
    gp_destroy(gp);
}

static void fit__published_numbers_and_choices__has_the_published_posterior(void **state)
{
    const struct space space = SPACE(number_and_choice);
    struct gp *gp = create_with(&space, 2, 0.5, 1, 0.01);
    const double x[] = { .1, 0, .4, 1, .8, 2 }, y[] = { 1, 0, -1 }, at[] = { .4, 2 };
    double mean, variance;

    (void)state;
    assert_int_equal(gp_fit(gp, x, y, 3, 0), 0);
    gp_predict(gp, at, 1, &mean, &variance);
    assert_close(mean, -0.283943301, 1e-8);
    assert_close(variance, 0.246328152, 1e-8);
    gp_destroy(gp);
}

static void fit__doubt__is_noise_of_that_row(void **state)
{
    static const struct parameter line[] = { { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 } };
    const struct space space = SPACE(line);
    const double x = 0.5, y = 1, doubt = 0.7;
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    double mean, variance, sum;

    (void)state;
    assert_int_equal(gp_fit_doubtful(gp, &x, &y, &doubt, 1, 0), 0);
    sum = gp->scale + gp->noise + doubt;
    gp_predict(gp, &x, 1, &mean, &variance);
    assert_close(mean, gp->scale / sum, 1e-12);
    assert_close(variance, gp->scale - gp->scale * gp->scale / sum, 1e-12);
    gp_destroy(gp);
}

static double objective_at(struct gp_objective *objective, const double *theta)
{
    double gradient[64];

    return gp_objective(objective, theta, gradient);
}

/* On a space of every kind of parameter, few (13) and many. */
static void assert_objective_gradient(const struct space *space, uint64_t seed)
{
    enum { N = 30 };
    struct gp *gp = gp_create(space, SIZE_MAX, false);
    size_t m = gp->d + 2;
    double x[N * 16], y[N], doubt[N], theta[64], gradient[64];
    struct rng rng = rng_stream(seed, 0, "theta");

    assert_true(space->n <= 16);
    draw_points(space, seed, N, x);
    landscape_at(space, x, N, y);
    for (size_t i = 0; i < N; i++)
        doubt[i] = i % 3 == 0 ? rng_uniform(&rng) : 0;
    assert_int_equal(gp_fit_doubtful(gp, x, y, doubt, N, 0), 0);
    struct gp_objective objective = { gp, xcalloc(gp->stride * gp->stride + gp->d, sizeof(double)) };
    for (size_t i = 0; i < m; i++)
        theta[i] = rng_normal(&rng);
    theta[m - 1] = -3;
    assert_true(isfinite(gp_objective(&objective, theta, gradient)));
    for (size_t i = 0; i < m; i++) {
        double middle = theta[i], h = 1e-5;
        theta[i] = middle + h;
        double above = objective_at(&objective, theta);
        theta[i] = middle - h;
        double below = objective_at(&objective, theta), slope = (above - below) / (2 * h);
        theta[i] = middle;
        assert_true(fabs(slope - gradient[i]) <= 1e-6 * (1 + fabs(slope)));
    }
    free(objective.slopes);
    gp_destroy(gp);
}

static void objective__any_space__has_the_gradient_of_its_differences(void **state)
{
    const struct space mixed = SPACE(mixed_parameters), finite = SPACE(finite_parameters), two = SPACE(two_numbers);

    (void)state;
    assert_true(mixed.n > 10 && finite.n <= 10); /* both priors */
    for (uint64_t seed = 1; seed <= 3; seed++) {
        assert_objective_gradient(&mixed, seed);
        assert_objective_gradient(&finite, seed);
        assert_objective_gradient(&two, seed);
    }
}

static void gradient__continuous_coordinates__is_that_of_the_differences(void **state)
{
    enum { N = 40 };
    const struct space space = SPACE(mixed_parameters);
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    double x[(N + 10) * COUNT(mixed_parameters)], y[N];
    size_t n_checked = 0;

    (void)state;
    draw_points(&space, 7, N + 10, x);
    landscape_at(&space, x, N, y);
    assert_int_equal(gp_fit(gp, x, y, N, 2), 0);
    for (size_t k = N; k < N + 10; k++) {
        double *at = x + k * space.n, mean, variance, d_mean[32], d_variance[32];
        gp_gradient(gp, at, &mean, &variance, d_mean, d_variance);
        for (size_t i = 0; i < space.n; i++) {
            const struct parameter *p = &space.parameters[i];
            if (p->type == PARAMETER_CATEGORICAL || isnan(at[i])) {
                assert_true(d_mean[i] == 0 && d_variance[i] == 0);
                continue;
            }
            double h = 1e-5, middle = at[i], means[2], variances[2], unused[2][32];
            at[i] = middle + h;
            gp_gradient(gp, at, &means[0], &variances[0], unused[0], unused[1]);
            at[i] = middle - h;
            gp_gradient(gp, at, &means[1], &variances[1], unused[0], unused[1]);
            at[i] = middle;
            assert_true(fabs((means[0] - means[1]) / (2 * h) - d_mean[i]) < 1e-6 * (1 + fabs(d_mean[i])));
            assert_true(fabs((variances[0] - variances[1]) / (2 * h) - d_variance[i]) <
                        1e-6 * (1 + fabs(d_variance[i])));
            n_checked++;
        }
    }
    assert_true(n_checked > 80);
    gp_destroy(gp);
}

static void predict__a_point_of_the_space__is_what_gradient_and_covariance_say(void **state)
{
    enum { N = 25, M = 300 };
    const struct space space = SPACE(mixed_parameters);
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    static double x[(N + M) * COUNT(mixed_parameters)], y[N], means[M], variances[M], joint_means[M], joint[M * M];

    (void)state;
    draw_points(&space, 8, N + M, x);
    landscape_at(&space, x, N, y);
    assert_int_equal(gp_fit(gp, x, y, N, 1), 0);
    const double *at = x + N * space.n;
    gp_predict(gp, at, M, means, variances);
    gp_covariance(gp, at, M, joint_means, joint);
    for (size_t i = 0; i < M; i++) {
        double mean, variance, d_mean[32], d_variance[32];
        gp_gradient(gp, at + i * space.n, &mean, &variance, d_mean, d_variance);
        assert_close(means[i], mean, 1e-9);
        assert_close(variances[i], variance, 1e-9);
        assert_close(joint_means[i], mean, 1e-9);
        assert_close(joint[i * M + i], variance, 1e-9);
        for (size_t j = 0; j < i; j++) {
            assert_true(fabs(joint[i * M + j] - joint[j * M + i]) < 1e-12);
            assert_true(fabs(joint[i * M + j]) <= 1.000001 * sqrt(variances[i] * variances[j]));
        }
    }
    gp_destroy(gp);
}

static void predict__inside_a_cell__is_that_of_its_middle(void **state)
{
    enum { N = 20 };
    const struct space space = SPACE(mixed_parameters);
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    double x[N * COUNT(mixed_parameters)], y[N], drawn[32], values[32], encoded[32], one, other;
    struct rng rng = rng_stream(3, 0, "cells");

    (void)state;
    draw_points(&space, 9, N, x);
    landscape_at(&space, x, N, y);
    assert_int_equal(gp_fit(gp, x, y, N, 1), 0);
    for (int k = 0; k < 50; k++) {
        space_draw(&space, &rng, drawn);
        space_decode(&space, drawn, values);
        space_encode(&space, values, encoded);
        for (size_t i = 0; i < space.n; i++) /* inactive ones are the caller's to say */
            drawn[i] = isnan(values[i]) ? NAN : drawn[i];
        gp_predict(gp, drawn, 1, &one, NULL);
        gp_predict(gp, encoded, 1, &other, NULL);
        assert_true(fabs(one - other) < 1e-6);
    }
    gp_destroy(gp);
}

static void append__rows_one_by_one__is_the_fit_of_all_of_them(void **state)
{
    enum { N = 150, M = 20 };
    const struct space space = SPACE(mixed_parameters);
    struct gp *appended = gp_create(&space, SIZE_MAX, false), *fitted = gp_create(&space, SIZE_MAX, false);
    static double x[(N + M) * COUNT(mixed_parameters)], y[N], means[2][M], variances[2][M];

    (void)state;
    draw_points(&space, 10, N + M, x);
    landscape_at(&space, x, N, y);
    assert_int_equal(gp_fit(appended, x, y, 0, 1), 0);
    for (size_t i = 0; i < N; i++)
        assert_int_equal(gp_append(appended, x + i * space.n, y[i]), 0);
    assert_int_equal(gp_fit(fitted, x, y, N, 0), 0);
    assert_int_equal(gp_rows(appended), N);
    assert_close(gp_log_likelihood(appended), gp_log_likelihood(fitted), 1e-9);
    gp_predict(appended, x + N * space.n, M, means[0], variances[0]);
    gp_predict(fitted, x + N * space.n, M, means[1], variances[1]);
    for (size_t i = 0; i < M; i++) {
        assert_close(means[0][i], means[1][i], 1e-8);
        assert_close(variances[0][i], variances[1][i], 1e-8);
    }
    gp_destroy(appended);
    gp_destroy(fitted);
}

static void truncate__after_fantasies__is_as_if_they_had_never_been(void **state)
{
    enum { N = 30 };
    const struct space space = SPACE(two_numbers);
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    double x[(N + 5) * 2], y[N + 5], before[2], after[2];
    const double at[] = { 0.3, 0.6 };

    (void)state;
    draw_points(&space, 11, N + 5, x);
    landscape_at(&space, x, N + 5, y);
    assert_int_equal(gp_fit(gp, x, y, N, 2), 0);
    gp_predict(gp, at, 1, &before[0], &before[1]);
    for (size_t i = N; i < N + 5; i++)
        assert_int_equal(gp_append(gp, x + i * 2, 10 + y[i]), 0);
    gp_predict(gp, at, 1, &after[0], &after[1]);
    assert_true(after[0] != before[0] && after[1] < before[1]);
    gp_truncate(gp, N);
    assert_int_equal(gp_rows(gp), N);
    gp_predict(gp, at, 1, &after[0], &after[1]);
    assert_true(after[0] == before[0] && after[1] == before[1]);
    gp_destroy(gp);
}

static void fit__the_same_rows_twice_from_new__is_the_same_to_the_bit(void **state)
{
    enum { N = 40 };
    const struct space space = SPACE(mixed_parameters);
    double x[N * COUNT(mixed_parameters)], y[N], means[2];

    (void)state;
    draw_points(&space, 12, N, x);
    landscape_at(&space, x, N, y);
    for (int k = 0; k < 2; k++) {
        struct gp *gp = gp_create(&space, SIZE_MAX, false);
        assert_int_equal(gp_fit(gp, x, y, N / 2, 3), 0);
        assert_int_equal(gp_fit(gp, x, y, N, 1), 0);
        gp_predict(gp, x, 1, &means[k], NULL);
        gp_destroy(gp);
    }
    assert_true(means[0] == means[1]);
}

/* Few rows and much noise: told of it, the process takes less of it for the function. */
static void fit__declared_noisy__finds_the_noise_sooner(void **state)
{
    enum { N = 25, SEEDS = 20 };
    const struct space space = SPACE(two_numbers);
    double x[N * 2], y[N], noise[2] = { 0 };

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct rng rng = rng_stream(seed, 0, "noise");
        draw_points(&space, seed, N, x);
        for (size_t i = 0; i < N; i++)
            y[i] = rng_normal(&rng);
        for (size_t is_noisy = 0; is_noisy < 2; is_noisy++) {
            struct gp *gp = gp_create(&space, SIZE_MAX, is_noisy);
            assert_int_equal(gp_fit(gp, x, y, N, 3), 0);
            noise[is_noisy] += gp_noise(gp) / SEEDS;
            gp_destroy(gp);
        }
    }
    assert_true(noise[1] > 2 * noise[0]);
}

/* One of ten parameters matters. */
static void fit__one_relevant_parameter__has_the_shortest_lengthscale_there(void **state)
{
    enum { N = 30, D = 10, SEEDS = 30 };
    struct parameter parameters[D];
    int n_right = 0;

    (void)state;
    for (size_t i = 0; i < D; i++)
        parameters[i] = (struct parameter){ .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 };
    const struct space space = SPACE(parameters);
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct gp *gp = gp_create(&space, SIZE_MAX, false);
        double x[N * D], y[N];
        size_t relevant = seed % D, shortest = 0;
        draw_points(&space, seed, N, x);
        for (size_t i = 0; i < N; i++)
            y[i] = 1.4 * sin(6 * x[i * D + relevant]);
        assert_int_equal(gp_fit(gp, x, y, N, 3), 0);
        for (size_t i = 1; i < D; i++)
            if (gp_lengthscale(gp, i) < gp_lengthscale(gp, shortest))
                shortest = i;
        n_right += shortest == relevant;
        gp_destroy(gp);
    }
    assert_true(n_right >= SEEDS * 9 / 10);
}

static void assert_sane(const struct gp *gp, const double *at)
{
    double mean, variance, d_mean[256], d_variance[256], covariance;

    gp_predict(gp, at, 1, &mean, &variance);
    assert_true(isfinite(mean) && variance > 0 && isfinite(variance));
    gp_gradient(gp, at, &mean, &variance, d_mean, d_variance);
    for (size_t i = 0; i < gp->space->n; i++)
        assert_true(isfinite(d_mean[i]) && isfinite(d_variance[i]));
    gp_covariance(gp, at, 1, &mean, &covariance);
    assert_true(isfinite(covariance));
}

static void fit__few_equal_constant_or_extreme_rows__stays_finite(void **state)
{
    enum { N = 20 };
    const struct space space = SPACE(two_numbers);
    double x[N * 2], same[N * 2], zeros[N] = { 0 }, huge[N] = { 0 }, steps[N];
    const double at[] = { 0.25, 0.75 };

    (void)state;
    draw_points(&space, 13, N, x);
    for (size_t i = 0; i < N; i++) {
        memcpy(same + 2 * i, at, sizeof at);
        steps[i] = i % 2 ? 1 : -1;
    }
    huge[3] = 1e12;
    const struct {
        const double *x, *y;
        size_t n;
    } rows[] = { { x, zeros, 0 }, { x, steps, 1 },    { x, steps, 2 },   { x, zeros, N },
                 { x, huge, N },  { same, zeros, N }, { same, steps, N } };
    for (size_t k = 0; k < COUNT(rows); k++) {
        struct gp *gp = gp_create(&space, SIZE_MAX, k % 2);
        assert_int_equal(gp_fit(gp, rows[k].x, rows[k].y, rows[k].n, 4), 0);
        assert_sane(gp, at);
        for (int twice = 0; twice < 2; twice++) {
            assert_int_equal(gp_append(gp, at, 0.5), 0);
            assert_sane(gp, at);
        }
        gp_destroy(gp);
    }
}

/* Share of the pairs that two predictions put in the same order. */
static double concordance(const double *a, const double *b, size_t n)
{
    size_t n_same = 0;

    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < i; j++)
            n_same += (a[i] < a[j]) == (b[i] < b[j]);
    return 2 * (double)n_same / (double)(n * (n - 1));
}

static void fit__one_loss_of_1e12_warped__ranks_points_as_before(void **state)
{
    enum { N = 41, M = 200 };
    static const enum warp_kind kinds[] = { WARP_PLAIN, WARP_YEO_JOHNSON, WARP_HALF_RANK };
    const struct space space = SPACE(two_numbers);
    double x[(N + M) * 2], losses[N], y[N], means[2][M];

    (void)state;
    draw_points(&space, 15, N + M, x);
    landscape_at(&space, x, N, losses);
    for (size_t k = 0; k < COUNT(kinds); k++) {
        struct warp *warp = warp_create();
        losses[N - 1] = 1e12;
        for (size_t with = 0; with < 2; with++) {
            struct gp *gp = gp_create(&space, SIZE_MAX, false);
            warp_fit(warp, kinds[k], losses, N - 1 + with, y);
            assert_int_equal(gp_fit(gp, x, y, N - 1 + with, 3), 0);
            gp_predict(gp, x + N * 2, M, means[with], NULL);
            gp_destroy(gp);
        }
        assert_true(concordance(means[0], means[1], M) > 0.9);
        warp_destroy(warp);
    }
}

static void fit__a_loss_that_is_not_finite__is_refused(void **state)
{
    const struct space space = SPACE(two_numbers);
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    const double bad[] = { NAN, INFINITY, -INFINITY };

    (void)state;
    for (size_t k = 0; k < COUNT(bad); k++) {
        assert_int_equal(gp_fit(gp, published_x, &bad[k], 1, 1), ERR_NUMERIC);
        assert_int_equal(gp_append(gp, published_x, bad[k]), ERR_NUMERIC);
        assert_sane(gp, published_x);
    }
    gp_destroy(gp);
}

static void fit__two_hundred_parameters_or_none__stays_finite(void **state)
{
    enum { N = 12, D = 200 };
    static struct parameter parameters[D];
    static double x[N * D], y[N];

    (void)state;
    for (size_t i = 0; i < D; i++)
        parameters[i] = (struct parameter){ .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 };
    const struct space space = SPACE(parameters), one = { 1, parameters };
    draw_points(&space, 14, N, x);
    landscape_at(&space, x, N, y);
    struct gp *gp = gp_create(&space, SIZE_MAX, false);
    assert_int_equal(gp_fit(gp, x, y, N, 2), 0);
    assert_sane(gp, x);
    gp_destroy(gp);
    gp = gp_create(&one, 0, false);
    assert_int_equal(gp_fit(gp, x, y, N, 2), 0);
    assert_true(isinf(gp_lengthscale(gp, 0)));
    assert_sane(gp, x);
    gp_destroy(gp);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fit__doubt__is_noise_of_that_row),
        cmocka_unit_test(fit__published_rows__has_the_published_likelihood_prior_and_posterior),
        cmocka_unit_test(fit__published_numbers_and_choices__has_the_published_posterior),
        cmocka_unit_test(objective__any_space__has_the_gradient_of_its_differences),
        cmocka_unit_test(gradient__continuous_coordinates__is_that_of_the_differences),
        cmocka_unit_test(predict__a_point_of_the_space__is_what_gradient_and_covariance_say),
        cmocka_unit_test(predict__inside_a_cell__is_that_of_its_middle),
        cmocka_unit_test(append__rows_one_by_one__is_the_fit_of_all_of_them),
        cmocka_unit_test(truncate__after_fantasies__is_as_if_they_had_never_been),
        cmocka_unit_test(fit__the_same_rows_twice_from_new__is_the_same_to_the_bit),
        cmocka_unit_test(fit__declared_noisy__finds_the_noise_sooner),
        cmocka_unit_test(fit__one_relevant_parameter__has_the_shortest_lengthscale_there),
        cmocka_unit_test(fit__few_equal_constant_or_extreme_rows__stays_finite),
        cmocka_unit_test(fit__one_loss_of_1e12_warped__ranks_points_as_before),
        cmocka_unit_test(fit__a_loss_that_is_not_finite__is_refused),
        cmocka_unit_test(fit__two_hundred_parameters_or_none__stays_finite),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
