/*
 * The strategy itself: published numbers, what must stay true, what it must reach.
 */
#include "suggest/cma.h"
#include "tests/suggest/runs.h"

/* CyberAgentAILab's cmaes 0.13.1. */
static void create__ten_dimensions__published_constants(void **state)
{
    static const double weights[] = { .45627,  .27075,  .16223,  .08523,  .02551,
                                      -.08532, -.23648, -.36741, -.48291, -.58622 };
    const double mean[10] = { 0 };
    struct cma *cma = cma_create(&(struct cma_options){ .d = 10, .lambda = 10 }, mean, 1, NULL);

    (void)state;
    assert_close(cma->mu_eff, 3.16729928, 1e-8);
    assert_close(cma->c_1, .01528382, 1e-6);
    assert_close(cma->c_mu, .02015428, 1e-6);
    assert_close(cma->c_sigma, .28442859, 1e-7);
    assert_close(cma->d_sigma, 1.28442859, 1e-8);
    assert_close(cma->c_c, .29499038, 1e-7);
    assert_close(cma->chi, 3.08472657, 1e-8);
    for (size_t i = 0; i < 10; i++)
        assert_close(cma->weights[i], weights[i], 2e-4);
    cma_destroy(cma);
}

/* The same library, told six points of |x|^2. */
static void update__one_generation__published_state(void **state)
{
    static const double mean[] = { 1, -2 };
    static const double x[][2] = { { 1.2, -1.5 }, { .5, -1.9 },  { 1.4, -1.8 },
                                   { .8, -2.2 },  { 1.1, -2.6 }, { 1.6, -2.4 } };
    static const size_t tie[] = { 0, 1, 2, 3, 4, 5 };
    struct cma *cma = cma_create(&(struct cma_options){ .d = 2, .lambda = 6 }, mean, .5, NULL);

    (void)state;
    cma_update(cma, x[0], tie);
    assert_close(cma->now->mean[0], 1.016478254, 1e-9);
    assert_close(cma->now->mean[1], -1.637344254, 1e-9);
    assert_close(cma->sigma, .453903221, 1e-8);
    assert_close(cma->C[0], .829026295, 1e-8);
    assert_close(cma->C[1], .078874558, 1e-7);
    assert_close(cma->C[2], .078874558, 1e-7);
    assert_close(cma->C[3], .951356313, 1e-8);
    assert_close(cma->p_sigma[0], .039084513, 1e-7);
    assert_close(cma->p_sigma[1], .860177479, 1e-8);
    assert_close(cma->p_c[0], .043505834, 1e-7);
    assert_close(cma->p_c[1], .957482550, 1e-8);
    cma_destroy(cma);
}

/* Negative weights without the length of their step would make C indefinite. */
static void update__fifty_seeds_on_an_ellipsoid__covariance_stays_positive(void **state)
{
    enum { GENERATIONS = 150 };
    const double haste[] = { 1, 2 };

    (void)state;
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct run run = start_run(6, 9, false, haste[seed % 2], seed);
        for (unsigned g = 0; g < GENERATIONS; g++) {
            advance_run(&run, ellipsoid_1e6);
            assert_true(run.cma->D[0] > 0 && isfinite(run.cma->D[5]) && isfinite(run.cma->sigma));
        }
        end_run(&run);
    }
}

static void update__ellipsoid__is_solved(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct run run = start_run(6, 9, false, 1, seed);
        while (run.n_samples < 6000)
            advance_run(&run, ellipsoid_1e6);
        assert_true(run.best < 1e-9);
        end_run(&run);
    }
}

static void update__diagonal_with_many_dimensions__is_solved(void **state)
{
    struct run run = start_run(100, 17, true, 2, 1);

    (void)state;
    advance_run(&run, ellipsoid_1e6);
    double first = run.best;
    while (run.cma->generation < 1000)
        advance_run(&run, ellipsoid_1e6);
    assert_true(run.best < 1e-7 * first);
    end_run(&run);
}

