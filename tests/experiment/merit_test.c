/*
 * Losses, constraints, order and Pareto set of trials with several objectives.
 */
#include "experiment/merit.h"

#include "tests/experiment/fixture.h"

/* loss down, accuracy up; size at most 10. */
static const struct aim accuracy_up = { .metric = 1, .type = OBJECTIVE_MAXIMIZE };
static const struct constraint size_bound = { .metric = 2, .min = -INFINITY, .max = 10 };
static const struct metric three_metrics[] = {
    { "loss", STRATEGY_MIN },
    { "accuracy", STRATEGY_MAX },
    { "size", STRATEGY_LATEST },
};

struct setup {
    struct fixture fixture;
    struct aim aim;
    struct experiment *experiment;
};

static void setup_init(struct setup *setup, size_t n_constraints)
{
    fixture_init(&setup->fixture);
    setup->aim = accuracy_up;
    setup->fixture.spec.objective = (struct objective){ .n_metrics = 3, .metrics = three_metrics };
    setup->fixture.spec.n_further = 1;
    setup->fixture.spec.further = &setup->aim;
    setup->fixture.spec.n_constraints = n_constraints;
    setup->fixture.spec.constraints = &size_bound;
    setup->experiment = experiment_create(&setup->fixture.spec, fixture_uid, 1);
}

static void setup_release(struct setup *setup)
{
    experiment_destroy(setup->experiment);
}

/* A trial that has finished with these reports; NULL: none of that metric. */
static struct trial *add(struct setup *setup, enum trial_state state, const char *loss, const char *accuracy,
                         const char *size)
{
    const char *const reports[] = { loss, accuracy, size };
    struct trial *trial = trial_create(setup->experiment, (int64_t)setup->experiment->n_trials + 1);

    trial->state = state;
    trial->finish_order = trial->number;
    for (size_t i = 0; i < 3; i++)
        if (reports[i] != NULL)
            observation_add(&trial->observation, i, 1, reports[i]);
    experiment_add_trial(setup->experiment, trial);
    return trial;
}

static void assert_front(const struct setup *setup, const int64_t *want, size_t n_want)
{
    struct arena arena = { 0 };
    size_t n = 0;
    const int64_t *front = merit_front(setup->experiment, &arena, &n);

    assert_int_equal(n, n_want);
    for (size_t i = 0; i < n_want && want != NULL; i++)
        assert_int_equal(front[i], want[i]);
    arena_release(&arena);
}

static void merit_losses__maximised_objective__is_negated(void **state)
{
    struct setup setup;
    double losses[OBJECTIVES_LIMIT];

    (void)state;
    setup_init(&setup, 0);
    merit_losses(setup.experiment, add(&setup, TRIAL_SUCCEEDED, "0.5", "0.9", NULL), losses);
    assert_close(losses[0], 0.5, 0);
    assert_close(losses[1], -0.9, 0);
    merit_losses(setup.experiment, add(&setup, TRIAL_FAILED, "0.5", "0.9", NULL), losses);
    assert_true(isnan(losses[0]) && isnan(losses[1]));
    setup_release(&setup);
}

static void merit_violations__bounds__say_by_how_much_they_are_overstepped(void **state)
{
    const struct constraint both = { .metric = 0, .min = 1, .max = 3 };

    (void)state;
    assert_close(constraint_violation(&both, 5), 2, 0);
    assert_close(constraint_violation(&both, 0.5), 0.5, 0);
    assert_close(constraint_violation(&both, 2), -1, 0);
    assert_true(constraint_violation(&both, 3) <= 0);
    assert_true(isnan(constraint_violation(&both, NAN)));
    assert_true(constraint_violation(&both, INFINITY) > 0);
}

static void merit_is_acceptable__unknown_or_violated__is_not(void **state)
{
    struct setup setup;

    (void)state;
    setup_init(&setup, 1);
    assert_true(merit_is_acceptable(setup.experiment, add(&setup, TRIAL_SUCCEEDED, "1", "1", "10")));
    assert_false(merit_is_acceptable(setup.experiment, add(&setup, TRIAL_SUCCEEDED, "1", "1", "10.5")));
    assert_false(merit_is_acceptable(setup.experiment, add(&setup, TRIAL_SUCCEEDED, "1", "1", NULL)));
    assert_false(merit_is_acceptable(setup.experiment, add(&setup, TRIAL_FAILED, "1", "1", "1")));
    assert_int_equal(experiment_counts(setup.experiment).infeasible, 2);
    setup_release(&setup);
}

static void experiment_restore__infeasible_trial__is_never_best(void **state)
{
    struct setup setup;

    (void)state;
    setup_init(&setup, 1);
    add(&setup, TRIAL_SUCCEEDED, "0.1", "0.9", "11");
    experiment_restore(setup.experiment);
    assert_int_equal(setup.experiment->best, 0);
    add(&setup, TRIAL_SUCCEEDED, "0.7", "0.2", "9");
    experiment_restore(setup.experiment);
    assert_int_equal(setup.experiment->best, 2);
    setup_release(&setup);
}

