#include "tests/db/fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/rng.h"

static unsigned mode_of(const char *path)
{
    struct stat status;

    assert_int_equal(stat(path, &status), 0);
    return status.st_mode & 0777;
}

static void lock__second_owner__is_told_the_pid_of_the_first(void **state)
{
    (void)state;
    struct store store;
    struct db_lock *second = NULL;
    int64_t holder = 0;
    store_init(&store);

    assert_ok(db_lock(store.path, &store.lock, NULL));
    assert_int_equal(db_lock(store.path, &second, &holder), ERR_CONFLICT);
    assert_null(second);
    assert_int_equal(holder, getpid());
    db_unlock(store.lock);
    store.lock = NULL;
    assert_ok(db_lock(store.path, &second, &holder));
    db_unlock(second);
    store_release(&store);
}

static void lock__owner_killed__is_free(void **state)
{
    (void)state;
    struct store store;
    int ready[2];
    char byte;
    int64_t holder = 0;
    store_init(&store);

    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        struct db_lock *lock;
        if (db_lock(store.path, &lock, NULL) < 0 || write(ready[1], "x", 1) != 1)
            _exit(1);
        pause();
        _exit(0);
    }
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(db_lock(store.path, &store.lock, &holder), ERR_CONFLICT);
    assert_int_equal(holder, child);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_ok(db_lock(store.path, &store.lock, NULL));
    close(ready[0]);
    close(ready[1]);
    store_release(&store);
}

static void lock__links_to_one_database__lead_to_one_lock(void **state)
{
    (void)state;
    struct store store;
    struct db_lock *second = NULL;
    store_init(&store);
    store_open(&store);
    char *link = file_join(store.directory, "link.db");

    assert_int_equal(symlink(store.path, link), 0);
    assert_int_equal(db_lock(link, &second, NULL), ERR_CONFLICT);
    free(link);
    store_release(&store);
}

static void open__new_database__is_private_with_its_directory(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    char *directory = file_join(store.directory, "deep/er");
    free(store.path);
    store.path = file_join(directory, "hone.db");
    mode_t before = umask(0);

    store_open(&store);
    store_trial(&store, "alpha");
    umask(before);
    assert_int_equal(mode_of(directory), 0700);
    static const char *const suffixes[] = { "", "-wal", "-shm", ".lock" };
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char *path = xasprintf("%s%s", store.path, suffixes[i]);
        assert_int_equal(mode_of(path), 0600);
        free(path);
    }
    free(directory);
    store_release(&store);
}

static void open__owner__syncs_every_commit_and_checks_references(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);

    assert_int_equal(store_number(store.db, "PRAGMA synchronous"), 2);
    assert_int_equal(store_number(store.db, "PRAGMA foreign_keys"), 1);
    assert_int_equal(store_number(store.db, "PRAGMA busy_timeout"), 5000);
    assert_int_equal(store_number(store.db, "SELECT journal_mode = 'wal' FROM pragma_journal_mode"), 1);
    assert_int_equal(store_number(store.db,
                                  "SELECT count(*) FROM pragma_table_list WHERE schema = 'main' AND NOT strict AND "
                                  "name NOT LIKE 'sqlite_%'"),
                     0);
    store_release(&store);
}

static void open__reader_of_nothing__is_not_found(void **state)
{
    (void)state;
    struct store store;
    struct db *reader;
    struct stat status;
    store_init(&store);

    assert_int_equal(db_open(store.path, DB_READER, &reader), ERR_NOT_FOUND);
    assert_int_equal(stat(store.path, &status), -1);
    store_release(&store);
}

static void open__newer_database__is_refused_by_both_versions_and_untouched(void **state)
{
    (void)state;
    struct store store;
    struct text before = { 0 }, after = { 0 };
    struct db *db;
    char expected[64];
    store_init(&store);
    store_open(&store);
    store_execute(store.db, "PRAGMA user_version = 1234");
    store_close(&store);
    assert_ok(file_read(store.path, 1 << 20, &before));
    snprintf(expected, sizeof expected, "schema version is 1234, this one knows up to %d", db_schema_version());

    for (int mode = DB_OWNER; mode <= DB_READER; mode++) {
        assert_int_equal(db_open(store.path, (enum db_mode)mode, &db), ERR_UNSUPPORTED);
        assert_null(db);
        assert_contains(fail_message(), expected);
    }
    assert_ok(file_read(store.path, 1 << 20, &after));
    assert_int_equal(before.length, after.length);
    assert_memory_equal(before.data, after.data, before.length);
    text_release(&before);
    text_release(&after);
    store_release(&store);
}

