/*
 * Lines, the journal of reports, and metrics files that change in every way a program can think of.
 */
#include "trialrunner/agent/follow.h"

#include <fcntl.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/rng.h"
#include "tests/test.h"
#include "trialrunner/agent/journal.h"
#include "trialrunner/agent/utf8.h"

/* --- lines --- */

struct seen {
    struct text all;
    int64_t last_end;
    size_t longest;
};

static void see(void *owner, const char *bytes, size_t length, int64_t start, int64_t end)
{
    struct seen *seen = owner;

    assert_true(start < end && (size_t)(end - start) >= length);
    text_printf(&seen->all, "[%.*s]", length < 20 ? (int)length : 20, bytes);
    seen->last_end = end;
    seen->longest = length > seen->longest ? length : seen->longest;
}

static void lines__however_they_are_cut__are_the_same(void **state)
{
    static const char text[] = "one\ntwo\r\n\n\nthree x\n\rfour";

    (void)state;
    for (size_t piece = 1; piece <= sizeof text; piece++) {
        struct lines lines = { 0 };
        struct seen seen = { 0 };

        for (size_t at = 0; at < sizeof text - 1; at += piece) {
            size_t n = sizeof text - 1 - at < piece ? sizeof text - 1 - at : piece;

            lines_feed(&lines, text + at, n, (int64_t)at, see, &seen);
        }
        assert_string_equal(seen.all.data, "[one][two][three x]");
        lines_finish(&lines, see, &seen);
        assert_string_equal(seen.all.data, "[one][two][three x][\rfour]");
        assert_int_equal(seen.last_end, sizeof text - 1);
        lines_release(&lines);
        text_release(&seen.all);
    }
}

static void lines__a_line_longer_than_the_limit__is_cut(void **state)
{
    struct lines lines = { 0 };
    struct seen seen = { 0 };
    char *piece = xmalloc(100000);
    int64_t offset = 0;

    (void)state;
    memset(piece, 'x', 100000);
    for (; offset < 5 * METRIC_LINE_LIMIT; offset += 100000)
        lines_feed(&lines, piece, 100000, offset, see, &seen);
    lines_feed(&lines, "\nshort\n", 7, offset, see, &seen);
    assert_string_equal(seen.all.data, "[xxxxxxxxxxxxxxxxxxxx][short]");
    assert_int_equal(seen.longest, METRIC_LINE_LIMIT);
    assert_true(lines.partial.capacity <= 4 * METRIC_LINE_LIMIT);
    lines_release(&lines);
    text_release(&seen.all);
    free(piece);
}

/* --- text for people --- */

static void utf8__any_bytes__become_text(void **state)
{
    struct text out = { 0 };

    (void)state;
    utf8_add(&out,
             "a\xff"
             "b\xc3\xa9\xc3\0c",
             8);
    assert_string_equal(out.data, "a\xEF\xBF\xBD"
                                  "b\xc3\xa9\xEF\xBF\xBD\xEF\xBF\xBD"
                                  "c");
    assert_true(text_is_utf8(out.data, out.length, &(size_t){ 0 }));
    text_release(&out);
}

static void utf8__a_tail__has_so_many_lines_and_bytes(void **state)
{
    struct text out = { 0 };

    (void)state;
    utf8_add_tail(&out, "1\n2\n3\n4\n\n", 9, 2, 100);
    assert_string_equal(out.data, "3\n4");
    text_clear(&out);
    utf8_add_tail(&out, "\xc3\xa9\xc3\xa9\xc3\xa9", 6, 20, 3); /* never half a character */
    assert_string_equal(out.data, "\xc3\xa9");
    text_clear(&out);
    utf8_add_tail(&out, "\n\n", 2, 20, 100);
    assert_string_equal(text_string(&out), "");
    text_release(&out);
}

/* --- the journal --- */

struct recalled {
    int64_t first, n, last;
};

static void recall(void *owner, int64_t sequence, const struct journal_entry *entry, const char *value)
{
    struct recalled *recalled = owner;

    if (recalled->n++ == 0)
        recalled->first = sequence;
    recalled->last = sequence;
    assert_int_equal(entry->time_us, sequence); /* as write_entries has made them */
    assert_int_equal(strtol(value, NULL, 10), sequence);
}

