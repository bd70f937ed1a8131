/* What is acknowledged stays, what is not leaves nothing half, whichever write or sync the disk refuses. */
#include <glob.h>

#include "tests/db/fixture.h"
#include "tests/db/vfs.h"

enum { N_TRIALS = 4 };

/* One transaction: the trial and its attempt, or neither. */
static int store_pair(struct db *db, int64_t experiment_id, int64_t number)
{
    const struct trial_row trial = sample_trial(experiment_id, number);
    const struct attempt_row attempt = sample_attempt(experiment_id, number);

    TRY(db_begin(db));
    int status = trials_store(db, &trial);
    if (status == 0)
        status = attempts_store(db, &attempt);
    if (status == 0)
        return db_commit(db);
    db_rollback(db);
    return status;
}

static int store_experiment(struct db *db, int64_t *id)
{
    struct experiment_row row = sample_experiment("alpha");

    TRY(db_begin(db));
    int status = experiments_insert(db, &row);
    if (status == 0)
        status = db_commit(db);
    else
        db_rollback(db);
    *id = status == 0 ? row.id : 0;
    return status;
}

/* Returns which trials were acknowledged, as bits; bit 0: the experiment. */
static unsigned work(struct store *store, int *first_failure)
{
    unsigned acknowledged = 0;
    int64_t id;
    struct db *db = NULL;

    *first_failure = db_open(store->path, DB_OWNER, &db);
    if (*first_failure == 0)
        *first_failure = store_experiment(db, &id);
    if (*first_failure == 0) {
        acknowledged = 1;
        for (int64_t number = 1; number <= N_TRIALS; number++) {
            int status = store_pair(db, id, number);
            if (status == 0)
                acknowledged |= 1U << number;
            else if (*first_failure == 0)
                *first_failure = status;
        }
    }
    if (*first_failure < 0)
        assert_contains(fail_message(), store->path);
    db_close(db);
    return acknowledged;
}

static void check_stored(struct store *store, unsigned acknowledged)
{
    struct experiment_row *experiments;
    struct trial_row *trials;
    struct attempt_row *attempts;
    size_t n_experiments, n_trials, n_attempts;
    unsigned stored = 0;

    store_open(store); /* quick_check is part of it */
    assert_ok(experiments_list(store->db, NULL, &store->arena, &experiments, &n_experiments));
    if (n_experiments == 1) {
        stored = 1;
        assert_ok(trials_load(store->db, experiments[0].id, &store->arena, &trials, &n_trials));
        assert_ok(attempts_load(store->db, experiments[0].id, &store->arena, &attempts, &n_attempts));
        assert_int_equal(n_trials, n_attempts);
        for (size_t i = 0; i < n_trials; i++) {
            assert_int_equal(trials[i].number, attempts[i].trial);
            stored |= 1U << trials[i].number;
        }
    }
    assert_int_equal(stored & acknowledged, acknowledged);
}

static void every_call_fails_once(enum fault fault)
{
    int n = 0, failure;
    bool was_refused = false;

    disk_install();
    for (;; n++) {
        struct store store;
        store_init(&store);
        disk_arm(fault, n);
        unsigned acknowledged = work(&store, &failure);
        int n_failed = disk.n_failed;
        disk_arm(NO_FAULT, 0);
        check_stored(&store, acknowledged);
        store_release(&store);
        if (failure < 0) {
            assert_int_equal(failure, ERR_IO);
            was_refused = true;
        }
        if (n_failed == 0) {
            assert_int_equal(acknowledged, (1U << (N_TRIALS + 1)) - 1);
            break;
        }
    }
    assert_true(was_refused && n > N_TRIALS);
}

static void store__disk_full_from_any_write_on__loses_nothing_acknowledged(void **state)
{
    (void)state;
    every_call_fails_once(FULL_DISK);
}

static void store__any_write_failing__loses_nothing_acknowledged(void **state)
{
    (void)state;
    every_call_fails_once(FAILING_WRITE);
}

static void store__any_sync_failing__loses_nothing_acknowledged(void **state)
{
    (void)state;
    every_call_fails_once(FAILING_SYNC);
}

static void store__disk_full_then_freed__goes_on(void **state)
{
    (void)state;
    struct store store;
    disk_install();
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");

    disk_arm(FULL_DISK, 0);
    assert_int_equal(store_pair(store.db, id, 2), ERR_IO);
    assert_contains(fail_message(), "full");
    disk_arm(NO_FAULT, 0);
    assert_ok(store_pair(store.db, id, 2));
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM attempts"), 2);
    store_release(&store);
}

/* Files in the directory whose names start so. */
static size_t count_files(const char *directory, const char *prefix)
{
    char *pattern = xasprintf("%s/%s*", directory, prefix);
    glob_t found = { 0 };
    int status = glob(pattern, 0, NULL, &found);
    size_t n = found.gl_pathc;

    assert_true(status == 0 || status == GLOB_NOMATCH);
    globfree(&found);
    free(pattern);
    return n;
}

static void backup__disk_full__leaves_no_file(void **state)
{
    (void)state;
    struct store store;
    disk_install();
    store_init(&store);
    store_open(&store);
    store_trial(&store, "alpha");
    char *target = file_join(store.directory, "copy");

    for (int n = 0;; n++) {
        disk_arm(FULL_DISK, n);
        int status = db_backup(store.db, target), n_failed = disk.n_failed;
        disk_arm(NO_FAULT, 0);
        if (n_failed == 0) {
            assert_ok(status);
            assert_true(n > 0 && count_files(store.directory, "copy") == 1);
            break;
        }
        assert_int_equal(status, ERR_IO);
        assert_int_equal(count_files(store.directory, "copy"), 0);
    }
    free(target);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store__disk_full_from_any_write_on__loses_nothing_acknowledged),
        cmocka_unit_test(store__any_write_failing__loses_nothing_acknowledged),
        cmocka_unit_test(store__any_sync_failing__loses_nothing_acknowledged),
        cmocka_unit_test(store__disk_full_then_freed__goes_on),
        cmocka_unit_test(backup__disk_full__leaves_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
