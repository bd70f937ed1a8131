#include "base/status.h"
#include "base/text.h"
#include "tests/earlystop/curves.h"

static void table__every_rule__can_be_shown_and_found(void **state)
{
    size_t n = 0;

    (void)state;
    for (; earlystop_rules[n] != NULL; n++) {
        const struct earlystop_rule *rule = earlystop_rules[n];
        struct arena arena = { 0 };
        assert_ptr_equal(earlystop_rule_find(rule->name, NULL), rule);
        assert_true(rule->summary != NULL && rule->summary[0] != '\0');
        for (const struct setting *row = rule->settings; row->name != NULL; row++) {
            assert_true(row->help != NULL && row->help[0] != '\0');
            assert_ptr_equal(setting_find(rule->settings, row->name), row);
            assert_true(setting_expectation(row, &arena)[0] != '\0');
        }
        arena_release(&arena);
    }
    assert_true(n > 0);
}

/* docs/early-stopping.md says what the table has. */
static void docs__every_rule_and_setting__is_there_as_it_is(void **state)
{
    static char page[1 << 16];
    FILE *file = fopen("docs/early-stopping.md", "r");
    struct arena arena = { 0 };

    (void)state;
    assert_non_null(file);
    assert_true(fread(page, 1, sizeof page - 1, file) < sizeof page - 1);
    fclose(file);
    for (size_t i = 0; earlystop_rules[i] != NULL; i++) {
        const struct earlystop_rule *rule = earlystop_rules[i];
        const char *section = strstr(page, arena_printf(&arena, "### `%s`\n", rule->name));

        assert_non_null(section);
        assert_contains(section, rule->summary + 1); /* but for its first letter's case */
        for (const struct setting *row = rule->settings; row->name != NULL; row++) {
            assert_contains(section,
                            arena_printf(&arena, "| `%s` | %s | ", row->name, setting_expectation(row, &arena)));
            assert_contains(section, arena_printf(&arena, " | %s |\n", row->help));
        }
    }
    arena_release(&arena);
}

static void find__misspelt_name__gives_the_nearest(void **state)
{
    const char *nearest;

    (void)state;
    assert_null(earlystop_rule_find("median-stop", &nearest));
    assert_string_equal(nearest, "medianstop");
    assert_null(earlystop_rule_find("fortune-teller", &nearest));
    assert_null(nearest);
}

static void medianstop__settings__have_katibs_defaults_and_ranges(void **state)
{
    const struct setting *settings = earlystop_rule_find("medianstop", NULL)->settings;
    struct arena arena = { 0 };
    struct setting_value value;
    size_t n;
    const struct setting_value *defaults = setting_defaults(settings, &arena, &n);

    (void)state;
    assert_true(defaults[setting_find(settings, "min_trials_required") - settings].number == 3);
    assert_true(defaults[setting_find(settings, "start_step") - settings].number == 4);
    for (size_t i = 0; i < n; i++)
        if (settings[i].type == SETTING_INTEGER) {
            assert_int_equal(setting_parse(&settings[i], "1", &value), 0);
            assert_int_equal(setting_parse(&settings[i], "0", &value), ERR_INVALID);
            assert_int_equal(setting_parse(&settings[i], "1.5", &value), ERR_INVALID);
        }
    arena_release(&arena);
}

/* What every rule must be given: a value for each setting that has no default. */
static struct setting_value *some_values(const struct earlystop_rule *rule, struct arena *arena)
{
    size_t n;
    struct setting_value *values = setting_defaults(rule->settings, arena, &n);

    for (size_t i = 0; i < n; i++)
        if (rule->settings[i].required || isnan(values[i].number))
            values[i].number = 9;
    return values;
}

static void every_rule__odd_curves__are_answered_alike_twice(void **state)
{
    static const double odd[] = { NAN, 1, INFINITY, -INFINITY, 1e300, 2, 2, -1e300, 0, NAN, 3, 3, 3, 3 };
    const size_t n_odd = sizeof odd / sizeof odd[0];

    (void)state;
    for (size_t r = 0; earlystop_rules[r] != NULL; r++) {
        const struct earlystop_rule *rule = earlystop_rules[r];
        struct arena arena = { 0 };
        const struct setting_value *values = some_values(rule, &arena);
        for (size_t n_others = 0; n_others < n_odd; n_others++) {
            struct curves curves = { 0 };
            for (size_t i = 0; i < n_others; i++)
                report(add_other(&curves, i % 2 == 0, NULL, 0), odd + i, i % 5 == 4 ? 0 : n_odd - i);
            for (size_t k = 0; k < n_odd; k++) {
                struct earlystop_question question = { &curves.own, curves.others, n_others, k % 2 == 0, 3 };
                char why[2][EARLYSTOP_WHY_SIZE] = { "", "" };
                report(&curves.own, &odd[(k + n_others) % n_odd], 1);
                bool stop = rule->judge(values, &question, why[0]);
                assert_int_equal(rule->judge(values, &question, why[1]), stop);
                assert_string_equal(why[0], why[1]);
                assert_int_equal(stop, why[0][0] != '\0');
            }
            curves_release(&curves);
        }
        arena_release(&arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__every_rule__can_be_shown_and_found),
        cmocka_unit_test(docs__every_rule_and_setting__is_there_as_it_is),
        cmocka_unit_test(find__misspelt_name__gives_the_nearest),
        cmocka_unit_test(every_rule__odd_curves__are_answered_alike_twice),
        cmocka_unit_test(medianstop__settings__have_katibs_defaults_and_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
