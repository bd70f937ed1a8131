#include "tests/db/fixture.h"

#include "base/rng.h"

enum { LIMIT = OBSERVATIONS_LIMIT };

static struct observation_row report(int role, int64_t sequence, int metric)
{
    static char value[24];

    snprintf(value, sizeof value, "%lld", (long long)sequence);
    return (struct observation_row){ .role = role,
                                     .sequence = sequence,
                                     .metric = metric,
                                     .time_us = START_US + sequence,
                                     .step = sequence,
                                     .value = value };
}

static size_t load(struct store *store, int64_t id, int metric, struct observation_row **rows)
{
    size_t n;

    assert_ok(observations_load(store->db, id, 1, 1, metric, &store->arena, rows, &n));
    return n;
}

static void observations__values__come_back_as_written(void **state)
{
    (void)state;
    static const char *const values[] = { "0.5",
                                          "0.50",
                                          "5e-1",
                                          "+0.5",
                                          "nan",
                                          "-Infinity",
                                          "007",
                                          "1e400",
                                          "0.1000000000000000055",
                                          "Genotype(normal=[('a', 0)])",
                                          "",
                                          "9223372036854775808",
                                          "-0.0",
                                          "\xc3\xa9" };
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct observation_row *rows;
    size_t n_values = sizeof values / sizeof *values;

    for (size_t i = 0; i < n_values; i++) {
        struct observation_row row = report(0, (int64_t)i + 1, 0);
        row.value = values[i];
        assert_ok(observations_append(store.db, id, 1, 1, &row, 1));
    }
    assert_int_equal(load(&store, id, 0, &rows), n_values);
    for (size_t i = 0; i < n_values; i++)
        assert_string_equal(rows[i].value, values[i]);
    store_release(&store);
}

static void observations__load__is_by_time_then_role_and_sequence(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    const struct observation_row rows[] = {
        { .role = 1, .sequence = 1, .metric = 0, .time_us = START_US + 5, .step = 3, .value = "d" },
        { .role = 0, .sequence = 2, .metric = 1, .time_us = START_US + 5, .value = "c" },
        { .role = 0, .sequence = 1, .metric = 0, .time_us = START_US + 5, .value = "b" },
        { .role = 2, .sequence = 1, .metric = 0, .time_us = START_US - 1, .value = "a" },
    };
    struct observation_row *got;

    assert_ok(observations_append(store.db, id, 1, 1, rows, 4));
    assert_int_equal(load(&store, id, -1, &got), 4);
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(got[i].value[0], "abcd"[i]);
    assert_int_equal(got[0].time_us, START_US - 1);
    assert_int_equal(got[3].role, 1);
    assert_int_equal(got[3].step, 3);
    assert_int_equal(load(&store, id, 1, &got), 1);
    assert_string_equal(got[0].value, "c");
    store_release(&store);
}

static void observations__repeated__are_passed_over(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct observation_row first = report(0, 1, 0), other = first, *rows;
    other.value = "other";

    assert_ok(observations_append(store.db, id, 1, 1, &first, 1));
    assert_ok(observations_append(store.db, id, 1, 1, &other, 1));
    assert_int_equal(load(&store, id, -1, &rows), 1);
    assert_string_equal(rows[0].value, "1");
    store_release(&store);
}

static void observations__attempt_zero__is_the_last_that_has_any(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct attempt_row attempt = sample_attempt(id, 1);
    struct observation_row row = { .sequence = 1, .time_us = START_US, .value = "of the first" }, *rows;
    size_t n;

    for (attempt.number = 2; attempt.number <= 3; attempt.number++)
        assert_ok(attempts_store(store.db, &attempt));
    assert_ok(observations_append(store.db, id, 1, 1, &row, 1));
    row.value = "of the second";
    assert_ok(observations_append(store.db, id, 1, 2, &row, 1));
    assert_ok(observations_load(store.db, id, 1, 0, -1, &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].value, "of the second");
    assert_ok(observations_load(store.db, id, 1, 3, -1, &store.arena, &rows, &n));
    assert_int_equal(n, 0);
    assert_ok(observations_load(store.db, id, 9, 0, -1, &store.arena, &rows, &n));
    assert_int_equal(n, 0);
    store_release(&store);
}

static void observations__of_no_attempt_or_out_of_range__are_refused(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct observation_row good = report(0, 1, 0), bad[] = { good, good, good };
    bad[0].sequence = 0;
    bad[1].role = -1;
    bad[2].metric = -1;

    assert_int_equal(observations_append(store.db, id, 1, 7, &good, 1), ERR_NOT_FOUND);
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(observations_append(store.db, id, 1, 1, &bad[i], 1), ERR_INVALID);
    store_release(&store);
}