/* Nothing can be learnt from equal losses: the order in which they come must not matter. */
static void update__tied_samples__order_does_not_matter(void **state)
{
    static const double mean[] = { 0, 0 };
    static const double x[][2] = { { 1, 0 }, { 0, 1 }, { -1, 0.5 }, { 0.3, -1 } },
                        swapped[][2] = { { 0, 1 }, { 1, 0 }, { 0.3, -1 }, { -1, 0.5 } };
    static const size_t tie[] = { 0, 0, 2, 2 };
    const struct cma_options options = { .d = 2, .lambda = 4 };
    struct cma *a = cma_create(&options, mean, 1, NULL), *b = cma_create(&options, mean, 1, NULL);
    double weights[4];

    (void)state;
    cma_update(a, x[0], tie);
    cma_update(b, swapped[0], tie);
    for (size_t i = 0; i < 2; i++)
        assert_close(a->now->mean[i], b->now->mean[i], 1e-12);
    for (size_t i = 0; i < 4; i++)
        assert_close(a->C[i], b->C[i], 1e-12);
    cma_parent_weights(a, tie, weights);
    assert_close(weights[0], weights[1], 1e-15);
    assert_close(weights[0] + weights[1] + weights[2] + weights[3], 1, 1e-15);
    cma_destroy(a);
    cma_destroy(b);
}

static void sample__many__have_the_mean_and_covariance_asked_for(void **state)
{
    enum { N = 20000 };
    static const double mean[] = { 3, -1 }, covariance[] = { 2, 0.9, 0.9, 0.5 };
    struct cma *cma = cma_create(&(struct cma_options){ .d = 2, .lambda = 6 }, mean, 0.5, covariance);
    struct rng rng = rng_stream(3, 0, "cma_test");
    double sum[2] = { 0 }, product[2][2] = { { 0 } };

    (void)state;
    for (size_t k = 0; k < N; k++) {
        double z[] = { rng_normal(&rng), rng_normal(&rng) }, x[2];
        cma_distribution_sample(cma->now, z, x);
        for (size_t i = 0; i < 2; i++) {
            sum[i] += x[i] / N;
            for (size_t j = 0; j < 2; j++)
                product[i][j] += (x[i] - mean[i]) * (x[j] - mean[j]) / N;
        }
    }
    for (size_t i = 0; i < 2; i++) {
        assert_true(fabs(sum[i] - mean[i]) < 0.03);
        assert_close(cma_deviation(cma, i), 0.5 * sqrt(covariance[3 * i]), 1e-12);
        for (size_t j = 0; j < 2; j++)
            assert_true(fabs(product[i][j] - 0.25 * covariance[2 * i + j]) < 0.02);
    }
    cma_destroy(cma);
}

static void clip__far_point__comes_to_the_limit_on_the_same_line(void **state)
{
    static const double mean[] = { 1, 1 }, covariance[] = { 4, 0, 0, 1 };
    struct cma *cma = cma_create(&(struct cma_options){ .d = 2, .lambda = 6 }, mean, 0.5, covariance);
    double far[] = { 101, 1 }, near[] = { 1.5, 1.5 };

    (void)state;
    cma_clip(cma, far);
    assert_close(far[0], 1 + 0.5 * 2 * (sqrt(2) + 1), 1e-12);
    assert_close(far[1], 1, 1e-12);
    cma_clip(cma, near);
    assert_true(near[0] == 1.5 && near[1] == 1.5);
    cma_destroy(cma);
    cma_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(create__ten_dimensions__published_constants),
        cmocka_unit_test(update__one_generation__published_state),
        cmocka_unit_test(update__fifty_seeds_on_an_ellipsoid__covariance_stays_positive),
        cmocka_unit_test(update__ellipsoid__is_solved),
        cmocka_unit_test(update__diagonal_with_many_dimensions__is_solved),
        cmocka_unit_test(update__tied_samples__order_does_not_matter),
        cmocka_unit_test(sample__many__have_the_mean_and_covariance_asked_for),
        cmocka_unit_test(clip__far_point__comes_to_the_limit_on_the_same_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
