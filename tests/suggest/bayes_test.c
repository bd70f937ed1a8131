/*
 * Bayesian optimisation where careless versions of it fail: precision, corners, outliers, failures, constraints, batches.
 */
#include "suggest/bayes.h"

#include "suggest/pareto.h"
#include "tests/suggest/studies.h"

enum { D = 5 };

extern const struct suggest_method suggest_bayesianoptimization;
static const struct suggest_method *const method = &suggest_bayesianoptimization;

#define CONTINUOUS(text)                                              \
    {                                                                 \
        .name = (text), .type = PARAMETER_DOUBLE, .min = -5, .max = 5 \
    }
static const struct parameter five[] = { CONTINUOUS("a"), CONTINUOUS("b"), CONTINUOUS("c"), CONTINUOUS("d"),
                                         CONTINUOUS("e") };
static const struct space cube = SPACE(five), plane = { 2, five };

static double sphere(const double *values, size_t n, double centre)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (values[i] - centre) * (values[i] - centre);
    return sum;
}

/* Best of so many trials, after one imported from a corner with that loss (NAN: none). */
static double best_of(const struct space *space, int64_t n_trials, double centre, double corner_loss, uint64_t seed)
{
    static const double corner[D] = { -5, -5, -5, -5, -5 };
    struct study *study = create_study(space, method, &(struct study_options){ .seed = seed }, NULL);
    double values[D], best = INFINITY;

    if (!isnan(corner_loss))
        study_finish(study, -1, corner, OUTCOME_SUCCEEDED, &corner_loss, NULL);
    for (int64_t number = 1; number <= n_trials; number++) {
        ask(study, number, values);
        double loss = sphere(values, space->n, centre);
        best = fmin(best, loss);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    study_destroy(study);
    return best;
}

static void suggest__sphere__is_solved_to_a_thousandth_in_sixty_trials(void **state)
{
    unsigned n_solved = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        double best = best_of(&cube, 60, 1.3, NAN, seed);
        assert_true(best < 1e-2);
        n_solved += best < 1e-3;
    }
    assert_true(n_solved >= 4);
}

static void suggest__optimum_in_a_corner__is_found(void **state)
{
    (void)state;
    assert_true(best_of(&cube, 30, 5, NAN, 1) < 1e-3);
    assert_true(best_of(&cube, 30, -5, NAN, 2) < 1e-3);
}

static void suggest__enormous_loss_of_a_poor_point__does_not_matter(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++)
        assert_true(best_of(&cube, 60, 1.3, 1e12, seed) < 1e-3);
}

/* A run that diverged by chance amid good ones. */
static void suggest__enormous_loss_of_a_good_point__is_outvoted(void **state)
{
    static const double enormous[] = { 1e12, 1e300, INFINITY };

    (void)state;
    for (size_t k = 0; k < COUNT(enormous); k++) {
        struct study *study = create_study(&cube, method, &(struct study_options){ .seed = k + 1 }, NULL);
        double values[D], best = INFINITY;

        for (int64_t number = 1; number <= 60; number++) {
            ask(study, number, values);
            double loss = number == 25 ? enormous[k] : sphere(values, D, 1.3);
            best = fmin(best, loss);
            study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
        }
        assert_true(best < 1e-2);
        study_destroy(study);
    }
}

static void suggest__thirty_integers__are_all_visited(void **state)
{
    static const struct parameter one = { .name = "n", .type = PARAMETER_INT, .min = 1, .max = 30, .step = 1 };
    const struct space line = { 1, &one };
    struct study *study = create_study(&line, method, &(struct study_options){ .seed = 2 }, NULL);
    bool is_seen[31] = { false };
    double value;

    (void)state;
    for (int64_t number = 1; number <= 30; number++) {
        ask(study, number, &value);
        double loss = fabs(value - 20);
        assert_false(is_seen[(int)value]);
        is_seen[(int)value] = true;
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    study_destroy(study);
}

/* Feasible in one part in thirty of the plane; the unconstrained optimum lies outside. */
static void suggest__no_feasible_trial_at_first__reaches_one_and_improves_on_it(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        const struct study_options options = { .seed = seed, .n_constraints = 1 };
        struct study *study = create_study(&plane, method, &options, NULL);
        double values[2], best = INFINITY;
        int64_t first = 0;
        for (int64_t number = 1; number <= 50; number++) {
            ask(study, number, values);
            double loss = sphere(values, 2, -3), violation = sphere(values, 2, 3.2) - 1;
            study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, &violation);
            if (violation <= 0)
                best = fmin(best, loss);
            if (violation <= 0 && first == 0)
                first = number;
        }
        assert_true(first > 0 && first <= 30);
        double least = pow(6.2 * M_SQRT2 - 1, 2); /* where the line between the centres meets the circle */
        assert_true(best < least + 1);
        study_destroy(study);
    }
}

/* Fails left of 0. Returns the best loss; Failures after 25 of 50 trials are added to *n_late. */
static double run_failing(double slope, uint64_t seed, double *n_late)
{
    struct study *study = create_study(&plane, method, &(struct study_options){ .seed = seed }, NULL);
    double values[2], best = INFINITY;

    for (int64_t number = 1; number <= 50; number++) {
        ask(study, number, values);
        double loss = sphere(values, 2, 2) + slope * values[0];
        bool is_failed = values[0] < 0;
        *n_late += number > 25 && is_failed;
        best = is_failed ? best : fmin(best, loss);
        study_finish(study, number, NULL, is_failed ? OUTCOME_FAILED : OUTCOME_SUCCEEDED, is_failed ? NULL : &loss,
                     NULL);
    }
    study_destroy(study);
    return best;
}

