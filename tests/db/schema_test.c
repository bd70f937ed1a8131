#include "tests/db/fixture.h"

static const struct migration two_more[] = {
    { "a column", "ALTER TABLE trials ADD COLUMN mood TEXT; UPDATE trials SET mood = 'calm';" },
    { "attempts rebuilt",
      "CREATE TABLE attempts_new (experiment_id INTEGER NOT NULL, trial INTEGER NOT NULL, number INTEGER NOT NULL, "
      "PRIMARY KEY (experiment_id, trial, number)) STRICT, WITHOUT ROWID;"
      "INSERT INTO attempts_new SELECT experiment_id, trial, number FROM attempts;"
      "DROP TABLE attempts; ALTER TABLE attempts_new RENAME TO attempts;" },
};

/* The rows of today and `n` more, ended by zeros. */
static void extended(struct migration rows[8], const struct migration *more, size_t n)
{
    size_t today = (size_t)db_schema_version();

    assert_true(today + n < 8);
    memset(rows, 0, 8 * sizeof *rows);
    memcpy(rows, schema_migrations, today * sizeof *rows);
    memcpy(rows + today, more, n * sizeof *rows);
}

/* A store of an older Hone: only the first n migrations. */
static void open_older(struct store *store, int n)
{
    struct migration rows[8] = { 0 };

    store_init(store);
    memcpy(rows, schema_migrations, (size_t)n * sizeof *rows);
    assert_ok(file_write(store->path, "", 0, 0600));
    assert_ok(connection_open(store->path, DB_OWNER, &store->db));
    assert_ok(schema_migrate(store->db, rows));
    assert_int_equal(store_number(store->db, "PRAGMA user_version"), n);
}

static void migrate__any_older_version__reaches_the_newest(void **state)
{
    (void)state;

    for (int n = 0; n <= db_schema_version(); n++) {
        struct store store;
        open_older(&store, n);
        store_close(&store);
        store_open(&store);
        assert_int_equal(store_number(store.db, "PRAGMA user_version"), db_schema_version());
        store_trial(&store, "alpha");
        store_release(&store);
    }
}

static void migrate__several_rows__apply_in_order_and_keep_the_data(void **state)
{
    (void)state;
    struct store store;
    struct migration rows[8];
    extended(rows, two_more, 2);
    open_older(&store, db_schema_version());
    store_trial(&store, "alpha");

    assert_ok(schema_migrate(store.db, rows));
    assert_int_equal(store_number(store.db, "PRAGMA user_version"), db_schema_version() + 2);
    assert_int_equal(store_number(store.db, "SELECT mood = 'calm' FROM trials"), 1);
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM attempts"), 1);
    assert_int_equal(store_number(store.db, "PRAGMA foreign_keys"), 1);
    assert_ok(schema_migrate(store.db, rows));
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM attempts"), 1);
    store_release(&store);
}

static void migrate__a_failing_row__leaves_all_as_it_was(void **state)
{
    (void)state;
    static const struct migration bad[] = { { "fine", "ALTER TABLE trials ADD COLUMN mood TEXT" },
                                            { "bad", "UPDATE nowhere SET x = 1" } };
    struct store store;
    struct migration rows[8];
    extended(rows, bad, 2);
    open_older(&store, db_schema_version());
    store_trial(&store, "alpha");

    assert_true(schema_migrate(store.db, rows) < 0);
    assert_contains(fail_message(), "no such table: nowhere");
    assert_int_equal(store_number(store.db, "PRAGMA user_version"), db_schema_version());
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM pragma_table_info('trials') WHERE name = 'mood'"), 0);
    store_close(&store);
    store_open(&store);
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM trials"), 1);
    store_release(&store);
}

static void migrate__rows_left_without_parent__are_refused(void **state)
{
    (void)state;
    static const struct migration careless[] = { { "careless", "DELETE FROM trials" } };
    struct store store;
    struct migration rows[8];
    extended(rows, careless, 1);
    open_older(&store, db_schema_version());
    store_trial(&store, "alpha");

    assert_int_equal(schema_migrate(store.db, rows), ERR_CORRUPT);
    assert_int_equal(store_number(store.db, "SELECT count(*) FROM trials"), 1);
    store_release(&store);
}

static void migrate__database_of_more_rows__is_newer_to_fewer(void **state)
{
    (void)state;
    struct store store;
    struct migration rows[8];
    struct db *db;
    extended(rows, two_more, 1);
    open_older(&store, db_schema_version());
    assert_ok(schema_migrate(store.db, rows));
    store_close(&store);

    assert_int_equal(db_open(store.path, DB_OWNER, &db), ERR_UNSUPPORTED);
    store_release(&store);
}

static void reader__older_database__waits_for_its_owner(void **state)
{
    (void)state;
    struct store store;
    struct db *reader;
    open_older(&store, 0);

    assert_int_equal(db_open(store.path, DB_READER, &reader), ERR_UNSUPPORTED);
    assert_contains(fail_message(), "schema version 0");
    store_release(&store);
}

static void statements__every_one__prepares_on_the_newest_schema(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);

    for (int i = 0; i < N_STATEMENTS; i++) {
        sqlite3_stmt *statement = NULL;
        assert_non_null(statement_sql[i]);
        if (sqlite3_prepare_v2(store.db->sqlite, statement_sql[i], -1, &statement, NULL) != SQLITE_OK)
            fail_msg("%s: %s", statement_sql[i], sqlite3_errmsg(store.db->sqlite));
        sqlite3_finalize(statement);
    }
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(migrate__any_older_version__reaches_the_newest),
        cmocka_unit_test(migrate__several_rows__apply_in_order_and_keep_the_data),
        cmocka_unit_test(migrate__a_failing_row__leaves_all_as_it_was),
        cmocka_unit_test(migrate__rows_left_without_parent__are_refused),
        cmocka_unit_test(migrate__database_of_more_rows__is_newer_to_fewer),
        cmocka_unit_test(reader__older_database__waits_for_its_owner),
        cmocka_unit_test(statements__every_one__prepares_on_the_newest_schema),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
