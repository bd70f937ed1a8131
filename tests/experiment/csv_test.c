/*
 * Comma-separated values as spreadsheets and people write them.
 */
#include "experiment/csv.h"

#include <string.h>

#include "base/status.h"
#include "tests/test.h"

static void read__quotes_and_crlf__are_the_cells_meant(void **state)
{
    static const char text[] = "lr,\"a, \"\"b\"\"\"\r\n0.1,\"two\nlines\"\r\n";
    struct arena arena = { 0 };
    struct csv csv;

    (void)state;
    assert_int_equal(csv_read(text, strlen(text), &arena, &csv), 0);
    assert_int_equal(csv.n_rows, 2);
    assert_int_equal(csv.n_columns, 2);
    assert_string_equal(csv.cells[1], "a, \"b\"");
    assert_string_equal(csv.cells[3], "two\nlines");
    arena_release(&arena);
}

static void read__byte_order_mark_and_blank_lines__are_passed_over(void **state)
{
    static const char text[] = "\xef\xbb\xbf\nlr,x\n\n1,2\r\n\r\n3,4\n\n";
    struct arena arena = { 0 };
    struct csv csv;

    (void)state;
    assert_int_equal(csv_read(text, strlen(text), &arena, &csv), 0);
    assert_int_equal(csv.n_rows, 3);
    assert_string_equal(csv.cells[0], "lr");
    assert_string_equal(csv.cells[5], "4");
    arena_release(&arena);
}

static void read__faults__name_their_line(void **state)
{
    static const struct {
        const char *text, *fault;
    } rows[] = {
        { "", "line 1: expected the names of the columns" },
        { "\n\n", "line 1: expected the names of the columns" },
        { "a,b\n\n1\n", "line 3: expected 2 cells" },
        { "a\n\"1\"9\n", "line 2: expected a comma or the end of the line after a closing quote, got \"9\"" },
        { "a\n1\n\"2\n3", "line 3: a quote that is not closed" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = { 0 };
        struct csv csv;
        assert_int_equal(csv_read(rows[i].text, strlen(rows[i].text), &arena, &csv), ERR_INVALID);
        assert_contains(fail_message(), rows[i].fault);
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read__quotes_and_crlf__are_the_cells_meant),
        cmocka_unit_test(read__byte_order_mark_and_blank_lines__are_passed_over),
        cmocka_unit_test(read__faults__name_their_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
