#include <sys/stat.h>

#include "tests/db/fixture.h"
#include "tests/db/workload.h"

static void store__ten_thousand_trials__take_at_most_400_bytes_each(void **state)
{
    (void)state;
    enum { N = 10000, STEPS_A_COMMIT = 5 };
    struct store store;
    struct experiment_row experiment = sample_experiment("alpha");
    struct workload work = { .n_trials = N, .now_us = START_US, .rng = rng_stream(1, 0, "workload") };
    struct step step;
    struct stat file;
    store_init(&store);
    store_open(&store);
    assert_ok(experiments_insert(store.db, &experiment));

    bool goes_on = true;
    while (goes_on) {
        assert_ok(db_begin(store.db));
        for (int i = 0; i < STEPS_A_COMMIT && (goes_on = workload_next(&work, &step)); i++)
            assert_ok(workload_store(store.db, experiment.id, &step));
        assert_ok(db_commit(store.db));
    }
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM trials WHERE ended > started"), N);
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM attempts WHERE key IS NULL"), N);
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM observations"), N);
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM events"), 3 * N);
    store_close(&store);
    assert_int_equal(stat(store.path, &file), 0);
    print_message("%.1f bytes a trial\n", (double)file.st_size / N);
    assert_true(file.st_size <= 400 * N);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store__ten_thousand_trials__take_at_most_400_bytes_each),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
