#include "tests/db/fixture.h"

#include <poll.h>
#include <semaphore.h>

#include "db/writer.h"
#include "tests/db/vfs.h"

enum deed { STORE, STORE_AND_FAIL, WAIT, LOSE_TRANSACTION };

struct note {
    struct write write;
    enum deed deed;
    int64_t experiment_id, number;
    sem_t *entered, *gate;
    int *n_done;
};

static int64_t last_run; /* number of the note that ran last; only the writer's thread touches it while it runs */

static int run_note(struct db *db, struct write *write)
{
    struct note *note = (struct note *)write;
    const struct trial_row trial = sample_trial(note->experiment_id, note->number);

    if (note->deed == WAIT) {
        sem_post(note->entered);
        return sem_wait(note->gate);
    }
    if (note->deed == LOSE_TRANSACTION) {
        db_rollback(db);
        return 0;
    }
    if (note->number < last_run)
        return ERR_INVALID; /* out of order: never */
    last_run = note->number;
    TRY(trials_store(db, &trial));
    return note->deed == STORE_AND_FAIL ? trials_store(db, &(struct trial_row){ .experiment_id = 77, .number = 1 }) : 0;
}

static void note_done(struct write *write)
{
    struct note *note = (struct note *)write;

    (*note->n_done)++;
    free(note);
}

struct bench {
    struct store store;
    struct writer *writer;
    int64_t experiment_id;
    sem_t entered, gate; /* the writer waits inside a write; it may go on */
    int n_done;
};

static void bench_open(struct bench *bench)
{
    memset(bench, 0, sizeof *bench);
    last_run = 0;
    disk_install();
    store_init(&bench->store);
    store_open(&bench->store);
    bench->experiment_id = store_trial(&bench->store, "alpha");
    sem_init(&bench->entered, 0, 0);
    sem_init(&bench->gate, 0, 0);
    bench->writer = writer_create(bench->store.db);
    bench->store.db = NULL;
}

static void bench_release(struct bench *bench)
{
    writer_destroy(bench->writer);
    sem_destroy(&bench->gate);
    sem_destroy(&bench->entered);
    store_release(&bench->store);
}

static void queue(struct bench *bench, enum deed deed, int64_t number)
{
    struct note *note = xcalloc(1, sizeof *note);

    *note = (struct note){ .write = { .run = run_note, .done = note_done },
                           .deed = deed,
                           .experiment_id = bench->experiment_id,
                           .number = number,
                           .entered = &bench->entered,
                           .gate = &bench->gate,
                           .n_done = &bench->n_done };
    writer_queue(bench->writer, &note->write);
}

/* The next n completed writes, in order; release them by forget(). */
static struct note **take(struct bench *bench, size_t n)
{
    struct note **notes = xcalloc(n, sizeof(struct note *));
    struct pollfd wait = { .fd = writer_descriptor(bench->writer), .events = POLLIN };

    for (size_t i = 0; i < n;) {
        assert_int_equal(poll(&wait, 1, 60000), 1);
        for (struct write *write = writer_completed(bench->writer); write != NULL; write = write->next) {
            assert_true(i < n);
            notes[i++] = (struct note *)write;
        }
    }
    assert_int_equal(poll(&wait, 1, 0), 0);
    return notes;
}

static void forget(struct note **notes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        notes[i]->write.done(&notes[i]->write);
    free(notes);
}

/* Until bench->gate is posted the writer is busy: what is queued meanwhile becomes one batch. */
static void close_gate(struct bench *bench)
{
    queue(bench, WAIT, 0);
    while (sem_wait(&bench->entered) != 0)
        continue;
}

/* All of it in one batch, numbered from 2. */
static struct note **together(struct bench *bench, const enum deed *deeds, size_t n)
{
    close_gate(bench);
    for (size_t i = 0; i < n; i++)
        queue(bench, deeds[i], (int64_t)i + 2);
    sem_post(&bench->gate);
    struct note **notes = take(bench, n + 1);
    notes[0]->write.done(&notes[0]->write);
    memmove(notes, notes + 1, n * sizeof(struct note *));
    return notes;
}

static int64_t stored(struct bench *bench, const char *sql)
{
    struct db *reader;

    assert_ok(db_open(bench->store.path, DB_READER, &reader));
    int64_t number = store_number(reader, sql);
    db_close(reader);
    return number;
}

static void writer__queued_writes__share_one_sync(void **state)
{
    (void)state;
    enum { N = 100 };
    struct bench bench;
    bench_open(&bench);

    int before = disk.n_log_syncs;
    queue(&bench, STORE, 2);
    forget(take(&bench, 1), 1);
    int one = disk.n_log_syncs - before;
    assert_true(one > 0);

    close_gate(&bench);
    for (int64_t i = 0; i < N; i++)
        queue(&bench, STORE, 3 + i);
    before = disk.n_log_syncs;
    sem_post(&bench.gate);
    forget(take(&bench, N + 1), N + 1);
    assert_int_equal(disk.n_log_syncs - before, one);
    assert_int_equal(stored(&bench, "SELECT count(*) FROM trials"), N + 2);
    bench_release(&bench);
}

