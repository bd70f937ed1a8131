#include "tests/db/fixture.h"

static void trials__every_field__comes_back(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    const struct trial_row row = { .experiment_id = id,
                                   .number = 2,
                                   .state = 4,
                                   .reason = "Killed",
                                   .message = "by hand",
                                   .why = "because",
                                   .created_us = START_US,
                                   .started_us = START_US - 3,
                                   .ended_us = START_US + (INT64_C(1) << 45),
                                   .finish_order = 9,
                                   .retry_at_us = START_US + 4,
                                   .assignments = "\0\1\2",
                                   .assignments_length = 3,
                                   .observation = "",
                                   .observation_length = 0,
                                   .labels = "\201\0",
                                   .labels_length = 2,
                                   .resource = 2.5,
                                   .parent = 1,
                                   .repeat_after_stop = true };
    struct trial_row *rows;
    size_t n;

    assert_ok(trials_store(store.db, &row));
    assert_ok(trials_load(store.db, id, &store.arena, &rows, &n));
    assert_int_equal(n, 2);
    const struct trial_row *got = &rows[1];
    assert_int_equal(got->experiment_id, id);
    assert_int_equal(got->number, 2);
    assert_int_equal(got->state, 4);
    assert_string_equal(got->reason, "Killed");
    assert_string_equal(got->message, "by hand");
    assert_string_equal(got->why, "because");
    assert_int_equal(got->created_us, START_US);
    assert_int_equal(got->started_us, START_US - 3);
    assert_int_equal(got->ended_us, row.ended_us);
    assert_int_equal(got->finish_order, 9);
    assert_int_equal(got->retry_at_us, START_US + 4);
    assert_int_equal(got->assignments_length, 3);
    assert_memory_equal(got->assignments, "\0\1\2", 3);
    assert_non_null(got->observation);
    assert_int_equal(got->observation_length, 0);
    assert_int_equal(got->labels_length, 2);
    assert_memory_equal(got->labels, "\201\0", 2);
    assert_close(got->resource, 2.5, 0);
    assert_int_equal(got->parent, 1);
    assert_true(got->repeat_after_stop);
    store_release(&store);
}

static void trials__defaults__come_back_as_absent(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    const struct trial_row row = { .experiment_id = id, .number = 1, .resource = NAN };
    struct trial_row *rows;
    size_t n;

    assert_ok(trials_store(store.db, &row)); /* replaces the one with texts */
    assert_ok(trials_load(store.db, id, &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    assert_null(rows[0].why);
    assert_null(rows[0].reason);
    assert_null(rows[0].assignments);
    assert_null(rows[0].observation);
    assert_int_equal(rows[0].created_us, 0);
    assert_int_equal(rows[0].retry_at_us, 0);
    assert_true(isnan(rows[0].resource));
    store_release(&store);
}

static void trials__stored_again__keeps_its_attempts_and_reports(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    const struct observation_row report = { .sequence = 1, .time_us = START_US, .value = "1" };
    struct trial_row row = sample_trial(id, 1), *rows;
    struct attempt_row *attempts;
    struct observation_row *reports;
    size_t n;

    row.state = 2;
    assert_ok(observations_append(store.db, id, 1, 1, &report, 1));
    assert_ok(trials_store(store.db, &row));
    assert_ok(trials_load(store.db, id, &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    assert_int_equal(rows[0].state, 2);
    assert_ok(attempts_load(store.db, id, &store.arena, &attempts, &n));
    assert_int_equal(n, 1);
    assert_ok(observations_load(store.db, id, 1, 0, -1, &store.arena, &reports, &n));
    assert_int_equal(n, 1);
    store_release(&store);
}

static void trials__unknown_experiment__is_refused(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    const struct trial_row orphan = sample_trial(4, 1), numberless = sample_trial(store_trial(&store, "alpha"), 0);
    const struct attempt_row attempt = sample_attempt(4, 1);

    assert_int_equal(trials_store(store.db, &orphan), ERR_NOT_FOUND);
    assert_int_equal(trials_store(store.db, &numberless), ERR_INVALID);
    assert_int_equal(attempts_store(store.db, &attempt), ERR_NOT_FOUND);
    store_release(&store);
}

static void attempts__every_field__comes_back_by_trial_and_number(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    const struct trial_row second = sample_trial(id, 2);
    const struct attempt_row of_second = sample_attempt(id, 2);
    const struct attempt_row row = { .experiment_id = id,
                                     .trial = 1,
                                     .number = 2,
                                     .end = 3,
                                     .started_us = START_US + 1,
                                     .ended_us = START_US + 2,
                                     .peak_memory = INT64_C(1) << 40,
                                     .wall_s = 0.1,
                                     .cpu_s = 0.3,
                                     .gpus = "1",
                                     .message = "exit code 3",
                                     .tail = "a\nb",
                                     .key = NULL };
    struct attempt_row *rows;
    size_t n;

    assert_ok(trials_store(store.db, &second));
    assert_ok(attempts_store(store.db, &of_second));
    assert_ok(attempts_store(store.db, &row));
    assert_ok(attempts_load(store.db, id, &store.arena, &rows, &n));
    assert_int_equal(n, 3);
    assert_string_equal(rows[0].key, "secret");
    assert_int_equal(rows[0].ended_us, 0);
    const struct attempt_row *got = &rows[1];
    assert_int_equal(got->trial, 1);
    assert_int_equal(got->number, 2);
    assert_int_equal(got->end, 3);
    assert_int_equal(got->started_us, START_US + 1);
    assert_int_equal(got->ended_us, START_US + 2);
    assert_int_equal(got->peak_memory, INT64_C(1) << 40);
    assert_close(got->wall_s, 0.1, 0);
    assert_close(got->cpu_s, 0.3, 0);
    assert_string_equal(got->gpus, "1");
    assert_string_equal(got->message, "exit code 3");
    assert_string_equal(got->tail, "a\nb");
    assert_null(got->key);
    assert_int_equal(rows[2].trial, 2);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials__every_field__comes_back),
        cmocka_unit_test(trials__defaults__come_back_as_absent),
        cmocka_unit_test(trials__stored_again__keeps_its_attempts_and_reports),
        cmocka_unit_test(trials__unknown_experiment__is_refused),
        cmocka_unit_test(attempts__every_field__comes_back_by_trial_and_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
