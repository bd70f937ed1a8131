/*
 * Event files: what TensorFlow's own messages hold, damage of every kind, and directories of files that grow.
 */
#include <math.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "tests/test.h"
#include "trialrunner/agent/event_files.h"
#include "trialrunner/collectors/event.h"

static const char golden[] = "tests/trialrunner/golden/scalars.tfevents"; /* make_events.py beside it */

static struct text read_golden(void)
{
    struct text bytes = { 0 };

    assert_int_equal(file_read(golden, 1 << 20, &bytes), 0);
    return bytes;
}

/* --- records --- */

static void print(void *owner, const struct scalar *scalar)
{
    text_printf(owner, "%lld %.*s=%.*g at %.2f\n", (long long)scalar->step, (int)scalar->tag_length, scalar->tag,
                scalar->is_single ? 9 : 17, scalar->value, scalar->wall_s);
}

/* All records of a file; the number of those that were whole. */
static int read_records(const struct text *file, struct text *out)
{
    const unsigned char *at = (const unsigned char *)file->data, *end = at + file->length;
    uint64_t length;
    int n = 0;

    while (end - at >= EVENT_HEADER_SIZE && event_header_read(at, &length) &&
           length + EVENT_HEADER_SIZE + EVENT_TRAILER_SIZE <= (uint64_t)(end - at)) {
        at += EVENT_HEADER_SIZE;
        if (event_is_whole(at, length, at + length) && event_read(at, length, print, out))
            n++;
        at += length + EVENT_TRAILER_SIZE;
    }
    return n;
}

static void events__of_tensorflows_own_messages__give_every_scalar(void **state)
{
    struct text file = read_golden(), out = { 0 };

    (void)state;
    assert_int_equal(read_records(&file, &out), 10);
    assert_string_equal(text_string(&out), "1 loss=0.5 at 1700000001.25\n"
                                           "1 accuracy=0.100000001 at 1700000001.25\n"
                                           "2 accuracy=0.25 at 1700000002.00\n"
                                           "3 accuracy=0.375 at 1700000003.00\n"
                                           "4 accuracy=0.10000000000000001 at 1700000004.00\n"
                                           "5 accuracy=1e-300 at 1700000005.00\n"
                                           "6 accuracy=-7 at 1700000006.00\n"
                                           "7 accuracy=1099511627776 at 1700000007.00\n"
                                           "9 loss=nan at 1700000009.00\n");
    text_release(&out);
    text_release(&file);
}

/* Every byte of the file flipped in turn: a damaged record is never believed. */
static void events__with_any_byte_changed__lose_that_record_or_what_follows(void **state)
{
    struct text file = read_golden();

    (void)state;
    for (size_t i = 0; i < file.length; i++) {
        struct text out = { 0 };

        file.data[i] = (char)(file.data[i] ^ 0x10);
        assert_true(read_records(&file, &out) < 10);
        file.data[i] = (char)(file.data[i] ^ 0x10);
        text_release(&out);
    }
    text_release(&file);
}

/* A record that has its checksum may still be anything. */
static void events__of_arbitrary_bytes__are_read_within_bounds(void **state)
{
    struct text file = read_golden(), out = { 0 };

    (void)state;
    for (size_t i = 0; i < file.length; i++)
        for (size_t n = 1; n < 40 && i + n <= file.length; n++) {
            unsigned char *copy = xmalloc(n); /* so that a sanitizer sees its end */

            memcpy(copy, file.data + i, n);
            event_read(copy, n, print, &out);
            free(copy);
        }
    text_release(&out);
    text_release(&file);
}

/* --- directories --- */

struct world {
    char *directory;
    struct spool spool;
    struct stream stream;
    struct event_files *files;
};

static const char *const metrics[] = { "accuracy", "train/loss" };
static const struct metrics_query query = { .n_metrics = 2, .metrics = metrics };

