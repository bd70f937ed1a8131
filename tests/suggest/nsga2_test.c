/*
 * NSGA-II: spread, duplicates, constraints, scales.
 */
#include "suggest/pareto.h"
#include "tests/suggest/studies.h"

enum { D = 10, TRIALS = 300, MANY_TRIALS = 3000 };

static struct parameter axes[D];

static struct space unit_cube(void)
{
    for (size_t i = 0; i < D; i++)
        axes[i] = (struct parameter){ .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 };
    return (struct space){ D, axes };
}

static const struct suggest_method *nsga2(void)
{
    return suggest_method_find("nsga2", NULL);
}

/* Zitzler, Deb and Thiele (2000). */
static void zdt1(const double *x, double *losses)
{
    double g = 1;

    for (size_t i = 1; i < D; i++)
        g += 9 * x[i] / (D - 1);
    losses[0] = x[0];
    losses[1] = g * (1 - sqrt(x[0] / g));
}

/* Deb, Thiele, Laumanns and Zitzler (2002), DTLZ2, with so many losses. */
static void dtlz2(const double *x, size_t m, double *losses)
{
    double g = 1;

    for (size_t i = m - 1; i < D; i++)
        g += (x[i] - 0.5) * (x[i] - 0.5);
    for (size_t k = 0; k < m; k++) {
        losses[k] = g;
        for (size_t i = 0; i + k + 1 < m; i++)
            losses[k] *= cos(x[i] * acos(0));
        if (k > 0)
            losses[k] *= sin(x[m - 1 - k] * acos(0));
    }
}

/* points (n, D) and losses (n, m) of a run; scale multiplies the second loss. */
static void run(size_t m, int64_t n, uint64_t seed, double scale, double *points, double *losses)
{
    const struct space space = unit_cube();
    const struct study_options options = { .seed = seed, .n_objectives = m, .max_trial_count = n };
    struct study *study = create_study(&space, nsga2(), &options, NULL);

    for (int64_t k = 0; k < n; k++) {
        double *x = points + k * D, *own = losses + (size_t)k * m;
        ask(study, k + 1, x);
        if (m == 2)
            zdt1(x, own);
        else
            dtlz2(x, m, own);
        own[1] *= scale;
        study_finish(study, k + 1, NULL, OUTCOME_SUCCEEDED, own, NULL);
    }
    study_destroy(study);
}

/* Optuna 5 reaches 4.68, or 5.16 with a population of 20 and the same crossover. */
static void zdt1__300_trials__comes_nearer_than_optuna(void **state)
{
    static double points[TRIALS * D], losses[TRIALS * 2];
    double sum = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 4; seed++) {
        run(2, TRIALS, seed, 1, points, losses);
        sum += pareto_hypervolume(losses, TRIALS, 2, (double[]){ 1.1, 6 }) / 4;
    }
    assert_true(sum > 5.3);
}

static int compare_first(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* The trials that nothing dominates cover the whole front, 6.267 at most, without a large gap. */
static void zdt1__3000_trials__the_front_is_reached_and_spread(void **state)
{
    static double points[MANY_TRIALS * D], losses[MANY_TRIALS * 2], first[MANY_TRIALS];
    static size_t rank[MANY_TRIALS];
    size_t n = 0;

    (void)state;
    run(2, MANY_TRIALS, 1, 1, points, losses);
    assert_true(pareto_hypervolume(losses, MANY_TRIALS, 2, (double[]){ 1.1, 6 }) > 6.22);
    pareto_ranks(losses, MANY_TRIALS, 2, rank);
    for (size_t k = 0; k < MANY_TRIALS; k++)
        if (rank[k] == 0)
            first[n++] = losses[2 * k];
    qsort(first, n, sizeof first[0], compare_first);
    assert_true(n > 50 && first[0] < 0.02 && first[n - 1] > 0.95);
    for (size_t k = 1; k < n; k++)
        assert_true(first[k] - first[k - 1] < 0.08);
}

static void dtlz2__three_and_five_losses__beat_optuna(void **state)
{
    static double points[TRIALS * D], losses[TRIALS * 5];
    double three = 0, five = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 3; seed++) {
        run(3, TRIALS, seed, 1, points, losses);
        three += pareto_hypervolume(losses, TRIALS, 3, (double[]){ 2.5, 2.5, 2.5 }) / 3;
        run(5, TRIALS, seed, 1, points, losses);
        five += pareto_hypervolume(losses, TRIALS, 5, (double[]){ 2.5, 2.5, 2.5, 2.5, 2.5 }) / 3;
    }
    assert_true(three > 14.3);
    assert_true(five > 93);
}

