/*
 * Tests of pages in Prometheus' text format.
 */
#include <inttypes.h>

#include "base/text.h"
#include "tests/test.h"
#include "trialrunner/collectors/exposition.h"

static void note(void *owner, const struct sample *sample)
{
    struct text *out = owner;

    text_printf(out, "%.*s", (int)sample->name_length, sample->name);
    if (sample->labels_length > 0)
        text_printf(out, "{%.*s}", (int)sample->labels_length, sample->labels);
    text_printf(out, "=%.*s", (int)sample->value_length, sample->value);
    if (sample->time_us > 0)
        text_printf(out, "@%" PRId64, sample->time_us);
    text_add(out, ";");
}

static void assert_page(const char *page, const char *want)
{
    struct text got = { 0 };

    exposition_read(page, strlen(page), note, &got);
    assert_string_equal(text_string(&got), want);
    text_release(&got);
}

/* The example of prometheus.io/docs/instrumenting/exposition_formats. */
static void exposition__the_example_of_its_definition__is_read(void **state)
{
    (void)state;
    assert_page("# HELP http_requests_total The total number of HTTP requests.\n"
                "# TYPE http_requests_total counter\n"
                "http_requests_total{method=\"post\",code=\"200\"} 1027 1395066363000\n"
                "http_requests_total{method=\"post\",code=\"400\"}    3 1395066363000\n"
                "\n"
                "# Escaping in label values:\n"
                "msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find "
                "file:\\n\\\"FILE.TXT\\\"\"} 1.458255915e9\n"
                "metric_without_timestamp_and_labels 12.47\n"
                "something_weird{problem=\"division by zero\"} +Inf -3982045\n"
                "http_request_duration_seconds_bucket{le=\"+Inf\"} 144320\n",
                "http_requests_total{method=\"post\",code=\"200\"}=1027@1395066363000000;"
                "http_requests_total{method=\"post\",code=\"400\"}=3@1395066363000000;"
                "msdos_file_access_time_seconds{path=\"C:\\\\DIR\\\\FILE.TXT\",error=\"Cannot find "
                "file:\\n\\\"FILE.TXT\\\"\"}=1.458255915e9;"
                "metric_without_timestamp_and_labels=12.47;"
                "something_weird{problem=\"division by zero\"}=+Inf;"
                "http_request_duration_seconds_bucket{le=\"+Inf\"}=144320;");
}

static void exposition__blanks_and_line_ends__do_not_matter(void **state)
{
    (void)state;
    assert_page("  loss \t 0.5\r\nacc { a = \"1\" , b=\"2\", } NaN 17 # {x=\"y\"} 1\nlast 3",
                "loss=0.5;acc{ a = \"1\" , b=\"2\", }=NaN@17000;last=3;");
}

static void exposition__what_is_no_sample__is_passed_over(void **state)
{
    static const char *const lines[] = {
        "",
        "\n\n",
        "loss",
        "loss ",
        "{a=\"1\"} 2",
        "9loss 1",
        "loss{a=\"1\" 2",
        "loss{a=\"1} 2",
        "loss{a=1} 2",
        "loss{a} 2",
        "loss{=\"1\"} 2",
        "loss{a=\"\\",
        "loss{a=\"1\"}",
        "-1 2",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_page(lines[i], "");
}

static bool matches(const char *line, const char *metric)
{
    struct sample sample = { 0 };

    sample.name = line;
    sample.name_length = strcspn(line, "{");
    sample.labels = line + sample.name_length + 1;
    sample.labels_length = line[sample.name_length] == '{' ? strcspn(sample.labels, "}") : 0;
    return exposition_matches(&sample, metric);
}

static void exposition__a_metric__names_series_by_name_and_labels(void **state)
{
    (void)state;
    assert_true(matches("loss", "loss"));
    assert_true(matches("loss{set=\"val\"}", "loss"));
    assert_true(matches("loss{set=\"val\",fold=\"1\"}", "loss{fold=\"1\"}"));
    assert_true(matches("loss{set=\"val\",fold=\"1\"}", "loss { fold = \"1\", set=\"val\" }"));
    assert_true(matches("loss{set=\"\\\"\"}", "loss{set=\"\\\"\"}"));
    assert_true(matches("loss", "loss{}"));
    assert_false(matches("loss", "los"));
    assert_false(matches("loss", "loss_total"));
    assert_false(matches("loss{set=\"train\"}", "loss{set=\"val\"}"));
    assert_false(matches("loss", "loss{set=\"val\"}"));
    assert_false(matches("loss{set=\"val\"}", "loss{set=\"va\"}"));
    assert_false(matches("loss", "loss of all"));
    assert_false(matches("loss", "loss{set"));
    assert_false(matches("loss", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(exposition__the_example_of_its_definition__is_read),
        cmocka_unit_test(exposition__blanks_and_line_ends__do_not_matter),
        cmocka_unit_test(exposition__what_is_no_sample__is_passed_over),
        cmocka_unit_test(exposition__a_metric__names_series_by_name_and_labels),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
