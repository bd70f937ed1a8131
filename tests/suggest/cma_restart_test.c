/*
 * Stopping rules and restart schedules, beside those of pycma 4.5.0 on the same functions.
 */
#include "suggest/cma_restart.h"
#include "tests/suggest/runs.h"

/* What pycma 4.5.0 needs and reaches in 5 dimensions from a uniform start in [-4, 4]^5 with sigma 2: median samples until it
   stops, seeds 1 to 15; share of seeds 1 to 40 for which fmin2 with bipop finds 1e-8 within 20,000 samples. */
static const double PYCMA_ELLIPSOID_SAMPLES = 3288, PYCMA_RASTRIGIN_SOLVED = 18.0 / 40;
enum { D = 5, LAMBDA = 8, BUDGET = 20000 };

static bool is_flat(const struct run *run)
{
    return run->losses[0] == run->losses[3 * run->cma->lambda / 4];
}

/* Until a rule says stop or the budget is spent; why it stopped. */
static const char *run_to_the_end(struct run *run, function *f, double max_generations, double goal)
{
    struct cma_watch watch = { 0 };
    const char *verdict = NULL;

    cma_watch_init(&watch, run->cma, max_generations);
    while (verdict == NULL && run->n_samples < BUDGET && run->best > goal) {
        advance_run(run, f);
        cma_watch_add(&watch, run->cma, run->losses, is_flat(run));
        verdict = cma_watch_verdict(&watch, run->cma);
    }
    cma_watch_release(&watch);
    return verdict;
}

/* The condition of C is one of D squared. */
static void verdict__ellipsoid_of_condition_1e14__comes_as_soon_as_pycmas(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 15; seed++) {
        struct run run = start_run(D, LAMBDA, false, 1, seed);
        assert_non_null(run_to_the_end(&run, ellipsoid_1e14, INFINITY, -INFINITY));
        assert_true(run.n_samples > PYCMA_ELLIPSOID_SAMPLES / 2 && run.n_samples < 2 * PYCMA_ELLIPSOID_SAMPLES);
        assert_true(run.cma->D[D - 1] > 1e7 * run.cma->D[0]);
        end_run(&run);
    }
}

static void bipop__rastrigin__is_solved_as_often_as_by_pycma(void **state)
{
    enum { SEEDS = 40 };
    double n_solved = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct cma_schedule schedule = { .strategy = CMA_RESTART_BIPOP, .lambda_0 = LAMBDA };
        struct run run = start_run(D, LAMBDA, false, 1, seed);
        size_t before = 0;
        double max_generations = INFINITY;
        while (run.best > 1e-8 && run.n_samples < BUDGET) {
            run_to_the_end(&run, rastrigin, max_generations, 1e-8);
            struct cma_run next = cma_schedule_next(&schedule, (double)(run.n_samples - before), &run.rng);
            before = run.n_samples;
            max_generations = next.max_generations;
            restart_run(&run, &(struct cma_options){ .d = D, .lambda = next.lambda }, 2 * next.sigma_factor);
        }
        n_solved += run.best <= 1e-8;
        end_run(&run);
    }
    assert_true(n_solved / SEEDS >= PYCMA_RASTRIGIN_SOLVED - 0.1);
}

static void verdict__equal_losses__stops_after_two_generations(void **state)
{
    static const double flat[LAMBDA] = { 1, 1, 1, 1, 1, 1, 1, 2 };
    struct run run = start_run(D, LAMBDA, false, 1, 1);
    struct cma_watch watch = { 0 };

    (void)state;
    cma_watch_init(&watch, run.cma, INFINITY);
    cma_watch_add(&watch, run.cma, flat, true);
    assert_null(cma_watch_verdict(&watch, run.cma));
    cma_watch_add(&watch, run.cma, flat, true);
    assert_string_equal(cma_watch_verdict(&watch, run.cma), "the losses are equal");
    cma_watch_release(&watch);
    end_run(&run);
}

static double squared(const double *x, size_t d)
{
    return 5 + ellipsoid(x, d, 0);
}

