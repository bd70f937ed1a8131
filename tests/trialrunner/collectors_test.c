/*
 * Tests of the table of collectors, of filters, and the contract of every format.
 */
#include "tests/trialrunner/reports.h"

static void collectors__names__are_katibs_and_found(void **state)
{
    static const char *const katib[] = { "StdOut", "File", "TensorFlowEvent", "PrometheusMetric", "Custom",
                                         "Push",   "None" };
    size_t n = 0;

    (void)state;
    while (collector_kinds[n].name != NULL)
        n++;
    assert_int_equal(n, sizeof katib / sizeof katib[0]);
    for (size_t i = 0; i < n; i++)
        assert_ptr_equal(collector_kind_find(katib[i]), &collector_kinds[i]);
    assert_null(collector_kind_find("stdout"));
}

static void collectors__what_is_available__reads_something(void **state)
{
    (void)state;
    assert_true(collector_kinds[0].available && collector_kinds[0].reads_output);
    for (const struct collector_kind *kind = collector_kinds; kind->name != NULL; kind++) {
        assert_int_equal(kind->available && !kind->reads_output && !kind->reads_file && !kind->is_scraped,
                         strcmp(kind->name, "None") == 0);
        assert_int_equal(kind->reads_file, kind->default_path != NULL);
        assert_true(kind->default_path == NULL || kind->default_path[0] == '/');
        assert_true(strlen(kind->summary) > 0);
    }
}

static void filters__two_groups__are_required(void **state)
{
    (void)state;
    assert_int_equal(metrics_filter_check(default_metrics_filter), 0);
    assert_int_equal(metrics_filter_check("([\\w|-]+)\\s*=\\s*([+-]?\\d*(\\.\\d+)?([Ee][+-]?\\d+)?)"), 0);
    assert_int_equal(metrics_filter_check("(a);(b)"), 0);
    assert_int_equal(metrics_filter_check("(loss)=1"), ERR_INVALID);
    assert_contains(fail_message(), "two top subexpressions are required");
    assert_int_equal(metrics_filter_check("(?:a)=(b)"), ERR_INVALID);
    assert_int_equal(metrics_filter_check("(a)=(b"), ERR_INVALID);
    assert_contains(fail_message(), "missing closing parenthesis");
    assert_int_equal(metrics_filter_check("(\\C)=(b)"), ERR_INVALID);
}

static void filters__pattern_of_any_length__is_judged(void **state)
{
    char *pattern = xcalloc(1, 100001);

    (void)state;
    memset(pattern, '(', 100000);
    assert_int_equal(metrics_filter_check(pattern), ERR_INVALID);
    pattern[1000] = '\0';
    assert_int_equal(metrics_filter_check(pattern), ERR_INVALID);
    free(pattern);
}

static const struct metrics_format *const formats[] = { &metrics_format_text, &metrics_format_json,
                                                        &metrics_format_any };

static void formats__every_format__finds_the_metric_it_was_asked_for(void **state)
{
    static const char *const lines[] = { "loss=0.5 step=3 other=1", "{\"loss\": \"0.5\", \"step\": 3, \"other\": 1}",
                                         "{\"other\": 1} loss=0.5 step=3" };
    static const char *const name = "loss";
    const struct metrics_query query = { .n_metrics = 1, .metrics = &name };

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        assert_reports(formats[i], &query, lines[i], "loss=0.5#3;");
}

static void formats__every_format__passes_over_other_lines(void **state)
{
    static const char *const lines[] = { "", " ", "{", "}", "=", "loss", "{}", "null", "\t\r", "\xf0\x28\x8c\x28" };
    static const char *const name = "loss";
    const struct metrics_query query = { .n_metrics = 1, .metrics = &name };

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        for (size_t j = 0; j < sizeof lines / sizeof lines[0]; j++)
            assert_reports(formats[i], &query, lines[j], "");
}

static void formats__no_metrics__report_nothing(void **state)
{
    const struct metrics_query query = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++)
        assert_reports(formats[i], &query, "{\"loss\": 1} loss=1", "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(collectors__names__are_katibs_and_found),
        cmocka_unit_test(collectors__what_is_available__reads_something),
        cmocka_unit_test(filters__two_groups__are_required),
        cmocka_unit_test(filters__pattern_of_any_length__is_judged),
        cmocka_unit_test(formats__every_format__finds_the_metric_it_was_asked_for),
        cmocka_unit_test(formats__every_format__passes_over_other_lines),
        cmocka_unit_test(formats__no_metrics__report_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