static void write_entries(struct journal *journal, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        char value[32];
        struct journal_entry entry = { .time_us = journal->sequence + 1, .metric = 0 };

        entry.length = (uint32_t)snprintf(value, sizeof value, "%lld;", (long long)journal->sequence + 1);
        assert_int_equal(journal_add(journal, &entry, value), entry.time_us);
        if (i % 100 == 99)
            assert_int_equal(journal_flush(journal), 0);
    }
    assert_int_equal(journal_flush(journal), 0);
}

static void journal__opened_again__goes_on_where_it_was(void **state)
{
    char *directory = test_directory(), *path = file_join(directory, "main.reports");
    struct recalled recalled = { 0 };
    struct journal journal;

    (void)state;
    assert_int_equal(journal_open(&journal, path, recall, &recalled), 0);
    assert_int_equal(recalled.n, 0);
    write_entries(&journal, 250);
    journal_close(&journal);
    assert_int_equal(journal_open(&journal, path, recall, &recalled), 0);
    assert_int_equal(recalled.n, 250);
    assert_int_equal(recalled.last, 250);
    write_entries(&journal, 1);
    assert_int_equal(journal.sequence, 251);
    journal_close(&journal);
    file_remove_tree(directory);
    free(path);
    free(directory);
}

static void journal__torn_anywhere__keeps_all_whole_entries(void **state)
{
    char *directory = test_directory(), *path = file_join(directory, "main.reports");
    const off_t header = 16, entry = sizeof(struct journal_entry) + 2;
    struct journal journal;
    struct stat about;

    (void)state;
    assert_int_equal(journal_open(&journal, path, recall, &(struct recalled){ 0 }), 0);
    write_entries(&journal, 3);
    journal_close(&journal);
    assert_int_equal(stat(path, &about), 0);
    for (off_t size = about.st_size - 1; size >= 0; size--) {
        struct recalled recalled = { 0 };

        assert_int_equal(truncate(path, size), 0);
        assert_int_equal(journal_open(&journal, path, recall, &recalled), 0);
        assert_int_equal(recalled.n, size < header ? 0 : (size - header) / entry);
        write_entries(&journal, 1); /* behind the last whole one, not behind the torn one */
        journal_close(&journal);
        recalled = (struct recalled){ 0 };
        assert_int_equal(journal_open(&journal, path, recall, &recalled), 0);
        assert_int_equal(recalled.last, recalled.n);
        journal_close(&journal);
    }
    file_remove_tree(directory);
    free(path);
    free(directory);
}

static void journal__that_grows_without_end__stays_small_and_keeps_the_last(void **state)
{
    enum { N = 200000 };
    char *directory = test_directory(), *path = file_join(directory, "main.reports");
    struct recalled recalled = { 0 };
    struct journal journal;
    struct stat about;

    (void)state;
    assert_int_equal(journal_open(&journal, path, recall, &recalled), 0);
    write_entries(&journal, N);
    journal_close(&journal);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size <= JOURNAL_SIZE_LIMIT + 100000);
    assert_int_equal(journal_open(&journal, path, recall, &recalled), 0);
    assert_int_equal(recalled.last, N);
    assert_true(recalled.n >= JOURNAL_KEEP);
    assert_int_equal(recalled.first, N - recalled.n + 1);
    journal_close(&journal);
    file_remove_tree(directory);
    free(path);
    free(directory);
}

/* --- metrics files --- */

struct fixture {
    char *directory, *path, *journal;
    const char *metrics[1], *filters[1];
    struct metrics_query query;
    struct spool spool;
    struct stream stream;
    struct follow follow;
    int inotify;
};

static void open_stream(struct fixture *fixture)
{
    assert_int_equal(stream_open(&fixture->stream, 0, &fixture->query, &metrics_format_text, true, fixture->journal,
                                 &fixture->spool),
                     0);
    follow_open(&fixture->follow, fixture->path, &fixture->stream,
                fixture->stream.n_lines > 0 ? fixture->stream.end : 0, fixture->inotify);
}