static void suggest__a_loss_a_million_times_larger__same_points(void **state)
{
    static double points[2][TRIALS * D], losses[TRIALS * 3];

    (void)state;
    for (size_t m = 2; m <= 3; m++) {
        run(m, TRIALS, 4, 1, points[0], losses);
        run(m, TRIALS, 4, 1e6, points[1], losses);
        assert_true(is_same_point(points[0], points[1], TRIALS * D));
    }
}

/* Straight to the method, so that the study does not ask again. */
static void suggest__thousand_children_of_a_grown_population__few_are_repeated(void **state)
{
    const struct space space = SPACE(mixed_parameters);
    const struct suggest_problem problem = { .space = &space, .n_objectives = 2, .max_trial_count = 300 };
    struct arena arena = { 0 };
    static double values[1000 * COUNT(mixed_parameters)];
    double x[COUNT(mixed_parameters)];
    size_t n, n_repeated = 0;
    const struct setting_value *settings = setting_defaults(nsga2()->settings, &arena, &n);
    void *method = nsga2()->create(&problem, settings, 1);
    struct history history;

    (void)state;
    history_init(&history, &space, 2, 0);
    for (int64_t k = 0; k < 1000; k++) {
        struct suggest_request request = { .seed = 1, .number = k + 1, .rng = rng_stream(1, (uint64_t)k, "test") };
        struct suggestion out = { .x = x };
        double *own = values + (size_t)k * space.n, losses[2];
        assert_int_equal(nsga2()->suggest(method, &history, &request, &out), 0);
        space_decode(&space, x, own);
        bool is_repeated = false;
        for (int64_t j = 0; j < k && !is_repeated; j++)
            is_repeated = is_same_point(values + (size_t)j * space.n, own, space.n);
        n_repeated += is_repeated;
        losses[0] = own[2] + own[5];
        losses[1] = 4 - own[2] + fabs(log10(own[4]) + 3);
        history_finish(&history, k + 1, own, OUTCOME_SUCCEEDED, losses, NULL);
    }
    assert_true(n_repeated < 50);
    nsga2()->destroy(method);
    history_release(&history);
    arena_release(&arena);
}

/* Feasible where x0 + x1 > 1.9: half a percent of the square; the loss draws the other way, one constraint in other units. */
static void suggest__hardly_feasible__reaches_feasibility_and_stays(void **state)
{
    static const struct parameter square[] = {
        { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
        { .name = "y", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    };
    const struct space space = SPACE(square);

    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        const struct study_options options = { .seed = seed, .n_constraints = 2, .max_trial_count = 100 };
        struct study *study = create_study(&space, nsga2(), &options, NULL);
        size_t n_feasible = 0;
        for (int64_t k = 1; k <= 100; k++) {
            double x[2];
            ask(study, k, x);
            double loss = x[0] + x[1], violations[] = { 1.9 - x[0] - x[1], 1e6 * (0.8 - x[0]) };
            n_feasible += violations[0] <= 0 && violations[1] <= 0;
            study_finish(study, k, NULL, OUTCOME_SUCCEEDED, &loss, violations);
        }
        assert_true(n_feasible >= 15);
        study_destroy(study);
    }
}

static void suggest__why__names_the_parents(void **state)
{
    static const char *const settings[] = { "population_size", "4", NULL };
    const struct space space = unit_cube();
    struct study *study = create_study(&space, nsga2(), &(struct study_options){ .n_objectives = 2 }, settings);
    struct suggestion out = { 0 };
    double x[D], losses[2];

    (void)state;
    for (int64_t k = 1; k <= 4; k++) {
        assert_int_equal(study_ask(study, k, x, &out), 0);
        assert_contains(out.why, "Sobol");
        zdt1(x, losses);
        study_finish(study, k, NULL, OUTCOME_SUCCEEDED, losses, NULL);
    }
    assert_int_equal(study_ask(study, 5, x, &out), 0);
    assert_contains(out.why, "a child of trials ");
    study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(zdt1__300_trials__comes_nearer_than_optuna),
        cmocka_unit_test(zdt1__3000_trials__the_front_is_reached_and_spread),
        cmocka_unit_test(dtlz2__three_and_five_losses__beat_optuna),
        cmocka_unit_test(suggest__a_loss_a_million_times_larger__same_points),
        cmocka_unit_test(suggest__thousand_children_of_a_grown_population__few_are_repeated),
        cmocka_unit_test(suggest__hardly_feasible__reaches_feasibility_and_stays),
        cmocka_unit_test(suggest__why__names_the_parents),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
