/*
 * Table imports.
 */
#include "db/imports.h"

#include "tests/db/fixture.h"

static void imports_load__what_was_stored__comes_back_until_the_experiment_goes(void **state)
{
    static const char bytes[] = { 'a', '\0', 'b' };
    struct arena arena = { 0 };
    struct store store;
    const void *found;
    size_t length;

    (void)state;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "with"), other = store_trial(&store, "without");
    assert_ok(db_begin(store.db));
    assert_ok(imports_store(store.db, id, bytes, sizeof bytes));
    assert_ok(db_commit(store.db));
    assert_ok(imports_load(store.db, id, &arena, &found, &length));
    assert_int_equal(length, sizeof bytes);
    assert_memory_equal(found, bytes, sizeof bytes);
    assert_ok(imports_load(store.db, other, &arena, &found, &length));
    assert_null(found);
    assert_ok(db_begin(store.db));
    assert_ok(experiments_delete(store.db, id, true));
    assert_ok(db_commit(store.db));
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM imports"), 0);
    arena_release(&arena);
    store_close(&store);
    store_release(&store);
}

static void imports_store__no_such_experiment__is_refused(void **state)
{
    struct store store;

    (void)state;
    store_init(&store);
    store_open(&store);
    assert_ok(db_begin(store.db));
    assert_true(imports_store(store.db, 99, "x", 1) < 0);
    db_rollback(store.db);
    store_close(&store);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(imports_load__what_was_stored__comes_back_until_the_experiment_goes),
        cmocka_unit_test(imports_store__no_such_experiment__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