static void experiment_is_better__equal_first_objective__the_next_decides(void **state)
{
    struct setup setup;
    const struct trial *a, *b, *none;

    (void)state;
    setup_init(&setup, 0);
    a = add(&setup, TRIAL_SUCCEEDED, "0.5", "0.8", NULL);
    b = add(&setup, TRIAL_SUCCEEDED, "0.5", "0.9", NULL);
    none = add(&setup, TRIAL_SUCCEEDED, "0.1", NULL, NULL);
    assert_true(experiment_is_better(setup.experiment, b, a));
    assert_false(experiment_is_better(setup.experiment, a, b));
    assert_false(experiment_is_better(setup.experiment, none, NULL));
    setup_release(&setup);
}

static void merit_front__several__is_what_nobody_beats_in_order(void **state)
{
    static const int64_t want[] = { 3, 1 };
    struct setup setup;

    (void)state;
    setup_init(&setup, 1);
    assert_front(&setup, NULL, 0);
    add(&setup, TRIAL_SUCCEEDED, "0.5", "0.9", "1");
    add(&setup, TRIAL_SUCCEEDED, "0.6", "0.8", "1"); /* beaten by the first */
    add(&setup, TRIAL_EARLY_STOPPED, "0.2", "0.3", "1");
    add(&setup, TRIAL_SUCCEEDED, "0.1", "0.99", "20"); /* infeasible */
    add(&setup, TRIAL_SUCCEEDED, "0.1", "nan", "1");
    add(&setup, TRIAL_FAILED, "0.1", "0.99", "1");
    assert_front(&setup, want, 2);
    setup_release(&setup);
}

static void merit_hypervolume__two_trials__is_the_area_below_the_worst_seen(void **state)
{
    static const int64_t front[] = { 1, 2 };
    struct setup setup;

    (void)state;
    setup_init(&setup, 0);
    add(&setup, TRIAL_SUCCEEDED, "1", "3", NULL);
    add(&setup, TRIAL_SUCCEEDED, "2", "4", NULL);
    add(&setup, TRIAL_SUCCEEDED, "5", "1", NULL); /* the worst of both */
    assert_close(merit_hypervolume(setup.experiment, front, 2), 4 * 2 + 3 * 1, 1e-12);
    assert_close(merit_hypervolume(setup.experiment, front, 0), 0, 0);
    setup_release(&setup);
}

static void merit_reaches_goals__every_goal_in_one_trial__is_needed(void **state)
{
    struct setup setup;
    const struct trial *both, *first;

    (void)state;
    setup_init(&setup, 1);
    both = add(&setup, TRIAL_SUCCEEDED, "0.1", "0.9", "1");
    first = add(&setup, TRIAL_SUCCEEDED, "0.1", "0.5", "1");
    assert_false(merit_reaches_goals(setup.experiment, both));
    setup.fixture.spec.objective.has_goal = true;
    setup.fixture.spec.objective.goal = 0.1;
    assert_true(merit_reaches_goals(setup.experiment, first));
    setup.aim.has_goal = true;
    setup.aim.goal = 0.8;
    assert_true(merit_reaches_goals(setup.experiment, both));
    assert_false(merit_reaches_goals(setup.experiment, first));
    assert_false(merit_reaches_goals(setup.experiment, add(&setup, TRIAL_SUCCEEDED, "0", "1", "11")));
    experiment_restore(setup.experiment);
    assert_int_equal(setup.experiment->reached, 1);
    setup_release(&setup);
}

static void merit__objective_not_finite__is_never_best_nor_at_a_goal(void **state)
{
    struct setup setup;
    struct trial *infinite, *finite;

    (void)state;
    setup_init(&setup, 0);
    setup.fixture.spec.objective.has_goal = true;
    setup.fixture.spec.objective.goal = 0;
    infinite = add(&setup, TRIAL_SUCCEEDED, "-inf", "1", NULL);
    finite = add(&setup, TRIAL_SUCCEEDED, "5", "0", NULL);
    assert_false(experiment_is_better(setup.experiment, infinite, NULL));
    assert_true(experiment_is_better(setup.experiment, finite, infinite));
    assert_false(merit_reaches_goals(setup.experiment, infinite));
    assert_front(&setup, (const int64_t[]){ finite->number }, 1);
    setup_release(&setup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(merit_losses__maximised_objective__is_negated),
        cmocka_unit_test(merit_violations__bounds__say_by_how_much_they_are_overstepped),
        cmocka_unit_test(merit_is_acceptable__unknown_or_violated__is_not),
        cmocka_unit_test(experiment_restore__infeasible_trial__is_never_best),
        cmocka_unit_test(experiment_is_better__equal_first_objective__the_next_decides),
        cmocka_unit_test(merit_front__several__is_what_nobody_beats_in_order),
        cmocka_unit_test(merit_hypervolume__two_trials__is_the_area_below_the_worst_seen),
        cmocka_unit_test(merit__objective_not_finite__is_never_best_nor_at_a_goal),
        cmocka_unit_test(merit_reaches_goals__every_goal_in_one_trial__is_needed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