/* Blind trials would fail 12.5 times in the last 25. */
static void suggest__half_of_the_space_fails__is_mostly_avoided(void **state)
{
    double n_late = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++)
        assert_true(run_failing(0, seed, &n_late) < 1e-3); /* the optimum lies well inside */
    assert_true(n_late / 6 <= 7);
}

static void suggest__losses_fall_towards_what_fails__still_finds_the_border(void **state)
{
    double n_late = 0;

    (void)state;
    for (uint64_t seed = 1; seed <= 6; seed++)
        assert_true(run_failing(8, seed, &n_late) < 4.1); /* 4 on the border */
}

static void suggest__ten_at_once__are_apart(void **state)
{
    struct study *study = create_study(&cube, method, &(struct study_options){ .seed = 5 }, NULL);
    double values[10][D];

    (void)state;
    for (int64_t number = 1; number <= 20; number++) {
        ask(study, number, values[0]);
        double loss = sphere(values[0], D, 1.3);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    for (int64_t k = 0; k < 10; k++) {
        ask(study, 21 + k, values[k]);
        for (int64_t j = 0; j < k; j++) {
            double far = 0;
            for (size_t i = 0; i < D; i++)
                far = fmax(far, fabs(values[k][i] - values[j][i]));
            assert_true(far > 1e-2);
        }
    }
    study_destroy(study);
}

/* |x - 1| and |x + 1|, the second in other units. */
static void two_losses(const double *values, double unit, double *losses)
{
    losses[0] = sphere(values, 2, 1);
    losses[1] = unit * sphere(values, 2, -1);
}

static void suggest__second_objective_in_other_units__names_the_same_points(void **state)
{
    const struct study_options options = { .seed = 6, .n_objectives = 2 };
    struct study *a = create_study(&plane, method, &options, NULL), *b = create_study(&plane, method, &options, NULL);
    double x[2], y[2], losses[2], seen[40 * 2];
    const double reference[] = { 10, 10 };

    (void)state;
    for (int64_t number = 1; number <= 40; number++) {
        ask(a, number, x);
        two_losses(x, 1, losses);
        memcpy(seen + 2 * (number - 1), losses, sizeof losses);
        study_finish(a, number, NULL, OUTCOME_SUCCEEDED, losses, NULL);
        if (number > 16)
            continue;
        ask(b, number, y);
        two_losses(y, 1048576, losses); /* a power of two: not a bit of the standardised loss moves */
        study_finish(b, number, NULL, OUTCOME_SUCCEEDED, losses, NULL);
        assert_true(fabs(x[0] - y[0]) < 0.05 && fabs(x[1] - y[1]) < 0.05);
    }
    /* the whole front, sqrt f1 + sqrt f2 = sqrt 8, dominates 100 - 32 / 3 of the box */
    assert_true(pareto_hypervolume(seen, 40, 2, reference) > 0.93 * (100 - 32.0 / 3));
    study_destroy(a);
    study_destroy(b);
}

static void suggest__many_objectives__goes_on(void **state)
{
    const struct study_options options = { .seed = 7, .n_objectives = 4, .parallel_trial_count = 2 };
    struct study *study = create_study(&plane, method, &options, NULL);
    double values[2], losses[4];

    (void)state;
    for (int64_t number = 1; number <= 25; number++) {
        ask(study, number, values);
        for (size_t k = 0; k < 4; k++)
            losses[k] = sphere(values, 2, (double)k - 2);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, losses, NULL);
    }
    study_destroy(study);
}

static void warn__settings_of_other_libraries__says_once_what_is_used(void **state)
{
    const struct suggest_problem problem = { .space = &cube, .n_objectives = 1 };
    struct arena arena = { 0 };
    size_t n;
    struct setting_value *values = setting_defaults(method->settings, &arena, &n);

    (void)state;
    assert_null(method->warn(&problem, values, &arena));
    setting_parse(&method->settings[0], "RF", &values[0]);
    setting_parse(&method->settings[2], "EIps", &values[2]);
    assert_string_equal(method->warn(&problem, values, &arena),
                        "bayesianoptimization uses a Gaussian process in place of RF, EI in place of EIps");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__sphere__is_solved_to_a_thousandth_in_sixty_trials),
        cmocka_unit_test(suggest__optimum_in_a_corner__is_found),
        cmocka_unit_test(suggest__enormous_loss_of_a_poor_point__does_not_matter),
        cmocka_unit_test(suggest__enormous_loss_of_a_good_point__is_outvoted),
        cmocka_unit_test(suggest__thirty_integers__are_all_visited),
        cmocka_unit_test(suggest__no_feasible_trial_at_first__reaches_one_and_improves_on_it),
        cmocka_unit_test(suggest__half_of_the_space_fails__is_mostly_avoided),
        cmocka_unit_test(suggest__losses_fall_towards_what_fails__still_finds_the_border),
        cmocka_unit_test(suggest__ten_at_once__are_apart),
        cmocka_unit_test(suggest__second_objective_in_other_units__names_the_same_points),
        cmocka_unit_test(suggest__many_objectives__goes_on),
        cmocka_unit_test(warn__settings_of_other_libraries__says_once_what_is_used),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
