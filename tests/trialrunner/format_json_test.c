/*
 * Tests of the JSON format: Katib's shape, numbers as values, times with fractions, lines that are no JSON.
 */
#include "tests/trialrunner/reports.h"

static const char *const names[] = { "accuracy", "loss", "Best-Genotype" };
static const struct metrics_query query = { .n_metrics = 3, .metrics = names };

static void assert_json(const char *line, const char *want)
{
    assert_reports(&metrics_format_json, &query, line, want);
}

static void json__texts_and_numbers__are_values(void **state)
{
    (void)state;
    assert_json("{\"accuracy\": \"0.850\", \"loss\": 0.25}", "accuracy=0.850;loss=0.25;");
    assert_json("{\"accuracy\": 1, \"loss\": -1e-7}", "accuracy=1;loss=-1e-07;");
    assert_json("{\"loss\": 123456789012345678901234567890}", "loss=1.2345678901234568e+29;");
    assert_json("  {\"Best-Genotype\": \"Genotype(normal=[])\"}\t", "Best-Genotype=Genotype(normal=[]);");
}

static void json__cloudml_hypertune__is_read(void **state)
{
    (void)state;
    assert_json("{\"accuracy\": \"0.85\", \"checkpoint_path\": \"\", \"global_step\": \"1\", \"timestamp\": "
                "1638422847.28721, \"trial\": \"0\"}",
                "accuracy=0.85#1@1638422847287210;");
}

static void json__time__is_seconds_or_a_date(void **state)
{
    (void)state;
    assert_json("{\"loss\": 1, \"timestamp\": 1638422847}", "loss=1@1638422847000000;");
    assert_json("{\"loss\": 1, \"timestamp\": \"2024-03-01T00:00:00.5Z\"}", "loss=1@1709251200500000;");
    assert_json("{\"loss\": 1, \"timestamp\": \"yesterday\"}", "loss=1;");
    assert_json("{\"loss\": 1, \"timestamp\": -5}", "loss=1;");
    assert_json("{\"loss\": 1, \"timestamp\": 1e300}", "loss=1;");
    assert_json("{\"loss\": 1, \"timestamp\": [1]}", "loss=1;");
}

static void json__step__is_the_first_of_its_keys(void **state)
{
    (void)state;
    assert_json("{\"loss\": 1, \"epoch\": 3, \"step\": 70}", "loss=1#70;");
    assert_json("{\"loss\": 1, \"epoch\": 3, \"global_step\": \"71\"}", "loss=1#71;");
    assert_json("{\"loss\": 1, \"epoch\": 3.0}", "loss=1#3;");
    assert_json("{\"loss\": 1, \"epoch\": 0.5, \"step\": -1}", "loss=1;");
}

static void json__nan_and_infinity__are_values(void **state)
{
    (void)state;
    assert_json("{\"loss\": NaN, \"accuracy\": -Infinity}", "accuracy=-Infinity;loss=NaN;");
    assert_json("{\"loss\": \"nan\"}", "loss=nan;");
    assert_json("{\"note\": \"NaN \\\"Infinity\\\\\", \"loss\": Infinity}", "loss=Infinity;");
}

static void json__what_is_no_value__is_passed_over(void **state)
{
    (void)state;
    assert_json("{\"loss\": null, \"accuracy\": true}", "");
    assert_json("{\"loss\": \"\", \"accuracy\": \"  \"}", "");
    assert_json("{\"loss\": {\"accuracy\": 1}, \"accuracy\": [1]}", "");
    assert_json("{\"train\": {\"loss\": 1}}", "");
    assert_json("{\"val/loss\": 1, \"Loss\": 2}", "");
}

static void json__malformed_line__is_passed_over(void **state)
{
    static const char *const lines[] = { "",    "{",        "loss=1",         "{\"loss\": 1", "{\"loss\": 1} more",
                                         "[1]", "\"loss\"", "{\"loss\": NaN", "{NaN",         "\xff{\"loss\":1}" };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_json(lines[i], "");
}

static void json__deep_or_long_lines__are_survived(void **state)
{
    char *line = xcalloc(1, METRIC_LINE_LIMIT);
    char *got;

    (void)state;
    memset(line, '[', METRIC_LINE_LIMIT);
    put(line, "{\"loss\":");
    got = read_bytes(&metrics_format_json, &query, line, METRIC_LINE_LIMIT);
    assert_string_equal(got, "");
    free(got);
    memset(line, 'x', METRIC_LINE_LIMIT);
    put(line, "{\"loss\":\"");
    put(line + METRIC_LINE_LIMIT - 2, "\"}");
    got = read_bytes(&metrics_format_json, &query, line, METRIC_LINE_LIMIT);
    assert_string_equal(got, "");
    free(got);
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json__texts_and_numbers__are_values),
        cmocka_unit_test(json__cloudml_hypertune__is_read),
        cmocka_unit_test(json__time__is_seconds_or_a_date),
        cmocka_unit_test(json__step__is_the_first_of_its_keys),
        cmocka_unit_test(json__nan_and_infinity__are_values),
        cmocka_unit_test(json__what_is_no_value__is_passed_over),
        cmocka_unit_test(json__malformed_line__is_passed_over),
        cmocka_unit_test(json__deep_or_long_lines__are_survived),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