static void fixture_open(struct fixture *fixture)
{
    *fixture = (struct fixture){ .directory = test_directory(), .metrics = { "loss" } };
    fixture->filters[0] = default_metrics_filter;
    fixture->query = (struct metrics_query){ 1, fixture->metrics, 1, fixture->filters };
    fixture->path = file_join(fixture->directory, "metrics");
    fixture->journal = file_join(fixture->directory, "main.reports");
    fixture->inotify = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    open_stream(fixture);
}

static void close_stream(struct fixture *fixture)
{
    follow_close(&fixture->follow, fixture->inotify);
    stream_close(&fixture->stream);
    spool_release(&fixture->spool);
}

static void fixture_close(struct fixture *fixture)
{
    close_stream(fixture);
    close(fixture->inotify);
    file_remove_tree(fixture->directory);
    free(fixture->path);
    free(fixture->journal);
    free(fixture->directory);
}

static void put(struct fixture *fixture, int flags, const char *content, size_t length)
{
    int fd = open(fixture->path, O_WRONLY | O_CREAT | flags, 0600);

    assert_true(fd >= 0);
    assert_int_equal(write(fd, content, length), length);
    close(fd);
}

static void look(struct fixture *fixture)
{
    do
        follow_read(&fixture->follow, fixture->inotify);
    while (fixture->follow.is_dirty);
    assert_int_equal(journal_flush(&fixture->stream.journal), 0);
}

/* All reported values so far, in order: "1 2 3". */
static void assert_reported(struct fixture *fixture, const char *values)
{
    struct text out = { 0 };

    look(fixture);
    for (size_t i = 0; i < fixture->spool.n; i++)
        text_printf(&out, "%s%s", i > 0 ? " " : "", spool_at(&fixture->spool, i)->value);
    assert_string_equal(text_string(&out), values);
    text_release(&out);
}

static void write_new(struct fixture *fixture, const char *content)
{
    put(fixture, O_TRUNC, content, strlen(content));
}

static void append(struct fixture *fixture, const char *content)
{
    put(fixture, O_APPEND, content, strlen(content));
}

static void follow__a_file_that_grows__is_read_on(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture);
    assert_reported(&fixture, "");
    append(&fixture, "loss=1\nnothing\nlo");
    assert_reported(&fixture, "1");
    append(&fixture, "ss=2\nloss=3");
    assert_reported(&fixture, "1 2");
    follow_finish(&fixture.follow, fixture.inotify);
    assert_reported(&fixture, "1 2 3");
    fixture_close(&fixture);
}

static void follow__a_file_written_anew_and_seen_half_way__counts_each_once(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture);
    write_new(&fixture, "loss=1\nloss=2\nloss=3\n");
    assert_reported(&fixture, "1 2 3");
    write_new(&fixture, "");
    assert_reported(&fixture, "1 2 3");
    append(&fixture, "loss=2\nlos");
    assert_reported(&fixture, "1 2 3");
    append(&fixture, "s=3\nloss=4\n");
    assert_reported(&fixture, "1 2 3 4");
    append(&fixture, "loss=5\n");
    assert_reported(&fixture, "1 2 3 4 5");
    fixture_close(&fixture);
}

static void follow__a_window_that_slides_by_lines_of_one_length__is_noticed(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture);
    write_new(&fixture, "loss=11\nloss=12\nloss=13\n");
    assert_reported(&fixture, "11 12 13");
    write_new(&fixture, "loss=12\nloss=13\nloss=14\n"); /* the same size */
    assert_reported(&fixture, "11 12 13 14");
    write_new(&fixture, "loss=15\nloss=16\nloss=17\n");
    assert_reported(&fixture, "11 12 13 14 15 16 17");
    fixture_close(&fixture);
}

static void follow__values_that_repeat__are_neither_lost_nor_doubled(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture);
    write_new(&fixture, "loss=1\nloss=1\nloss=1\n");
    assert_reported(&fixture, "1 1 1");
    write_new(&fixture, "loss=1\n"); /* half way */
    assert_reported(&fixture, "1 1 1");
    append(&fixture, "loss=1\nloss=1\nloss=1\n");
    assert_reported(&fixture, "1 1 1 1");
    fixture_close(&fixture);
}

