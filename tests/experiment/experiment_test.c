/* Experiments as data: names, conditions, counts, which trial is better. */
#include "tests/experiment/fixture.h"

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

static void trial_name__many_numbers__are_all_different_and_of_katibs_letters(void **state)
{
    enum { N = 200000 };
    char(*names)[TRIAL_NAME_SIZE] = malloc(N * sizeof *names);

    (void)state;
    for (int64_t i = 0; i < N; i++) {
        trial_name("mnist", fixture_uid, i + 1, names[i]);
        assert_int_equal(strlen(names[i]), strlen("mnist-") + 8);
        assert_int_equal(strspn(names[i] + 6, "bcdfghjklmnpqrstvwxz2456789"), 8);
    }
    qsort(names, N, sizeof *names, by_text);
    for (size_t i = 1; i < N; i++)
        assert_true(strcmp(names[i - 1], names[i]) != 0);
    free(names);
}

static void trial_name__same_uid_and_number__is_fixed_for_ever(void **state)
{
    uint8_t other[16];
    char a[TRIAL_NAME_SIZE], b[TRIAL_NAME_SIZE];

    (void)state;
    memcpy(other, fixture_uid, sizeof other);
    other[15] ^= 1;
    trial_name("mnist", fixture_uid, 1, a);
    trial_name("mnist", other, 1, b);
    assert_true(strcmp(a, b) != 0);
    trial_name("mnist", fixture_uid, 1, b);
    assert_string_equal(a, b);
    assert_string_equal(a, "mnist-mm98khgw"); /* as it was first: names are on users' disks */
}

static void trial_name__longest_experiment_name__fits(void **state)
{
    char name[TRIAL_NAME_SIZE];

    (void)state;
    trial_name("a234567890123456789012345678901234567890", fixture_uid, 282429536480, name);
    assert_int_equal(strlen(name), 40 + 9);
}

static void uid_format__bytes__are_written_as_a_uuid(void **state)
{
    char text[UID_TEXT_SIZE];

    (void)state;
    assert_string_equal(uid_format(fixture_uid, text), "01234567-89ab-4def-8123-010203040506");
}

static void experiment_set_condition__like_katib__newest_last_one_a_type(void **state)
{
    struct fixture fixture;
    struct experiment *experiment;

    (void)state;
    fixture_init(&fixture);
    experiment = experiment_create(&fixture.spec, fixture_uid, 10);
    assert_string_equal(experiment_condition(experiment)->type, "Created");
    experiment_set_condition(experiment, "Running", true, "ExperimentRunning", "m", 20);
    experiment_set_condition(experiment, "Running", true, "ExperimentRunning", "n", 30);
    assert_int_equal(experiment_condition(experiment)->changed_us, 20);
    experiment_set_condition(experiment, "Running", false, "ExperimentRunning", "m", 40);
    experiment_set_condition(experiment, "Failed", true, "ExperimentFailed", NULL, 40);
    assert_int_equal(experiment->n_conditions, 3);
    assert_true(experiment_is_finished(experiment));
    assert_false(experiment_find_condition(experiment, "Running")->status);
    experiment_remove_condition(experiment, "Failed");
    assert_null(experiment_find_condition(experiment, "Failed"));
    assert_false(experiment_is_finished(experiment));
    experiment_destroy(experiment);
}

static struct trial *add(struct experiment *experiment, enum trial_state state, const char *loss)
{
    struct trial *trial = trial_create(experiment, (int64_t)experiment->n_trials + 1);

    trial->state = state;
    if (trial_is_finished(trial))
        trial->finish_order = (int64_t)experiment->n_trials + 1;
    if (loss != NULL)
        observation_add(&trial->observation, 0, 1, loss);
    experiment_add_trial(experiment, trial);
    return trial;
}

