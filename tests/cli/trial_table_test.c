/*
 * Trials as tables, and their ranking.
 */
#include "cli/trial_table.h"

#include "base/json.h"
#include "tests/test.h"

static const char trials[] =
    "[{\"name\": \"a\", \"number\": 1, \"state\": \"Succeeded\", \"assignments\": {\"lr\": \"0.1\"},"
    "  \"objective\": {\"value\": 3}, \"observation\": {\"loss\": {\"value\": 3}}},"
    " {\"name\": \"b\", \"number\": 2, \"state\": \"Failed\", \"assignments\": {\"lr\": \"0.2\", \"beta\": \"x,y\"},"
    "  \"objective\": {\"value\": null}, \"observation\": {\"loss\": {\"value\": null}}},"
    " {\"name\": \"c\", \"number\": 3, \"state\": \"Succeeded\", \"assignments\": {\"lr\": \"0.3\"},"
    "  \"objective\": {\"value\": 1}, \"observation\": {\"loss\": {\"value\": 1}}},"
    " {\"name\": \"d\", \"number\": 4, \"state\": \"Succeeded\", \"assignments\": {\"lr\": \"0.4\"},"
    "  \"objective\": {\"value\": 1}, \"observation\": {\"loss\": {\"value\": 1}}}]";

static const struct node *read_trials(struct arena *arena)
{
    struct node *node;

    assert_int_equal(json_read(trials, strlen(trials), arena, &node), 0);
    return node;
}

static void trial_table_rank__both_directions__puts_the_best_first(void **state)
{
    struct arena arena = { 0 };
    const struct node *list = read_trials(&arena), **ranked;
    size_t n;

    (void)state;
    ranked = trial_table_rank(list, false, &n);
    assert_int_equal(n, 3);
    assert_ptr_equal(ranked[0], list->items[2]);
    assert_ptr_equal(ranked[1], list->items[3]);
    assert_ptr_equal(ranked[2], list->items[0]);
    free(ranked);
    ranked = trial_table_rank(list, true, &n);
    assert_int_equal(n, 3);
    assert_ptr_equal(ranked[0], list->items[0]);
    assert_ptr_equal(ranked[1], list->items[2]);
    free(ranked);
    arena_release(&arena);
}

static void trial_table_fill_katib__inactive_and_failed__are_empty_cells(void **state)
{
    struct arena arena = { 0 };
    const struct node *list = read_trials(&arena);
    struct table table = { 0 };
    struct text csv = { 0 };

    (void)state;
    trial_table_fill_katib((const struct node *const *)list->items, 2, &table);
    table_write_csv(&table, &csv);
    assert_string_equal(text_string(&csv), "Status,trialName,loss,lr,beta\n"
                                           "Succeeded,a,3,0.1,\n"
                                           "Failed,b,,0.2,\"x,y\"\n");
    text_release(&csv);
    table_release(&table);
    arena_release(&arena);
}

static void trial_table_fill__texts_and_numbers__are_told_apart(void **state)
{
    struct arena arena = { 0 };
    const struct node *list = read_trials(&arena);
    struct table table = { 0 };

    (void)state;
    trial_table_fill((const struct node *const *)list->items, list->length, true, &table);
    assert_int_equal(table.n_columns, 7);
    assert_string_equal(table.columns[3].title, "loss");
    assert_int_equal(table.columns[3].kind, COLUMN_NUMBER);
    assert_string_equal(table.columns[4].title, "lr");
    assert_int_equal(table.columns[4].kind, COLUMN_NUMBER);
    assert_string_equal(table.columns[5].title, "beta");
    assert_int_equal(table.columns[5].kind, COLUMN_TEXT);
    assert_int_equal(table.n_cells, 4 * 7);
    table_release(&table);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trial_table_rank__both_directions__puts_the_best_first),
        cmocka_unit_test(trial_table_fill_katib__inactive_and_failed__are_empty_cells),
        cmocka_unit_test(trial_table_fill__texts_and_numbers__are_told_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
