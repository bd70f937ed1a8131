/* kill -9 of a writing process at random points: what it was told is stored is there, and nothing is there by half. */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "db/writer.h"
#include "tests/db/fixture.h"
#include "tests/db/workload.h"

enum { N_ROUNDS = 40, N_AHEAD = 8 };

struct note {
    struct write write;
    int64_t experiment_id, number;
    int acknowledged; /* pipe */
};

static int run_note(struct db *db, struct write *write)
{
    struct note *note = (struct note *)write;
    const struct step step = { .trial = note->number, .began_us = START_US, .now_us = START_US + note->number };

    return workload_store(db, note->experiment_id, &step);
}

static bool tell(int descriptor, int64_t number)
{
    return write(descriptor, &number, sizeof number) == sizeof number;
}

static void note_done(struct write *write)
{
    struct note *note = (struct note *)write;

    if (write->status < 0 || !tell(note->acknowledged, note->number))
        _exit(1);
    free(note);
}

/* The child: open, go on after what is there, keep some writes ahead, tell of each that is stored; without end. */
static void write_until_killed(const char *path, int acknowledged)
{
    struct db_lock *lock;
    struct db *db;
    struct arena arena = { 0 };
    struct experiment_row experiment = sample_experiment("alpha");
    struct trial_row *trials;
    size_t n_trials = 0;

    if (db_lock(path, &lock, NULL) < 0 || db_open(path, DB_OWNER, &db) < 0)
        _exit(1);
    if (experiments_find(db, "default", "alpha", 0, &arena, &experiment) < 0 && experiments_insert(db, &experiment) < 0)
        _exit(1);
    if (trials_load(db, experiment.id, &arena, &trials, &n_trials) < 0)
        _exit(1);
    struct writer *writer = writer_create(db);
    for (int64_t number = (int64_t)n_trials + 1, n_waiting = 0;;) {
        struct pollfd wait = { .fd = writer_descriptor(writer), .events = POLLIN };
        for (; n_waiting < N_AHEAD; n_waiting++, number++) {
            struct note *note = xcalloc(1, sizeof *note);
            *note = (struct note){ { .run = run_note, .done = note_done }, experiment.id, number, acknowledged };
            writer_queue(writer, &note->write);
        }
        poll(&wait, 1, -1);
        for (struct write *write = writer_completed(writer), *next; write != NULL; write = next, n_waiting--) {
            next = write->next;
            write->done(write);
        }
    }
}

/* Start the child, kill it after it has acknowledged n. Returns the last number that it acknowledged; 0: none. */
static int64_t write_and_kill(const char *path, uint64_t n)
{
    int ends[2], status;
    int64_t last = 0, number;

    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        write_until_killed(path, ends[1]);
    }
    close(ends[1]);
    for (uint64_t i = 0; i < n && read(ends[0], &number, sizeof number) == sizeof number; i++)
        last = number;
    kill(child, SIGKILL);
    while (read(ends[0], &number, sizeof number) == sizeof number)
        last = number;
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status)); /* it did not give up by itself */
    return last;
}

static void store__writer_killed_at_random_points__has_all_that_was_acknowledged(void **state)
{
    (void)state;
    struct store store;
    struct rng rng = rng_stream(3, 0, "crash");
    int64_t acknowledged = 0;
    store_init(&store);

    for (int round = 0; round < N_ROUNDS; round++) {
        int64_t last = write_and_kill(store.path, rng_below(&rng, 50));
        acknowledged = last > acknowledged ? last : acknowledged;

        store_open(&store); /* the lock is free, quick_check passes */
        int64_t n = store_number(store.db, "SELECT count(*) FROM trials");
        assert_true(n >= acknowledged);
        assert_int_equal(store_number(store.db, "SELECT ifnull(max(number), 0) FROM trials"), n);
        assert_int_equal(store_number(store.db, "SELECT count(*) FROM attempts"), n);
        assert_int_equal(store_number(store.db, "SELECT count(*) FROM events"), 2 * n);
        store_close(&store);
    }
    assert_true(acknowledged > N_ROUNDS);
    store_release(&store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(store__writer_killed_at_random_points__has_all_that_was_acknowledged),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