static void progress__several_roles__is_the_highest_of_each(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha"), sequences[3] = { -1, -1, -1 };
    struct observation_row rows[] = { report(0, 1, 0), report(0, 2, 0), report(2, 5, 0), report(4, 1, 0) };

    assert_ok(observations_append(store.db, id, 1, 1, rows, 4));
    assert_ok(observations_progress(store.db, id, 1, 1, sequences, 3));
    assert_int_equal(sequences[0], 2);
    assert_int_equal(sequences[1], 0);
    assert_int_equal(sequences[2], 5);
    store_release(&store);
}

static void thinning__at_the_limit__keeps_all(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct observation_row *rows;

    assert_ok(db_begin(store.db));
    for (int64_t k = 1; k <= LIMIT; k++) {
        struct observation_row row = report(0, k, 0);
        assert_ok(observations_append(store.db, id, 1, 1, &row, 1));
    }
    assert_int_equal(load(&store, id, 0, &rows), LIMIT);
    struct observation_row last = report(0, LIMIT + 1, 0);
    assert_ok(observations_append(store.db, id, 1, 1, &last, 1));
    assert_int_equal(load(&store, id, 0, &rows), LIMIT / 2 + 1);
    assert_int_equal(rows[1].sequence, 3);
    assert_int_equal(rows[LIMIT / 2].sequence, LIMIT + 1);
    store_release(&store);
}

/* After n reports one in `stride` is left, evenly, whatever was repeated on the way. */
static void thinning__long_curve__keeps_every_stride_th_and_repeats_stay_gone(void **state)
{
    (void)state;
    enum { N = 5 * LIMIT + 123, STRIDE = 8 };
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha"), sequences[1];
    struct observation_row *rows;

    assert_ok(db_begin(store.db));
    for (int pass = 0; pass < 2; pass++) {
        for (int64_t k = 1; k <= N; k++) {
            struct observation_row row = report(0, k, 0);
            assert_ok(observations_append(store.db, id, 1, 1, &row, 1));
        }
        size_t n = load(&store, id, 0, &rows);
        assert_int_equal(n, (N - 1) / STRIDE + 1);
        assert_true(n <= LIMIT);
        for (size_t i = 0; i < n; i++)
            assert_int_equal(rows[i].sequence, 1 + (int64_t)i * STRIDE);
        assert_ok(observations_progress(store.db, id, 1, 1, sequences, 1));
        assert_int_equal(sequences[0], N);
    }
    store_release(&store);
}

static void thinning__short_metric_beside_a_long_one__is_not_thinned(void **state)
{
    (void)state;
    enum { N = 3 * LIMIT, EACH = 50 };
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");
    struct observation_row *rows;

    assert_ok(db_begin(store.db));
    for (int64_t k = 1; k <= N; k++) {
        struct observation_row row = report(0, k, k % EACH == 0);
        assert_ok(observations_append(store.db, id, 1, 1, &row, 1));
    }
    assert_int_equal(load(&store, id, 1, &rows), N / EACH);
    size_t n = load(&store, id, 0, &rows);
    assert_true(n <= LIMIT && n > LIMIT / 2);
    store_release(&store);
}

/* Many roles that share a metric: the bound is of the attempt, not of each. */
static void thinning__many_roles__share_one_limit(void **state)
{
    (void)state;
    enum { ROLES = 40, EACH = 300 };
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha"), sequences[ROLES], next[ROLES] = { 0 };
    struct rng rng = rng_stream(7, 1, "observations");
    struct observation_row *rows;

    assert_ok(db_begin(store.db));
    for (int i = 0; i < ROLES * EACH; i++) {
        size_t role = (size_t)rng_below(&rng, ROLES);
        struct observation_row row = report((int)role, ++next[role], 0);
        assert_ok(observations_append(store.db, id, 1, 1, &row, 1));
        if (i % 997 == 0)
            assert_true(load(&store, id, 0, &rows) <= LIMIT);
    }
    size_t n = load(&store, id, 0, &rows);
    assert_true(n <= LIMIT && n >= LIMIT / 2);
    assert_ok(observations_progress(store.db, id, 1, 1, sequences, ROLES));
    for (size_t role = 0; role < ROLES; role++)
        assert_int_equal(sequences[role], next[role]);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(observations__values__come_back_as_written),
        cmocka_unit_test(observations__load__is_by_time_then_role_and_sequence),
        cmocka_unit_test(observations__repeated__are_passed_over),
        cmocka_unit_test(observations__attempt_zero__is_the_last_that_has_any),
        cmocka_unit_test(observations__of_no_attempt_or_out_of_range__are_refused),
        cmocka_unit_test(progress__several_roles__is_the_highest_of_each),
        cmocka_unit_test(thinning__at_the_limit__keeps_all),
        cmocka_unit_test(thinning__long_curve__keeps_every_stride_th_and_repeats_stay_gone),
        cmocka_unit_test(thinning__short_metric_beside_a_long_one__is_not_thinned),
        cmocka_unit_test(thinning__many_roles__share_one_limit),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
