/*
 * tpe and multivariate-tpe: the traps in which a naive estimator silently loses.
 */
#include <math.h>

#include "tests/suggest/studies.h"

enum { D = 3 };

static const struct parameter cube[D] = {
    { .name = "a", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
    { .name = "b", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
    { .name = "c", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
};
static const char *const names[] = { "tpe", "multivariate-tpe" };

static double distance_from(const double *x, double center)
{
    double sum = 0;

    for (size_t i = 0; i < D; i++)
        sum += (x[i] - center) * (x[i] - center);
    return sum;
}

static struct study *create(const char *name, const struct space *space, const struct study_options *options)
{
    return create_study(space, suggest_method_find(name, NULL), options, NULL);
}

static double best_of(const char *name, uint64_t seed, double center, int64_t n)
{
    const struct space space = SPACE(cube);
    struct study *study = create(name, &space, &(struct study_options){ .seed = seed });
    double x[D], best = INFINITY;

    for (int64_t number = 1; number <= n; number++) {
        ask(study, number, x);
        double loss = distance_from(x, center);
        best = fmin(best, loss);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    study_destroy(study);
    return best;
}

/* Mean log10 of the best of 60 trials over ten seeds. */
static double quality(const char *name, double center)
{
    double sum = 0;

    for (uint64_t seed = 1; seed <= 10; seed++)
        sum += log10(best_of(name, seed, center, 60)) / 10;
    return sum;
}

/* A truncation that is left out of a density pulls to the borders or away from them. */
static void suggest__optimum_at_a_corner_or_inside__is_found_alike(void **state)
{
    (void)state;
    for (size_t k = 0; k < COUNT(names); k++) {
        double random = quality("random", 1), inside = quality(names[k], 1), corner = quality(names[k], 5);
        assert_true(inside < random - 0.4);
        assert_true(corner < inside + 0.4);
    }
}

/* Ten asked without an answer between them must not be one. */
static void suggest__ten_running__are_apart(void **state)
{
    const struct space space = SPACE(cube);
    double x[20][D], batch[10][D];

    (void)state;
    for (size_t k = 0; k < COUNT(names); k++) {
        struct study *study = create(names[k], &space, &(struct study_options){ .seed = 2 });
        for (int64_t number = 1; number <= 20; number++) {
            ask(study, number, x[number - 1]);
            double loss = distance_from(x[number - 1], 1);
            study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
        }
        for (int64_t j = 0; j < 10; j++) {
            ask(study, 21 + j, batch[j]);
            for (int64_t i = 0; i < j; i++) {
                double apart = 0;
                for (size_t a = 0; a < D; a++)
                    apart = fmax(apart, fabs(batch[i][a] - batch[j][a]) / 10);
                assert_true(apart > 1e-3);
            }
        }
        study_destroy(study);
    }
}

/* A log parameter and its exponent are the same search. */
static void suggest__log_scale__equals_the_exponent(void **state)
{
    static const struct parameter rate = {
        .name = "lr", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1e-5, .max = 1
    };
    static const struct parameter exponent = { .name = "e", .type = PARAMETER_DOUBLE, .min = -5, .max = 0 };
    const struct space rates = { 1, &rate }, exponents = { 1, &exponent };

    (void)state;
    for (size_t k = 0; k < COUNT(names); k++) {
        struct study *a = create(names[k], &rates, &(struct study_options){ .seed = 6 });
        struct study *b = create(names[k], &exponents, &(struct study_options){ .seed = 6 });
        for (int64_t number = 1; number <= 40; number++) {
            double of_a, of_b;
            ask(a, number, &of_a);
            ask(b, number, &of_b);
            assert_true(fabs(log10(of_a) - of_b) < 1e-5);
            double loss = fabs(of_b + 3);
            study_finish(a, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
            study_finish(b, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
        }
        study_destroy(a);
        study_destroy(b);
    }
}

/* Good points on a diagonal: suggestions stay on it only if a kernel is drawn for all parameters at once. */
static void multivariate_tpe__correlated_good_points__are_followed(void **state)
{
    const struct space space = { 2, cube };
    static const char *const settings[] = { "n_ei_candidates", "1", NULL }; /* plain draws */
    struct study *study = create_study(&space, suggest_method_find("multivariate-tpe", NULL),
                                       &(struct study_options){ .seed = 1, .is_noisy = true }, settings);
    struct rng rng = rng_stream(1, 1, "test");
    double sum[2] = { 0 }, squares[2] = { 0 }, product = 0, x[2];
    enum { HISTORY = 150, ASKS = 100 };

    (void)state;
    for (int64_t number = 1; number <= HISTORY; number++) {
        double values[] = { 10 * rng_uniform(&rng) - 5, 10 * rng_uniform(&rng) - 5 };
        double loss = fabs(values[0] - values[1]);
        study_start(study, number, values, NAN, 0);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    for (int64_t number = HISTORY + 1; number <= HISTORY + ASKS; number++) {
        ask(study, number, x);
        study_finish(study, number, NULL, OUTCOME_ABANDONED, NULL, NULL);
        for (size_t i = 0; i < 2; i++) {
            sum[i] += x[i] / ASKS;
            squares[i] += x[i] * x[i] / ASKS;
        }
        product += x[0] * x[1] / ASKS;
    }
    double covariance = product - sum[0] * sum[1];
    assert_true(covariance / sqrt((squares[0] - sum[0] * sum[0]) * (squares[1] - sum[1] * sum[1])) > 0.5);
    study_destroy(study);
}

/* Choices keep being tried: each of five at least twice in a hundred trials. */
static void suggest__categories__are_all_tried(void **state)
{
    static const char *const texts[] = { "a", "b", "c", "d", "e" };
    static const struct parameter parameters[] = {
        { .name = "x", .type = PARAMETER_DOUBLE, .min = -5, .max = 5 },
        { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = 5, .choices = texts },
    };
    const struct space space = SPACE(parameters);

    (void)state;
    for (size_t k = 0; k < COUNT(names); k++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            struct study *study = create(names[k], &space, &(struct study_options){ .seed = seed });
            size_t counts[5] = { 0 };
            double x[2];
            for (int64_t number = 1; number <= 100; number++) {
                ask(study, number, x);
                counts[(size_t)x[1]]++;
                double loss = x[0] * x[0] + 2 * x[1];
                study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
            }
            for (size_t c = 0; c < 5; c++)
                assert_true(counts[c] >= 2);
            study_destroy(study);
        }
}

/* Two objectives: the second in other units gives the same suggestions, and the front is found. */
static void suggest__two_objectives__do_not_depend_on_their_scale(void **state)
{
    const struct space space = SPACE(cube);

    (void)state;
    for (size_t k = 0; k < COUNT(names); k++) {
        const struct study_options options = { .seed = 3, .n_objectives = 2 };
        struct study *a = create(names[k], &space, &options), *b = create(names[k], &space, &options);
        size_t n_late = 0;
        for (int64_t number = 1; number <= 80; number++) {
            double x[D], same[D], losses[2];
            ask(a, number, x);
            ask(b, number, same);
            assert_true(is_same_point(x, same, D));
            losses[0] = distance_from(x, -1);
            losses[1] = distance_from(x, 1);
            n_late += number > 50 && losses[0] + losses[1] < 18; /* 6 on the front, 54 at random */
            study_finish(a, number, NULL, OUTCOME_SUCCEEDED, losses, NULL);
            losses[1] *= 1048576;
            study_finish(b, number, NULL, OUTCOME_SUCCEEDED, losses, NULL);
        }
        assert_true(n_late >= 15);
        study_destroy(a);
        study_destroy(b);
    }
}

/* From nothing but violations the search must come to where there are none. */
static void suggest__all_outside_the_constraints__comes_inside(void **state)
{
    const struct space space = SPACE(cube);

    (void)state;
    for (size_t k = 0; k < COUNT(names); k++)
        for (uint64_t seed = 1; seed <= 5; seed++) {
            struct study *study = create(names[k], &space, &(struct study_options){ .seed = seed, .n_constraints = 1 });
            bool is_inside = false;
            for (int64_t number = 1; number <= 60; number++) {
                double x[D];
                ask(study, number, x);
                double loss = -x[0], violation = distance_from(x, 4) - 4;
                is_inside = is_inside || violation <= 0;
                study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, &violation);
            }
            assert_true(is_inside);
            study_destroy(study);
        }
}

/* More trials than the model keeps, with a restart in between: the same points. */
static void suggest__beyond_the_kept_trials__replay_goes_on_alike(void **state)
{
    enum { HISTORY = 1400 };
    const struct space space = SPACE(cube);
    double values[D], want[D], got[D];

    (void)state;
    for (size_t m = 1; m <= 2; m++) {
        const struct study_options options = { .seed = 3, .n_objectives = m };
        struct study *a = create("multivariate-tpe", &space, &options),
                     *b = create("multivariate-tpe", &space, &options);
        struct rng rng = rng_stream(1, m, "test");
        for (int64_t number = 1; number <= HISTORY; number++) {
            if (number % 300 == 0) { /* only one of them asks on the way */
                ask(a, number, values);
            } else {
                for (size_t i = 0; i < D; i++)
                    values[i] = 10 * rng_uniform(&rng) - 5;
                study_start(a, number, values, NAN, 0);
            }
            study_start(b, number, values, NAN, 0);
            const double losses[] = { distance_from(values, 1), distance_from(values, -1) };
            enum outcome outcome = number % 7 == 0 ? OUTCOME_FAILED : OUTCOME_SUCCEEDED;
            study_finish(a, number, NULL, outcome, outcome == OUTCOME_FAILED ? NULL : losses, NULL);
            study_finish(b, number, NULL, outcome, outcome == OUTCOME_FAILED ? NULL : losses, NULL);
        }
        for (int64_t number = HISTORY + 1; number <= HISTORY + 3; number++) {
            ask(a, number, want);
            ask(b, number, got);
            assert_true(is_same_point(want, got, D));
        }
        study_destroy(a);
        study_destroy(b);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__optimum_at_a_corner_or_inside__is_found_alike),
        cmocka_unit_test(suggest__ten_running__are_apart),
        cmocka_unit_test(suggest__log_scale__equals_the_exponent),
        cmocka_unit_test(multivariate_tpe__correlated_good_points__are_followed),
        cmocka_unit_test(suggest__categories__are_all_tried),
        cmocka_unit_test(suggest__two_objectives__do_not_depend_on_their_scale),
        cmocka_unit_test(suggest__all_outside_the_constraints__comes_inside),
        cmocka_unit_test(suggest__beyond_the_kept_trials__replay_goes_on_alike),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