static void open_world(struct world *world, const char *directory)
{
    char *journal = file_join(directory, "reports");

    *world = (struct world){ .directory = xstrdup(directory) };
    assert_int_equal(stream_open(&world->stream, 0, &query, &metrics_format_json, true, journal, &world->spool), 0);
    free(journal);
    world->files = event_files_open(directory, &world->stream);
}

static void close_world(struct world *world)
{
    event_files_close(world->files);
    stream_close(&world->stream);
    spool_release(&world->spool);
    free(world->directory);
}

static int64_t n_reports(const struct world *world)
{
    return world->stream.counts[0] + world->stream.counts[1];
}

static void write_part(const char *directory, const char *name, const struct text *file, size_t n)
{
    char *path = file_join(directory, name);
    FILE *out = fopen(path, "wb");

    assert_non_null(out);
    assert_int_equal(fwrite(file->data, 1, n, out), n);
    fclose(out);
    free(path);
}

static char *make_directory(void)
{
    char template[] = "/tmp/hone-events-XXXXXX";
    char *directory = xstrdup(mkdtemp(template)), *train = file_join(directory, "train");

    mkdir(train, 0700);
    free(train);
    return directory;
}

static void event_files__that_grow__are_reported_once_and_by_their_directory(void **state)
{
    struct text file = read_golden();
    char *directory = make_directory();
    struct world world;

    (void)state;
    open_world(&world, directory);
    assert_true(event_files_read(world.files));
    assert_int_equal(n_reports(&world), 0);
    for (size_t n = 0; n <= file.length; n++) { /* a torn record waits for its end */
        write_part(directory, "events.out.tfevents.1", &file, n);
        assert_true(event_files_read(world.files));
    }
    assert_int_equal(world.stream.counts[0], 7);
    assert_int_equal(world.stream.counts[1], 0); /* its loss is not of train */
    write_part(directory, "train/events.out.tfevents.2", &file, file.length);
    write_part(directory, "train/notes.txt", &file, file.length);
    assert_true(event_files_read(world.files));
    assert_int_equal(world.stream.counts[0], 14);
    assert_int_equal(world.stream.counts[1], 2);
    close_world(&world);
    file_remove_tree(directory);
    free(directory);
    text_release(&file);
}

static void event_files__read_by_a_second_agent__are_not_reported_again(void **state)
{
    struct text file = read_golden();
    char *directory = make_directory();
    struct world world;

    (void)state;
    open_world(&world, directory);
    write_part(directory, "a.tfevents", &file, file.length / 2);
    event_files_read(world.files);
    assert_true(n_reports(&world) > 0 && n_reports(&world) < 7);
    journal_flush(&world.stream.journal);
    close_world(&world);
    open_world(&world, directory);
    write_part(directory, "a.tfevents", &file, file.length);
    event_files_read(world.files);
    assert_int_equal(n_reports(&world), 7);
    close_world(&world);
    file_remove_tree(directory);
    free(directory);
    text_release(&file);
}

static void event_files__that_are_damaged__give_the_rest(void **state)
{
    struct text file = read_golden();
    char *directory = make_directory();
    struct world world;

    (void)state;
    file.data[file.length / 2] = (char)~file.data[file.length / 2];
    open_world(&world, directory);
    write_part(directory, "a.tfevents", &file, file.length);
    for (int i = 0; i < 3; i++)
        assert_true(event_files_read(world.files));
    assert_true(n_reports(&world) > 0 && n_reports(&world) < 7);
    close_world(&world);
    file_remove_tree(directory);
    free(directory);
    text_release(&file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events__of_tensorflows_own_messages__give_every_scalar),
        cmocka_unit_test(events__with_any_byte_changed__lose_that_record_or_what_follows),
        cmocka_unit_test(events__of_arbitrary_bytes__are_read_within_bounds),
        cmocka_unit_test(event_files__that_grow__are_reported_once_and_by_their_directory),
        cmocka_unit_test(event_files__read_by_a_second_agent__are_not_reported_again),
        cmocka_unit_test(event_files__that_are_damaged__give_the_rest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