static void verdict__unit_of_the_loss__does_not_matter(void **state)
{
    size_t n[2] = { 0 };

    (void)state;
    for (size_t k = 0; k < 2; k++) {
        struct run run = start_run(D, LAMBDA, false, 1, 3);
        struct cma_watch watch = { 0 };
        double losses[LAMBDA];
        cma_watch_init(&watch, run.cma, INFINITY);
        do {
            advance_run(&run, squared);
            for (size_t i = 0; i < LAMBDA; i++)
                losses[i] = run.losses[i] * (k == 0 ? 1 : 0x1p-900);
            cma_watch_add(&watch, run.cma, losses, is_flat(&run));
        } while (cma_watch_verdict(&watch, run.cma) == NULL);
        n[k] = run.n_samples;
        cma_watch_release(&watch);
        end_run(&run);
    }
    assert_int_equal(n[0], n[1]);
    assert_true(n[0] < 3000);
}

static void verdict__nothing_but_failures__goes_on(void **state)
{
    double losses[LAMBDA];
    struct run run = start_run(D, LAMBDA, false, 1, 1);
    struct cma_watch watch = { 0 };

    (void)state;
    for (size_t i = 0; i < LAMBDA; i++)
        losses[i] = INFINITY;
    cma_watch_init(&watch, run.cma, INFINITY);
    for (unsigned g = 0; g < 50; g++) {
        cma_watch_add(&watch, run.cma, losses, false);
        assert_null(cma_watch_verdict(&watch, run.cma));
    }
    cma_watch_release(&watch);
    end_run(&run);
}

static void schedule__ipop__doubles_every_time(void **state)
{
    struct cma_schedule schedule = { .strategy = CMA_RESTART_IPOP, .lambda_0 = 7 };
    struct rng rng = rng_stream(1, 0, "schedule");

    (void)state;
    for (size_t lambda = 14; lambda <= 448; lambda *= 2) {
        struct cma_run run = cma_schedule_next(&schedule, 100, &rng);
        assert_int_equal(run.lambda, lambda);
        assert_true(run.sigma_factor == 1 && isinf(run.max_generations));
    }
}

/* Small runs until they have cost as much as the large ones; the first run counts as small. */
static void schedule__bipop__balances_small_and_large(void **state)
{
    struct cma_schedule schedule = { .strategy = CMA_RESTART_BIPOP, .lambda_0 = 8 };
    struct rng rng = rng_stream(1, 0, "schedule");
    struct cma_run run = cma_schedule_next(&schedule, 1000, &rng);

    (void)state;
    assert_int_equal(run.lambda, 16);
    run = cma_schedule_next(&schedule, 600, &rng); /* 1000 small, 600 large */
    assert_int_equal(run.lambda, 32);
    run = cma_schedule_next(&schedule, 2400, &rng); /* 1000 small, 3000 large */
    assert_true(run.lambda >= 8 && run.lambda <= 32);
    assert_true(run.sigma_factor > 0.01 && run.sigma_factor <= 1);
    assert_close(run.max_generations, 1500 / (double)run.lambda, 1e-12);
    run = cma_schedule_next(&schedule, 1500, &rng); /* 2500 small, 3000 large */
    assert_true(run.lambda <= 32 && isfinite(run.max_generations));
    run = cma_schedule_next(&schedule, 700, &rng); /* 3200 small, 3000 large */
    assert_int_equal(run.lambda, 64);
    assert_true(run.sigma_factor == 1 && isinf(run.max_generations));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(verdict__ellipsoid_of_condition_1e14__comes_as_soon_as_pycmas),
        cmocka_unit_test(bipop__rastrigin__is_solved_as_often_as_by_pycma),
        cmocka_unit_test(verdict__equal_losses__stops_after_two_generations),
        cmocka_unit_test(verdict__unit_of_the_loss__does_not_matter),
        cmocka_unit_test(verdict__nothing_but_failures__goes_on),
        cmocka_unit_test(schedule__ipop__doubles_every_time),
        cmocka_unit_test(schedule__bipop__balances_small_and_large),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
