#include "tests/db/fixture.h"

static void events__appended__are_numbered_and_read_since(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t a = store_trial(&store, "alpha"), b = store_trial(&store, "beta");
    struct event_row rows[] = {
        { .time_us = START_US + 1, .experiment_id = a, .kind = EVENT_EXPERIMENT_CREATED },
        { .time_us = START_US + 2, .experiment_id = b, .kind = EVENT_EXPERIMENT_CREATED },
        { .time_us = START_US + 3,
          .experiment_id = a,
          .trial = 1,
          .kind = EVENT_TRIAL_ENDED,
          .detail = "Failed: exit code 1" },
    };
    struct event_row *got;
    size_t n;

    for (size_t i = 0; i < 3; i++)
        assert_ok(events_append(store.db, &rows[i]));
    assert_true(rows[0].sequence < rows[1].sequence && rows[1].sequence < rows[2].sequence);
    assert_ok(events_load(store.db, 0, 0, 100, &store.arena, &got, &n));
    assert_int_equal(n, 3);
    assert_int_equal(got[1].experiment_id, b);
    assert_ok(events_load(store.db, 0, 0, 2, &store.arena, &got, &n));
    assert_int_equal(n, 2);
    assert_ok(events_load(store.db, rows[0].sequence, a, 100, &store.arena, &got, &n));
    assert_int_equal(n, 1);
    assert_int_equal(got[0].sequence, rows[2].sequence);
    assert_int_equal(got[0].time_us, START_US + 3);
    assert_int_equal(got[0].trial, 1);
    assert_int_equal(got[0].kind, EVENT_TRIAL_ENDED);
    assert_string_equal(got[0].detail, "Failed: exit code 1");
    store_release(&store);
}

static void events__after_a_delete__never_repeat_a_number(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct event_row before = { .time_us = START_US, .experiment_id = id, .kind = EVENT_EXPERIMENT_CREATED };
    struct event_row after = { .time_us = START_US + 1, .experiment_id = id, .kind = EVENT_EXPERIMENT_DELETED }, *got;
    size_t n;

    assert_ok(events_append(store.db, &before));
    assert_ok(experiments_delete(store.db, id, true));
    assert_ok(events_append(store.db, &after));
    assert_true(after.sequence > before.sequence);
    assert_ok(events_load(store.db, before.sequence, 0, 10, &store.arena, &got, &n));
    assert_int_equal(n, 1);
    assert_int_equal(got[0].time_us, START_US + 1);
    store_release(&store);
}

static void events__every_kind__has_a_name_of_its_own(void **state)
{
    (void)state;
    static const int kinds[] = { EVENT_EXPERIMENT_CREATED, EVENT_EXPERIMENT_CONDITION, EVENT_EXPERIMENT_EDITED,
                                 EVENT_EXPERIMENT_DELETED, EVENT_TRIAL_CREATED,        EVENT_TRIAL_STARTED,
                                 EVENT_TRIAL_ENDED,        EVENT_TRIAL_ATTEMPT_ENDED };

    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_string_not_equal(event_kind_name(kinds[i]), event_kind_name(0));
        for (size_t j = 0; j < i; j++)
            assert_string_not_equal(event_kind_name(kinds[i]), event_kind_name(kinds[j]));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events__appended__are_numbered_and_read_since),
        cmocka_unit_test(events__after_a_delete__never_repeat_a_number),
        cmocka_unit_test(events__every_kind__has_a_name_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
