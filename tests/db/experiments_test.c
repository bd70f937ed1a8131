#include "tests/db/fixture.h"

static void experiments__inserted__is_found_by_name_and_id(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    struct experiment_row row = sample_experiment("alpha"), by_name, by_id;
    row.source = "a\0b";
    row.source_length = 3;
    row.spent_s = 1.25;
    row.exhausted = true;
    row.started_us = START_US + 5;
    row.completed_us = START_US + 9;

    assert_ok(db_begin(store.db));
    assert_ok(experiments_insert(store.db, &row));
    assert_ok(db_commit(store.db));
    assert_true(row.id > 0);
    assert_ok(experiments_find(store.db, "default", "alpha", 0, &store.arena, &by_name));
    assert_ok(experiments_find(store.db, NULL, NULL, row.id, &store.arena, &by_id));
    assert_int_equal(by_name.id, row.id);
    assert_memory_equal(by_id.uid, row.uid, sizeof row.uid);
    assert_string_equal(by_id.namespace, "default");
    assert_string_equal(by_id.name, "alpha");
    assert_int_equal(by_id.source_length, 3);
    assert_memory_equal(by_id.source, "a\0b", 3);
    assert_int_equal(by_id.parallel_trial_count, 3);
    assert_int_equal(by_id.max_trial_count, 12);
    assert_int_equal(by_id.max_failed_trial_count, 4);
    assert_int_equal(by_id.created_us, START_US);
    assert_int_equal(by_id.started_us, START_US + 5);
    assert_int_equal(by_id.completed_us, START_US + 9);
    assert_close(by_id.spent_s, 1.25, 0);
    assert_true(by_id.exhausted);
    store_release(&store);
}

static void experiments__taken_name__conflicts_within_its_namespace_only(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    store_trial(&store, "alpha");
    struct experiment_row again = sample_experiment("alpha"), elsewhere = sample_experiment("alpha");
    again.uid[15] = 1;
    elsewhere.uid[15] = 2;
    elsewhere.namespace = "other";

    assert_ok(db_begin(store.db));
    assert_int_equal(experiments_insert(store.db, &again), ERR_CONFLICT);
    assert_contains(fail_message(), "experiment alpha exists already in namespace default");
    assert_ok(experiments_insert(store.db, &elsewhere));
    assert_ok(db_commit(store.db));
    store_release(&store);
}

static void experiments__update__changes_budget_and_progress(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    struct experiment_row row = { .id = store_trial(&store, "alpha") }, found, missing = { .id = 77 };
    row.parallel_trial_count = 5;
    row.max_trial_count = 50;
    row.max_failed_trial_count = 7;
    row.started_us = START_US + 1;
    row.completed_us = START_US + 2;
    row.spent_s = 0.5;
    row.exhausted = true;

    assert_ok(experiments_update(store.db, &row));
    assert_ok(experiments_find(store.db, "default", "alpha", 0, &store.arena, &found));
    assert_int_equal(found.parallel_trial_count, 5);
    assert_int_equal(found.max_trial_count, 50);
    assert_int_equal(found.max_failed_trial_count, 7);
    assert_int_equal(found.started_us, START_US + 1);
    assert_int_equal(found.completed_us, START_US + 2);
    assert_close(found.spent_s, 0.5, 0);
    assert_true(found.exhausted);
    assert_int_equal(found.created_us, START_US);
    assert_memory_equal(found.source, "spec", 4);
    assert_int_equal(experiments_update(store.db, &missing), ERR_NOT_FOUND);
    store_release(&store);
}