static void follow__a_file_that_is_replaced__is_read_to_its_end_first(void **state)
{
    struct fixture fixture;
    char *aside;

    (void)state;
    fixture_open(&fixture);
    aside = file_join(fixture.directory, "aside");
    append(&fixture, "loss=1\n");
    assert_reported(&fixture, "1");
    append(&fixture, "loss=2\n"); /* not seen before it is moved */
    assert_int_equal(rename(fixture.path, aside), 0);
    assert_int_equal(file_write(fixture.path, "loss=3\n", 7, 0600), 0);
    assert_reported(&fixture, "1 2 3");
    free(aside);
    fixture_close(&fixture);
}

static void follow__by_another_agent__goes_on_where_the_first_was(void **state)
{
    struct fixture fixture;

    (void)state;
    fixture_open(&fixture);
    write_new(&fixture, "loss=1\nloss=2\n");
    assert_reported(&fixture, "1 2");
    close_stream(&fixture);
    write_new(&fixture, "loss=2\nloss=3\n"); /* while nobody looked */
    open_stream(&fixture);
    assert_reported(&fixture, "1 2 3");
    close_stream(&fixture);
    append(&fixture, "loss=4\n");
    open_stream(&fixture);
    assert_reported(&fixture, "1 2 3 4");
    fixture_close(&fixture);
}

/* A program that keeps the last lines of what it reports in a file that it truncates and writes in pieces, with a reader that looks at
   random moments and is replaced at random moments. As long as no look misses a whole window, every report counts once. */
static void follow__at_random_moments__counts_each_report_once(void **state)
{
    enum { N = 600, WINDOW = 40 };

    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct rng rng = rng_stream(seed, 0, "follow");
        struct fixture fixture;
        int last_look = 0;

        fixture_open(&fixture);
        for (int i = 1; i <= N; i++) {
            struct text content = { 0 };
            size_t cut;

            for (int k = i > WINDOW ? i - WINDOW + 1 : 1; k <= i; k++)
                text_printf(&content, "step=%d loss=%d\n%s", k, k, k % 3 == 0 ? "nothing\n" : "");
            cut = rng_below(&rng, content.length + 1);
            put(&fixture, O_TRUNC, content.data, cut);
            if (rng_below(&rng, 3) == 0)
                look(&fixture);
            if (rng_below(&rng, 20) == 0) {
                close_stream(&fixture);
                open_stream(&fixture);
            }
            put(&fixture, O_APPEND, content.data + cut, content.length - cut);
            if (i == N || i - last_look > WINDOW / 2 || rng_below(&rng, 3) == 0) {
                look(&fixture);
                last_look = i;
            }
            text_release(&content);
        }
        assert_int_equal(fixture.spool.n, N);
        for (size_t i = 0; i < N; i++) {
            assert_int_equal(spool_at(&fixture.spool, i)->sequence, i + 1);
            assert_int_equal(spool_at(&fixture.spool, i)->step, i + 1);
        }
        fixture_close(&fixture);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines__however_they_are_cut__are_the_same),
        cmocka_unit_test(lines__a_line_longer_than_the_limit__is_cut),
        cmocka_unit_test(utf8__any_bytes__become_text),
        cmocka_unit_test(utf8__a_tail__has_so_many_lines_and_bytes),
        cmocka_unit_test(journal__opened_again__goes_on_where_it_was),
        cmocka_unit_test(journal__torn_anywhere__keeps_all_whole_entries),
        cmocka_unit_test(journal__that_grows_without_end__stays_small_and_keeps_the_last),
        cmocka_unit_test(follow__a_file_that_grows__is_read_on),
        cmocka_unit_test(follow__a_file_written_anew_and_seen_half_way__counts_each_once),
        cmocka_unit_test(follow__a_window_that_slides_by_lines_of_one_length__is_noticed),
        cmocka_unit_test(follow__values_that_repeat__are_neither_lost_nor_doubled),
        cmocka_unit_test(follow__a_file_that_is_replaced__is_read_to_its_end_first),
        cmocka_unit_test(follow__by_another_agent__goes_on_where_the_first_was),
        cmocka_unit_test(follow__at_random_moments__counts_each_report_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
