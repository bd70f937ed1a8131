#include "base/status.h"
#include "base/text.h"
#include "earlystop/rule.h"
#include "tests/test.h"

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
    assert_int_equal(n, 2);
    assert_true(defaults[setting_find(settings, "min_trials_required") - settings].number == 3);
    assert_true(defaults[setting_find(settings, "start_step") - settings].number == 4);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(setting_parse(&settings[i], "1", &value), 0);
        assert_int_equal(setting_parse(&settings[i], "0", &value), ERR_INVALID);
        assert_int_equal(setting_parse(&settings[i], "1.5", &value), ERR_INVALID);
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table__every_rule__can_be_shown_and_found),
        cmocka_unit_test(find__misspelt_name__gives_the_nearest),
        cmocka_unit_test(medianstop__settings__have_katibs_defaults_and_ranges),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