static void experiments__list__is_by_namespace_and_name_without_deleted(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    struct experiment_row other = sample_experiment("a"), *rows;
    size_t n;
    other.namespace = "zone";
    other.uid[15] = 9;
    store_trial(&store, "c");
    store_trial(&store, "b");
    assert_ok(experiments_delete(store.db, store_trial(&store, "a"), false));
    assert_ok(experiments_insert(store.db, &other));

    assert_ok(experiments_list(store.db, NULL, &store.arena, &rows, &n));
    assert_int_equal(n, 3);
    assert_string_equal(rows[0].name, "b");
    assert_string_equal(rows[1].name, "c");
    assert_string_equal(rows[2].namespace, "zone");
    assert_ok(experiments_list(store.db, "zone", &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    assert_ok(experiments_list(store.db, "nowhere", &store.arena, &rows, &n));
    assert_int_equal(n, 0);
    store_release(&store);
}

static void experiments__missing__is_not_found_by_name(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    struct experiment_row row;

    assert_int_equal(experiments_find(store.db, "default", "nobody", 0, &store.arena, &row), ERR_NOT_FOUND);
    assert_contains(fail_message(), "nobody");
    assert_int_equal(experiments_find(store.db, NULL, NULL, 5, &store.arena, &row), ERR_NOT_FOUND);
    assert_int_equal(experiments_delete(store.db, 5, true), ERR_NOT_FOUND);
    store_release(&store);
}

/* A trial that has ended with a value, one report, one event, one condition. */
static int64_t finished(struct store *store, const char *name)
{
    int64_t id = store_trial(store, name);
    struct trial_row trial = sample_trial(id, 1);
    struct attempt_row attempt = sample_attempt(id, 1);
    struct observation_row report = { .sequence = 1, .time_us = START_US + 7, .step = 1, .value = "0.5" };
    struct event_row event = { .time_us = START_US + 8, .experiment_id = id, .trial = 1, .kind = EVENT_TRIAL_ENDED };
    struct condition_row condition = {
        .type = "Created", .reason = "R", .message = "m", .status = true, .changed_us = START_US
    };

    trial.assignments = "packed";
    trial.assignments_length = 6;
    trial.observation = "seen";
    trial.observation_length = 4;
    trial.message = "a secret path";
    attempt.wall_s = 2.5;
    attempt.cpu_s = 1.5;
    attempt.peak_memory = 4096;
    attempt.gpus = "0,2";
    attempt.tail = "last words";
    assert_ok(db_begin(store->db));
    assert_ok(trials_store(store->db, &trial));
    assert_ok(attempts_store(store->db, &attempt));
    assert_ok(observations_append(store->db, id, 1, 1, &report, 1));
    assert_ok(events_append(store->db, &event));
    assert_ok(conditions_store(store->db, id, &condition, 1));
    assert_ok(db_commit(store->db));
    return id;
}

static void delete__without_purge__keeps_what_transfer_needs_and_frees_the_name(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = finished(&store, "alpha"), kept = finished(&store, "beta");
    struct experiment_row experiment;
    struct trial_row *trials;
    struct attempt_row *attempts;
    size_t n;

    assert_ok(experiments_delete(store.db, id, false));
    assert_int_equal(experiments_find(store.db, "default", "alpha", 0, &store.arena, &experiment), ERR_NOT_FOUND);
    assert_ok(experiments_find(store.db, NULL, NULL, id, &store.arena, &experiment));
    assert_memory_equal(experiment.source, "spec", 4);
    assert_ok(trials_load(store.db, id, &store.arena, &trials, &n));
    assert_int_equal(n, 1);
    assert_memory_equal(trials[0].assignments, "packed", 6);
    assert_memory_equal(trials[0].observation, "seen", 4);
    assert_null(trials[0].message);
    assert_ok(attempts_load(store.db, id, &store.arena, &attempts, &n));
    assert_int_equal(n, 1);
    assert_close(attempts[0].wall_s, 2.5, 0);
    assert_close(attempts[0].cpu_s, 1.5, 0);
    assert_int_equal(attempts[0].peak_memory, 4096);
    assert_string_equal(attempts[0].gpus, "0,2");
    assert_null(attempts[0].tail);
    assert_null(attempts[0].key);
    assert_int_equal(experiments_delete(store.db, id, false), ERR_NOT_FOUND);

    struct experiment_row again = sample_experiment("alpha");
    again.uid[15] = 1;
    assert_ok(experiments_insert(store.db, &again));
    assert_true(again.id > kept);
    static const char *const tables[] = { "observations", "events", "conditions" };
    for (size_t i = 0; i < 3; i++) {
        char *sql = xasprintf("SELECT count(*) * 100 + sum(experiment_id = %lld) FROM %s", (long long)kept, tables[i]);
        assert_int_equal(store_number(store.db, sql), 101); /* one row, the other experiment's */
        free(sql);
    }
    store_release(&store);
}

static bool file_contains(const char *path, const char *needle)
{
    struct text bytes = { 0 };

    assert_ok(file_read(path, 64 << 20, &bytes));
    bool found = memmem(bytes.data, bytes.length, needle, strlen(needle)) != NULL;
    text_release(&bytes);
    return found;
}

static void delete__with_purge__leaves_no_trace_even_in_the_file(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = finished(&store, "alphabet");
    assert_ok(db_begin(store.db));
    for (int i = 2; i < 400; i++) {
        struct trial_row trial = sample_trial(id, i);
        trial.message = "a secret path";
        assert_ok(trials_store(store.db, &trial));
    }
    assert_ok(db_commit(store.db));
    store_close(&store);
    assert_true(file_contains(store.path, "a secret path"));

    store_open(&store);
    assert_ok(db_begin(store.db));
    assert_ok(experiments_delete(store.db, id, true));
    assert_ok(db_commit(store.db));
    static const char *const tables[] = { "experiments",  "conditions", "trials",  "attempts",
                                          "observations", "curves",     "dropped", "events" };
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        char *sql = xasprintf("SELECT count(*) FROM %s", tables[i]);
        assert_int_equal(store_number(store.db, sql), 0);
        free(sql);
    }
    struct experiment_row again = sample_experiment("other");
    assert_ok(experiments_insert(store.db, &again));
    assert_true(again.id > id);
    store_close(&store);
    assert_false(file_contains(store.path, "a secret path"));
    assert_false(file_contains(store.path, "alphabet"));
    store_release(&store);
}

static void delete__hidden_experiment__can_still_be_purged(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = finished(&store, "alpha");

    assert_ok(experiments_delete(store.db, id, false));
    assert_ok(experiments_delete(store.db, id, true));
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM trials"), 0);
    store_release(&store);
}

static void conditions__stored_again__are_replaced_in_order(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    const struct condition_row first[] = { { "Created", "C", "made", true, 1 }, { "Running", "R", "goes", true, 2 } };
    const struct condition_row second[] = { { "Created", "C", "made", true, 1 },
                                            { "Running", "R", "went", false, 3 },
                                            { "Succeeded", "S", NULL, true, 3 } };
    struct condition_row *rows;
    size_t n;

    assert_ok(conditions_store(store.db, id, first, 2));
    assert_ok(conditions_store(store.db, id, second, 3));
    assert_ok(conditions_load(store.db, id, &store.arena, &rows, &n));
    assert_int_equal(n, 3);
    assert_string_equal(rows[1].type, "Running");
    assert_string_equal(rows[1].message, "went");
    assert_false(rows[1].status);
    assert_int_equal(rows[2].changed_us, 3);
    assert_string_equal(rows[2].reason, "S");
    assert_null(rows[2].message);
    assert_int_equal(conditions_store(store.db, 77, first, 1), ERR_NOT_FOUND);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(experiments__inserted__is_found_by_name_and_id),
        cmocka_unit_test(experiments__taken_name__conflicts_within_its_namespace_only),
        cmocka_unit_test(experiments__update__changes_budget_and_progress),
        cmocka_unit_test(experiments__list__is_by_namespace_and_name_without_deleted),
        cmocka_unit_test(experiments__missing__is_not_found_by_name),
        cmocka_unit_test(delete__without_purge__keeps_what_transfer_needs_and_frees_the_name),
        cmocka_unit_test(delete__with_purge__leaves_no_trace_even_in_the_file),
        cmocka_unit_test(delete__hidden_experiment__can_still_be_purged),
        cmocka_unit_test(conditions__stored_again__are_replaced_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