static void writer__writes__run_and_come_back_in_order(void **state)
{
    (void)state;
    enum { N = 500 };
    struct bench bench;
    bench_open(&bench);

    for (int64_t i = 0; i < N; i++)
        queue(&bench, STORE, 2 + i);
    struct note **notes = take(&bench, N);
    for (int64_t i = 0; i < N; i++) {
        assert_int_equal(notes[i]->number, 2 + i);
        assert_int_equal(notes[i]->write.status, 0);
        assert_string_equal(notes[i]->write.message, "");
    }
    forget(notes, N);
    bench_release(&bench);
}

static void writer__a_failing_write__is_undone_alone(void **state)
{
    (void)state;
    static const enum deed deeds[] = { STORE, STORE_AND_FAIL, STORE };
    struct bench bench;
    bench_open(&bench);

    struct note **notes = together(&bench, deeds, 3);
    assert_int_equal(notes[0]->write.status, 0);
    assert_int_equal(notes[1]->write.status, ERR_NOT_FOUND);
    assert_contains(notes[1]->write.message, "not there");
    assert_int_equal(notes[2]->write.status, 0);
    forget(notes, 3);
    assert_int_equal(stored(&bench, "SELECT sum(number) FROM trials"), 1 + 2 + 4);
    bench_release(&bench);
}

static void writer__a_failing_commit__fails_all_of_its_writes(void **state)
{
    (void)state;
    static const enum deed deeds[] = { STORE, STORE_AND_FAIL, STORE, STORE, STORE };
    struct bench bench;
    bench_open(&bench);

    disk_arm(FULL_DISK, 0);
    struct note **notes = together(&bench, deeds, 5);
    disk_arm(NO_FAULT, 0);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(notes[i]->write.status, i == 1 ? ERR_NOT_FOUND : ERR_IO);
        assert_contains(notes[i]->write.message, i == 1 ? "not there" : "full");
    }
    forget(notes, 5);
    assert_int_equal(stored(&bench, "SELECT count(*) FROM trials"), 1);

    last_run = 0;
    queue(&bench, STORE, 2); /* and goes on once there is room */
    notes = take(&bench, 1);
    assert_int_equal(notes[0]->write.status, 0);
    forget(notes, 1);
    assert_int_equal(stored(&bench, "SELECT count(*) FROM trials"), 2);
    bench_release(&bench);
}

static void writer__a_transaction_lost_half_way__stores_none_of_it(void **state)
{
    (void)state;
    static const enum deed deeds[] = { STORE, LOSE_TRANSACTION, STORE };
    struct bench bench;
    bench_open(&bench);

    struct note **notes = together(&bench, deeds, 3);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(notes[i]->write.status, ERR_IO);
        assert_contains(notes[i]->write.message, "ended its transaction");
    }
    assert_int_equal(stored(&bench, "SELECT count(*) FROM trials"), 1);
    forget(notes, 3);
    bench_release(&bench);
}

static void writer__database_removed__fails_its_writes(void **state)
{
    (void)state;
    struct bench bench;
    bench_open(&bench);
    assert_ok(file_remove_tree(bench.store.directory));

    queue(&bench, STORE, 2);
    struct note **notes = take(&bench, 1);
    assert_int_equal(notes[0]->write.status, ERR_CORRUPT);
    assert_contains(notes[0]->write.message, "removed");
    forget(notes, 1);
    bench_release(&bench);
}

static void writer__destroyed__has_stored_and_dropped_all_that_was_queued(void **state)
{
    (void)state;
    enum { N = 50 };
    struct bench bench;
    bench_open(&bench);

    for (int64_t i = 0; i < N; i++)
        queue(&bench, STORE, 2 + i);
    writer_destroy(bench.writer);
    bench.writer = NULL;
    assert_int_equal(bench.n_done, N);
    assert_int_equal(stored(&bench, "SELECT count(*) FROM trials"), N + 1);
    bench_release(&bench);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writer__queued_writes__share_one_sync),
        cmocka_unit_test(writer__writes__run_and_come_back_in_order),
        cmocka_unit_test(writer__a_failing_write__is_undone_alone),
        cmocka_unit_test(writer__a_failing_commit__fails_all_of_its_writes),
        cmocka_unit_test(writer__a_transaction_lost_half_way__stores_none_of_it),
        cmocka_unit_test(writer__database_removed__fails_its_writes),
        cmocka_unit_test(writer__destroyed__has_stored_and_dropped_all_that_was_queued),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
