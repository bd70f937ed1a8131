/*
 * base/setting: rows, values, what is said about them.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include "base/setting.h"
#include "base/status.h"

enum { STEP, COUNT, RESTART, PREFIX, ETA, BUDGET, SEED };

static const struct setting rows[] = {
    [STEP] = { "step", NUMBER(0.3, 0, 1), "a" },
    [COUNT] = { "count", INTEGER(10, 1, INFINITY), "b" },
    [RESTART] = { "restart", CHOICE("none|ipop|bipop"), "c" },
    [PREFIX] = { "prefix", TEXT("x"), "d" },
    [ETA] = { "eta", REQUIRED_NUMBER(-INFINITY, 5), "e" },
    [BUDGET] = { "budget", NULLABLE_INTEGER(NAN, 0, 0x1p63), "f" },
    [SEED] = { "seed", NUMBER(NAN, -INFINITY, INFINITY), "g" },
    { 0 },
};

static void setting_parse__values_in_range__are_taken(void **state)
{
    struct setting_value value;

    (void)state;
    assert_int_equal(setting_parse(&rows[STEP], "1", &value), 0);
    assert_true(value.number == 1 && value.given);
    assert_string_equal(value.text, "1");
    assert_int_equal(setting_parse(&rows[COUNT], "123456789", &value), 0);
    assert_true(value.number == 123456789);
    assert_int_equal(setting_parse(&rows[RESTART], "bipop", &value), 0);
    assert_true(value.number == 2);
    assert_int_equal(setting_parse(&rows[PREFIX], "", &value), 0);
    assert_string_equal(value.text, "");
    assert_int_equal(setting_parse(&rows[BUDGET], "NONE", &value), 0);
    assert_true(isnan(value.number) && value.text == NULL && value.given);
}

static void setting_parse__values_out_of_range__say_what_was_expected(void **state)
{
    static const struct {
        int row;
        const char *text, *message;
    } cases[] = {
        { STEP, "1.5", "expected a number in [0, 1], got \"1.5\"" },
        { STEP, "nan", "expected a number in [0, 1], got \"nan\"" },
        { STEP, "None", "expected a number in [0, 1], got \"None\"" },
        { COUNT, "0", "expected an integer of 1 or more, got \"0\"" },
        { COUNT, "3.0", "expected an integer of 1 or more, got \"3.0\"" },
        { RESTART, "ipo", "expected one of none, ipop, bipop, got \"ipo\"" },
        { RESTART, "", "expected one of none, ipop, bipop, got \"\"" },
        { RESTART, "none|ipop", "expected one of none, ipop, bipop, got \"none|ipop\"" },
        { ETA, "6", "expected a number of 5 or less, got \"6\"" },
        { BUDGET, "-1", "expected an integer of 0 or more, or None, got \"-1\"" },
        { SEED, "x", "expected a number, got \"x\"" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct setting_value value = { .number = 42 };

        assert_int_equal(setting_parse(&rows[cases[i].row], cases[i].text, &value), ERR_INVALID);
        assert_string_equal(fail_message(), cases[i].message);
        assert_true(value.number == 42);
    }
}

static void setting_find__names__are_exact(void **state)
{
    (void)state;
    assert_ptr_equal(setting_find(rows, "eta"), &rows[ETA]);
    assert_null(setting_find(rows, "Eta"));
    assert_null(setting_find(NULL, "eta"));
}

static void setting_defaults__every_row__has_its_fallback(void **state)
{
    struct arena arena = { 0 };
    size_t n = 0;
    const struct setting_value *values = setting_defaults(rows, &arena, &n);

    (void)state;
    assert_int_equal(n, 7);
    assert_true(values[STEP].number == 0.3 && !values[STEP].given);
    assert_string_equal(values[STEP].text, "0.3");
    assert_string_equal(values[COUNT].text, "10");
    assert_string_equal(values[RESTART].text, "none");
    assert_true(values[RESTART].number == 0);
    assert_string_equal(values[PREFIX].text, "x");
    assert_true(isnan(values[ETA].number) && values[ETA].text == NULL);
    assert_true(isnan(values[SEED].number) && values[SEED].text == NULL);
    setting_defaults(NULL, &arena, &n);
    assert_int_equal(n, 0);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(setting_parse__values_in_range__are_taken),
        cmocka_unit_test(setting_parse__values_out_of_range__say_what_was_expected),
        cmocka_unit_test(setting_find__names__are_exact),
        cmocka_unit_test(setting_defaults__every_row__has_its_fallback),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