static void open__database_of_another_program__is_refused(void **state)
{
    (void)state;
    struct store store;
    struct db *db;
    sqlite3 *other;
    store_init(&store);
    assert_int_equal(sqlite3_open(store.path, &other), SQLITE_OK);
    assert_int_equal(sqlite3_exec(other, "CREATE TABLE t (x)", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);

    assert_int_equal(db_open(store.path, DB_OWNER, &db), ERR_CORRUPT);
    assert_contains(fail_message(), "another program");
    store_release(&store);
}

/* A database of some hundred pages. Returns its bytes. */
static struct text sample_database(struct store *store)
{
    struct text bytes = { 0 };

    store_open(store);
    int64_t id = store_trial(store, "alpha");
    assert_ok(db_begin(store->db));
    for (int i = 2; i < 3000; i++) {
        struct trial_row trial = sample_trial(id, i);
        assert_ok(trials_store(store->db, &trial));
    }
    assert_ok(db_commit(store->db));
    store_close(store);
    assert_ok(file_read(store->path, 64 << 20, &bytes));
    return bytes;
}

/* Opening these bytes as the owner fails as damaged, says what to do, and leaves them as they are. */
static void assert_refused(struct store *store, const void *bytes, size_t length)
{
    struct db *db;
    struct text after = { 0 };

    assert_ok(file_write(store->path, bytes, length, 0600));
    assert_int_equal(db_open(store->path, DB_OWNER, &db), ERR_CORRUPT);
    assert_contains(fail_message(), store->path);
    assert_contains(fail_message(), "hone backup");
    assert_contains(fail_message(), ".recover");
    assert_ok(file_read(store->path, 64 << 20, &after));
    assert_int_equal(after.length, length);
    assert_memory_equal(after.data, bytes, length);
    text_release(&after);
}

static void open__random_bytes__are_refused_and_left(void **state)
{
    (void)state;
    static const size_t lengths[] = { 2, 50, 512, 4096, 10000, 100000 };
    struct rng rng = rng_stream(1, 1, "db");
    struct store store;
    uint8_t *bytes = xmalloc(100000);
    store_init(&store);
    for (size_t i = 0; i < 100000; i++)
        bytes[i] = (uint8_t)rng_word(&rng);

    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++)
        assert_refused(&store, bytes, lengths[i]);
    free(bytes);
    store_release(&store);
}

static void open__truncated__is_refused_and_left(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    struct text bytes = sample_database(&store);

    assert_true(bytes.length > 40 * 4096);
    assert_refused(&store, bytes.data, 99);
    assert_refused(&store, bytes.data, 4096);
    assert_refused(&store, bytes.data, bytes.length / 2);
    assert_refused(&store, bytes.data, bytes.length - 4096);
    assert_refused(&store, bytes.data, bytes.length - 1);
    assert_refused(&store, bytes.data, bytes.length - 512);
    text_release(&bytes);
    store_release(&store);
}

static void open__a_flipped_page__is_refused_and_left(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    struct text bytes = sample_database(&store);

    for (size_t at = 0; at < bytes.length; at += 7 * 4096) {
        for (size_t i = 0; i < 4096; i++)
            bytes.data[at + i] = (char)~bytes.data[at + i];
        assert_refused(&store, bytes.data, bytes.length);
        for (size_t i = 0; i < 4096; i++)
            bytes.data[at + i] = (char)~bytes.data[at + i];
    }
    text_release(&bytes);
    store_release(&store);
}

