/*
 * base/log: one whole line an event.
 */
#include "tests/test.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"

/* Everything that action writes to stderr; the caller frees it. */
static char *stderr_of(void (*action)(void))
{
    FILE *file = tmpfile();
    int saved = dup(STDERR_FILENO);
    char *text = calloc(1, 1 << 16);

    assert_true(file != NULL && saved >= 0);
    dup2(fileno(file), STDERR_FILENO);
    action();
    dup2(saved, STDERR_FILENO);
    close(saved);
    rewind(file);
    text[fread(text, 1, (1 << 16) - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void log_each_level(void)
{
    log_debug("a", "%d", 1);
    log_info("b", "%d", 2);
    log_warning("c", "%d", 3);
    log_error("d", "%d", 4);
}

static void log_line__below_the_level__is_not_written(void **state)
{
    char *lines = stderr_of(log_each_level);

    (void)state;
    assert_null(strstr(lines, " info "));
    assert_contains(lines, " warning c 3\n");
    assert_contains(lines, " error d 4\n");
    free(lines);
    log_set_level(LOG_DEBUG);
    lines = stderr_of(log_each_level);
    assert_contains(lines, " debug a 1\n");
    free(lines);
}

static void log_hostile(void)
{
    log_error("trial.end", "line=%s", "a\nb\x1b[2Jc");
}

static void log_line__line_breaks_and_escapes__cannot_forge_an_event(void **state)
{
    char *line = stderr_of(log_hostile), *end;
    int64_t us;

    (void)state;
    assert_contains(line, " error trial.end line=a b [2Jc\n");
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    end = strchr(line, ' ');
    *end = '\0';
    assert_true(clock_parse(line, &us));
    free(line);
}

static void log_huge(void)
{
    char huge[20000];

    memset(huge, 'x', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    log_error("huge", "text=%s", huge);
}

static void log_line__huge_event__is_cut_and_still_ends(void **state)
{
    char *line = stderr_of(log_huge);

    (void)state;
    assert_in_range(strlen(line), 4000, 4096);
    assert_int_equal(line[strlen(line) - 1], '\n');
    assert_contains(line, "xxx\n");
    free(line);
}

static void log_as_json(void)
{
    log_set_format(LOG_JSON);
    log_error("trial.end", "trial=a-b attempt=2: it said \"no\"\nand \xff");
    log_error("plain", "just words=none");
    log_huge();
    log_set_format(LOG_TEXT);
}

static void log_line__as_json__is_one_object_with_the_events_fields(void **state)
{
    char *lines = stderr_of(log_as_json), *at = lines;
    struct arena arena = { 0 };
    struct node *root;

    (void)state;
    for (int i = 0; i < 3; i++) {
        char *end = strchr(at, '\n');

        assert_non_null(end);
        assert_int_equal(json_read(at, (size_t)(end - at), &arena, &root), 0);
        assert_in_range(end - at, 1, 4096);
        if (i == 0) {
            assert_string_equal(node_get(root, "event")->text, "trial.end");
            assert_string_equal(node_get(root, "trial")->text, "a-b");
            assert_string_equal(node_get(root, "attempt")->text, "2");
            assert_string_equal(node_get(root, "message")->text, "it said \"no\" and \xEF\xBF\xBD");
        } else if (i == 1) {
            assert_string_equal(node_get(root, "message")->text, "just words=none");
        }
        at = end + 1;
    }
    assert_int_equal(*at, '\0');
    arena_release(&arena);
    free(lines);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(log_line__below_the_level__is_not_written),
        cmocka_unit_test(log_line__line_breaks_and_escapes__cannot_forge_an_event),
        cmocka_unit_test(log_line__as_json__is_one_object_with_the_events_fields),
        cmocka_unit_test(log_line__huge_event__is_cut_and_still_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
