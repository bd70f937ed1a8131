/*
 * Tables: alignment, cutting, colours, and texts that would harm a terminal.
 */
#include <locale.h>

#include "cli/output.h"
#include "tests/test.h"

static void fill(struct table *table, const char *state, const char *number)
{
    table_column(table, "NAME", COLUMN_TEXT);
    table_column(table, "STATE", COLUMN_STATE);
    table_column(table, "VALUE", COLUMN_NUMBER);
    table_cell(table, "a");
    table_cell(table, state);
    table_cell(table, number);
    table_cell(table, "longer");
    table_cell(table, "Failed");
    table_cell(table, NULL);
}

static void assert_table(struct table *table, int width, bool color, const char *want)
{
    struct text out = { 0 };

    table_write(table, width, color, &out);
    assert_string_equal(text_string(&out), want);
    text_release(&out);
    table_release(table);
}

static void table_write__numbers__stand_to_the_right(void **state)
{
    struct table table = { 0 };

    (void)state;
    fill(&table, "Running", "1.5");
    assert_table(&table, 0, false,
                 "NAME    STATE    VALUE\n"
                 "a       Running    1.5\n"
                 "longer  Failed       -\n");
}

static void table_write__narrow_terminal__cuts_lines(void **state)
{
    struct table table = { 0 };

    (void)state;
    fill(&table, "Running", "1.5");
    assert_table(&table, 11, false,
                 "NAME    STA\n"
                 "a       Run\n"
                 "longer  Fai\n");
}

static void table_write__color__marks_only_the_state(void **state)
{
    struct table table = { 0 };

    (void)state;
    fill(&table, "Succeeded", "1.5");
    assert_table(&table, 0, true,
                 "NAME    STATE      VALUE\n"
                 "a       \033[32mSucceeded\033[0m    1.5\n"
                 "longer  \033[31mFailed\033[0m         -\n");
}

static void table_write__control_bytes__become_question_marks(void **state)
{
    struct table table = { 0 };

    (void)state;
    table_column(&table, "VALUE", COLUMN_TEXT);
    table_cell(&table, "\033[2Jx\ny\xff");
    assert_table(&table, 0, false, "VALUE\n?[2Jx?y?\n");
}

static void table_write__wide_characters__are_measured_by_columns(void **state)
{
    struct table table = { 0 };

    (void)state;
    if (!setlocale(LC_CTYPE, "C.UTF-8"))
        skip();
    table_column(&table, "A", COLUMN_TEXT);
    table_column(&table, "B", COLUMN_TEXT);
    table_cell(&table, "\xe6\xbc\xa2"); /* two columns wide */
    table_cell(&table, "x");
    table_cell(&table, "abc");
    table_cell(&table, "y");
    assert_table(&table, 0, false,
                 "A    B\n"
                 "\xe6\xbc\xa2   x\n"
                 "abc  y\n");
    setlocale(LC_CTYPE, "C");
}

static void table_write_csv__special_characters__are_quoted(void **state)
{
    struct table table = { 0 };
    struct text out = { 0 };

    (void)state;
    table_column(&table, "a", COLUMN_TEXT);
    table_column(&table, "b,c", COLUMN_TEXT);
    table_cell(&table, "say \"x\"");
    table_cell(&table, NULL);
    table_write_csv(&table, &out);
    assert_string_equal(text_string(&out), "a,\"b,c\"\n\"say \"\"x\"\"\",\n");
    text_release(&out);
    table_release(&table);
}

static void show_age__times__are_short(void **state)
{
    struct arena arena = { 0 };
    int64_t now_us = INT64_C(1767323045000000); /* 2026-01-02T03:04:05Z */

    (void)state;
    assert_string_equal(show_age(&arena, "2026-01-02T03:03:20Z", now_us), "45s");
    assert_string_equal(show_age(&arena, "2026-01-02T02:50:00Z", now_us), "14m");
    assert_string_equal(show_age(&arena, "2026-01-01T03:04:06Z", now_us), "23h");
    assert_string_equal(show_age(&arena, "2025-12-30T03:04:05Z", now_us), "3d");
    assert_string_equal(show_age(&arena, "2026-01-02T03:05:00Z", now_us), "0s");
    assert_string_equal(show_age(&arena, NULL, now_us), "-");
    assert_string_equal(show_age(&arena, "soon", now_us), "-");
    arena_release(&arena);
}

static void show_duration__seconds__grow_into_days(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    assert_string_equal(show_duration(&arena, 0), "0s");
    assert_string_equal(show_duration(&arena, 0.25), "250ms");
    assert_string_equal(show_duration(&arena, 2.5), "2.5s");
    assert_string_equal(show_duration(&arena, 45), "45s");
    assert_string_equal(show_duration(&arena, 150), "2m30s");
    assert_string_equal(show_duration(&arena, 3900), "1h05m");
    assert_string_equal(show_duration(&arena, 3 * 86400 + 4 * 3600), "3d4h");
    assert_string_equal(show_duration(&arena, -1), "0s");
    assert_string_equal(show_duration(&arena, (double)NAN), "0s");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_write__numbers__stand_to_the_right),
        cmocka_unit_test(table_write__narrow_terminal__cuts_lines),
        cmocka_unit_test(table_write__color__marks_only_the_state),
        cmocka_unit_test(table_write__control_bytes__become_question_marks),
        cmocka_unit_test(table_write__wide_characters__are_measured_by_columns),
        cmocka_unit_test(table_write_csv__special_characters__are_quoted),
        cmocka_unit_test(show_age__times__are_short),
        cmocka_unit_test(show_duration__seconds__grow_into_days),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