static void open__read_only_directory__says_so(void **state)
{
    (void)state;
    struct store store;
    struct db *db = NULL;
    struct db_lock *lock = NULL;
    uid_t user = geteuid();
    store_init(&store);
    assert_int_equal(chmod(store.directory, 0500), 0);
    if (user == 0) { /* nothing is read-only for root */
        assert_int_equal(chown(store.directory, 65534, (gid_t)-1), 0);
        assert_int_equal(seteuid(65534), 0);
    }

    int locked = db_lock(store.path, &lock, NULL), opened = db_open(store.path, DB_OWNER, &db);
    if (user == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(locked, ERR_IO);
    assert_int_equal(opened, ERR_IO);
    assert_contains(fail_message(), "Permission denied");
    assert_int_equal(chmod(store.directory, 0700), 0);
    store_release(&store);
}

static void open__file_that_may_not_be_written__says_so(void **state)
{
    (void)state;
    struct store store;
    struct db *db = NULL;
    uid_t user = geteuid();
    store_init(&store);
    store_open(&store);
    store_close(&store);
    assert_int_equal(chmod(store.path, 0444), 0);
    if (user == 0) {
        assert_int_equal(chown(store.directory, 65534, (gid_t)-1), 0);
        assert_int_equal(seteuid(65534), 0);
    }

    int opened = db_open(store.path, DB_OWNER, &db);
    if (user == 0)
        assert_int_equal(seteuid(0), 0);
    assert_int_equal(opened, ERR_IO);
    assert_contains(fail_message(), "may not be written");
    store_release(&store);
}

static void commit__directory_gone__is_not_acknowledged(void **state)
{
    (void)state;
    struct store store;
    struct experiment_row row = sample_experiment("alpha");
    store_init(&store);
    store_open(&store);

    assert_ok(db_begin(store.db));
    assert_ok(experiments_insert(store.db, &row));
    assert_ok(file_remove_tree(store.directory));
    assert_int_equal(db_commit(store.db), ERR_CORRUPT);
    assert_contains(fail_message(), "removed or replaced");
    assert_int_equal(db_begin(store.db), ERR_CORRUPT);
    store_release(&store);
}

static void reader__beside_a_writer__never_waits_and_sees_what_is_committed(void **state)
{
    (void)state;
    struct store store;
    struct db *reader;
    struct experiment_row row = sample_experiment("beta"), *rows;
    size_t n;
    store_init(&store);
    store_open(&store);
    store_trial(&store, "alpha");
    assert_ok(db_open(store.path, DB_READER, &reader));
    store_execute(reader, "PRAGMA busy_timeout = 0"); /* to wait would be to fail */

    assert_ok(db_begin(store.db));
    assert_ok(experiments_insert(store.db, &row));
    assert_ok(experiments_list(reader, NULL, &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    store_execute(reader, "BEGIN; SELECT * FROM trials");
    assert_ok(db_commit(store.db)); /* nor does a reader stop the writer */
    assert_ok(experiments_list(reader, NULL, &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    store_execute(reader, "COMMIT");
    assert_ok(experiments_list(reader, NULL, &store.arena, &rows, &n));
    assert_int_equal(n, 2);
    row.name = "gamma";
    row.uid[15] = 1;
    assert_int_equal(experiments_insert(reader, &row), ERR_IO);
    assert_contains(fail_message(), "readonly");
    db_close(reader);
    store_release(&store);
}

static void savepoint__released_without_keeping__undoes_only_itself(void **state)
{
    (void)state;
    struct store store;
    store_init(&store);
    store_open(&store);
    int64_t id = store_trial(&store, "alpha");

    assert_ok(db_begin(store.db));
    for (int64_t number = 2; number <= 4; number++) {
        struct trial_row trial = sample_trial(id, number);
        assert_ok(db_savepoint(store.db));
        assert_ok(trials_store(store.db, &trial));
        assert_ok(db_release_savepoint(store.db, number != 3));
    }
    assert_ok(db_commit(store.db));
    assert_int_equal(store_number(store.db, "SELECT sum(number) FROM trials"), 1 + 2 + 4);
    store_release(&store);
}

static void backup__while_a_transaction_is_open__holds_what_was_committed(void **state)
{
    (void)state;
    struct store store;
    struct db *reader;
    struct experiment_row row = sample_experiment("beta"), *rows;
    size_t n;
    store_init(&store);
    store_open(&store);
    store_trial(&store, "alpha");
    char *target = file_join(store.directory, "copy.db");
    assert_ok(db_open(store.path, DB_READER, &reader));
    assert_ok(db_begin(store.db));
    assert_ok(experiments_insert(store.db, &row));

    assert_ok(db_backup(reader, target));
    assert_ok(db_commit(store.db));
    db_close(reader);
    assert_int_equal(mode_of(target), 0600);
    store_close(&store);
    free(store.path);
    store.path = target;
    store_open(&store);
    assert_ok(experiments_list(store.db, NULL, &store.arena, &rows, &n));
    assert_int_equal(n, 1);
    assert_string_equal(rows[0].name, "alpha");
    store_release(&store);
}

static void backup__existing_target__conflicts_and_is_left(void **state)
{
    (void)state;
    struct store store;
    struct text bytes = { 0 };
    store_init(&store);
    store_open(&store);
    char *target = file_join(store.directory, "precious");
    assert_ok(file_write(target, "mine", 4, 0600));

    assert_int_equal(db_backup(store.db, target), ERR_CONFLICT);
    assert_ok(file_read(target, 100, &bytes));
    assert_string_equal(text_string(&bytes), "mine");
    text_release(&bytes);
    free(target);
    target = file_join(store.directory, "no/such/directory");
    assert_int_equal(db_backup(store.db, target), ERR_IO);
    free(target);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lock__second_owner__is_told_the_pid_of_the_first),
        cmocka_unit_test(lock__owner_killed__is_free),
        cmocka_unit_test(lock__links_to_one_database__lead_to_one_lock),
        cmocka_unit_test(open__new_database__is_private_with_its_directory),
        cmocka_unit_test(open__owner__syncs_every_commit_and_checks_references),
        cmocka_unit_test(open__reader_of_nothing__is_not_found),
        cmocka_unit_test(open__newer_database__is_refused_by_both_versions_and_untouched),
        cmocka_unit_test(open__database_of_another_program__is_refused),
        cmocka_unit_test(open__random_bytes__are_refused_and_left),
        cmocka_unit_test(open__truncated__is_refused_and_left),
        cmocka_unit_test(open__a_flipped_page__is_refused_and_left),
        cmocka_unit_test(open__read_only_directory__says_so),
        cmocka_unit_test(open__file_that_may_not_be_written__says_so),
        cmocka_unit_test(commit__directory_gone__is_not_acknowledged),
        cmocka_unit_test(reader__beside_a_writer__never_waits_and_sees_what_is_committed),
        cmocka_unit_test(savepoint__released_without_keeping__undoes_only_itself),
        cmocka_unit_test(backup__while_a_transaction_is_open__holds_what_was_committed),
        cmocka_unit_test(backup__existing_target__conflicts_and_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