/* Of each pair of trials exactly the one that stands first in the list of rows is better. */
static void experiment_is_better__every_pair__follows_one_order(void **state)
{
    static const struct {
        enum trial_state state;
        const char *loss;
    } rows[] = {
        { TRIAL_SUCCEEDED, "0.1" }, { TRIAL_EARLY_STOPPED, "0.10" }, { TRIAL_SUCCEEDED, "0.2" },
        { TRIAL_SUCCEEDED, "a" },   { TRIAL_SUCCEEDED, "-inf" },     { TRIAL_SUCCEEDED, "inf" },
        { TRIAL_FAILED, "0.01" },   { TRIAL_KILLED, "0.01" },        { TRIAL_METRICS_UNAVAILABLE, NULL },
        { TRIAL_SUCCEEDED, "nan" }, { TRIAL_RUNNING, "0.01" },
    };
    enum { N = sizeof rows / sizeof *rows, N_ELIGIBLE = 4 };
    struct fixture fixture;
    struct experiment *experiment;

    (void)state;
    fixture_init(&fixture);
    experiment = experiment_create(&fixture.spec, fixture_uid, 1);
    for (size_t i = 0; i < N; i++)
        add(experiment, rows[i].state, rows[i].loss);
    for (size_t i = 0; i < N; i++) {
        assert_int_equal(experiment_is_better(experiment, experiment->trials[i], NULL), i < N_ELIGIBLE);
        for (size_t k = 0; k < N; k++)
            assert_int_equal(experiment_is_better(experiment, experiment->trials[i], experiment->trials[k]),
                             i < k && i < N_ELIGIBLE);
    }
    experiment_restore(experiment);
    assert_int_equal(experiment->best, 1);
    assert_int_equal(experiment->n_asked, N);
    assert_int_equal(experiment->n_finished, N - 1);
    experiment_destroy(experiment);
}

static void experiment_is_better__text__the_last_one_finished_is_best(void **state)
{
    struct fixture fixture;
    struct experiment *experiment;

    (void)state;
    fixture_init(&fixture);
    experiment = experiment_create(&fixture.spec, fixture_uid, 1);
    add(experiment, TRIAL_SUCCEEDED, "genotype b");
    add(experiment, TRIAL_SUCCEEDED, "genotype a");
    experiment_restore(experiment);
    assert_int_equal(experiment->best, 2);
    experiment_destroy(experiment);
}

static void experiment_counts__each_state__is_counted_as_katib_does(void **state)
{
    struct fixture fixture;
    struct experiment *experiment;
    struct trial_counts counts;

    (void)state;
    fixture_init(&fixture);
    experiment = experiment_create(&fixture.spec, fixture_uid, 1);
    for (int i = 0; i < N_TRIAL_STATES; i++)
        for (int k = 0; k <= i; k++)
            add(experiment, (enum trial_state)i, NULL);
    counts = experiment_counts(experiment);
    for (int i = 0; i < N_TRIAL_STATES; i++)
        assert_int_equal(counts.by_state[i], i + 1);
    assert_int_equal(counts.total, 28);
    assert_int_equal(counts.completed, 28 - 1 - 2);
    assert_int_equal(counts.failed, (TRIAL_FAILED + 1) + (TRIAL_METRICS_UNAVAILABLE + 1));
    experiment_destroy(experiment);
}

static void trial_reason__without_its_own__is_katibs_for_the_state(void **state)
{
    struct trial trial = { .state = TRIAL_SUCCEEDED };

    (void)state;
    assert_string_equal(trial_reason(&trial), "TrialSucceeded");
    assert_string_equal(trial_message(&trial), "Trial has succeeded");
    trial.reason = (char *)"TrialSucceeded. Job reason: CompletionsReached";
    assert_string_equal(trial_reason(&trial), "TrialSucceeded. Job reason: CompletionsReached");
    for (int i = 0; i < N_TRIAL_STATES; i++) {
        trial = (struct trial){ .state = (enum trial_state)i };
        assert_non_null(trial_reason(&trial));
        assert_non_null(trial_message(&trial));
        assert_non_null(trial_state_names[i]);
    }
    assert_null(trial_state_names[N_TRIAL_STATES]);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial_name__many_numbers__are_all_different_and_of_katibs_letters),
        cmocka_unit_test(trial_name__same_uid_and_number__is_fixed_for_ever),
        cmocka_unit_test(trial_name__longest_experiment_name__fits),
        cmocka_unit_test(uid_format__bytes__are_written_as_a_uuid),
        cmocka_unit_test(experiment_set_condition__like_katib__newest_last_one_a_type),
        cmocka_unit_test(experiment_is_better__every_pair__follows_one_order),
        cmocka_unit_test(experiment_is_better__text__the_last_one_finished_is_best),
        cmocka_unit_test(experiment_counts__each_state__is_counted_as_katib_does),
        cmocka_unit_test(trial_reason__without_its_own__is_katibs_for_the_state),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
