/*
 * bohb and dehb: what their new configurations learn, and from which fidelity.
 */
#include "tests/suggest/ladders.h"

enum { SEEDS = 8 };

static double bowl(const double *values)
{
    return pow(values[0] - 0.3, 2) + pow(values[1] - 0.6, 2);
}

static double agreeing(const struct ladder_trial *trial, int64_t number)
{
    (void)number;
    return bowl(trial->values) + 1 / trial->resource;
}

/* With less than the whole resource the best look worst. */
static double reversed(const struct ladder_trial *trial, int64_t number)
{
    (void)number;
    return trial->resource == 9 ? bowl(trial->values) : -bowl(trial->values);
}

/* Mean over seeds of the log10 of the best loss with the whole resource, n trials being made. */
static double regret(const char *method, ladder_loss *loss, int64_t n)
{
    double sum = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct ladder *ladder = create_ladder(create_study(&ladder_space, suggest_method_find(method, NULL),
                                                           &(struct study_options){ .seed = seed }, NULL),
                                              loss);
        double best = 1;
        run_ladder(ladder, n, 1);
        for (int64_t i = 1; i <= n; i++)
            if (ladder->trials[i].resource == 9)
                best = fmin(best, bowl(ladder->trials[i].values));
        sum += log10(best + 1e-9);
        destroy_ladder(ladder);
    }
    return sum / SEEDS;
}

/* tpe with the whole resource for every trial; n of them. */
static double regret_of_tpe(int64_t n)
{
    const struct space space = { 2, ladder_parameters };
    double sum = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct study *study = create_study(&space, suggest_method_find("tpe", NULL),
                                           &(struct study_options){ .seed = seed }, NULL);
        double values[2], best = 1;
        for (int64_t number = 1; number <= n; number++) {
            ask(study, number, values);
            const double loss = bowl(values);
            best = fmin(best, loss);
            study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
        }
        sum += log10(best + 1e-9);
        study_destroy(study);
    }
    return sum / SEEDS;
}

static void models__fidelities_that_agree__beat_random_configurations(void **state)
{
    double hyperband = regret("hyperband", agreeing, 220);

    (void)state;
    assert_true(regret("bohb", agreeing, 220) < hyperband - 0.5);
    assert_true(regret("dehb", agreeing, 220) < hyperband - 0.5);
}

/* The model must not learn from the wrong fidelity: what begins with the whole resource, 3 of 22 trials, is at least as good
   as what tpe finds with as many. (What brackets spend below is lost: tpe with the same resource, 86 trials here, wins.) */
static void bohb__low_fidelity_reversed__does_not_mislead_the_model(void **state)
{
    double bohb = regret("bohb", reversed, 220);

    (void)state;
    assert_true(bohb < regret_of_tpe(30) + 0.1);
    assert_true(bohb < regret("hyperband", reversed, 220) - 0.5);
}

/* After the first turn every trial begins anew, on all levels. */
static void dehb__later_turns__evaluate_offspring_on_every_level(void **state)
{
    struct ladder *ladder = create_ladder(
        create_study(&ladder_space, suggest_method_find("dehb", NULL), &(struct study_options){ .seed = 1 }, NULL),
        agreeing);
    size_t n_at[10] = { 0 };

    (void)state;
    run_ladder(ladder, 44, 1);
    for (int64_t i = 23; i <= 44; i++) {
        assert_int_equal(ladder->trials[i].parent, 0);
        n_at[(size_t)ladder->trials[i].resource]++;
    }
    assert_int_equal(n_at[1], 9);
    assert_int_equal(n_at[3], 8);
    assert_int_equal(n_at[9], 5);
    destroy_ladder(ladder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models__fidelities_that_agree__beat_random_configurations),
        cmocka_unit_test(bohb__low_fidelity_reversed__does_not_mislead_the_model),
        cmocka_unit_test(dehb__later_turns__evaluate_offspring_on_every_level),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
