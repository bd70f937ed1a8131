/*
 * Tests of the TEXT format: Katib's semantics, and its defects mended.
 */
#include <time.h>

#include "tests/trialrunner/reports.h"

static const char *const names[] = { "loss", "accuracy", "val/loss", "valid_1 auc", "Best-Genotype" };
static const struct metrics_query plain = { .n_metrics = 5, .metrics = names };

static void assert_plain(const char *line, const char *want)
{
    assert_reports(&metrics_format_text, &plain, line, want);
}

static void assert_filtered(const char *filter, const char *line, const char *want)
{
    struct metrics_query query = plain;

    query.filters = &filter;
    query.n_filters = 1;
    assert_reports(&metrics_format_text, &query, line, want);
}

static void text__default_filter__reads_what_katib_reads(void **state)
{
    (void)state;
    assert_plain("loss=0.25", "loss=0.25;");
    assert_plain("loss = 2.5e-3 accuracy= 97", "loss=2.5e-3;accuracy=97;");
    assert_plain("loss=-.5, accuracy=+1.", "loss=-.5;accuracy=+1.;");
    assert_plain("{loss=0.3}", "loss=0.3;");
    assert_plain("loss=0.5%", "loss=0.5;");
    assert_plain("accuracy: 0.9", "");
    assert_plain("the loss is low", "");
    assert_plain("loss=0.1 loss=0.2", "loss=0.1;loss=0.2;");
    assert_plain("", "");
}

static void text__value__is_kept_as_written(void **state)
{
    (void)state;
    assert_plain("loss=0.050", "loss=0.050;");
    assert_plain("loss=1E+05", "loss=1E+05;");
}

static void text__nan_and_inf__are_values(void **state)
{
    (void)state;
    assert_plain("loss=nan accuracy=-inf", "loss=nan;accuracy=-inf;");
    assert_plain("loss=NaN", "loss=NaN;");
    assert_plain("loss=Infinity", "loss=Infinity;");
    assert_plain("loss=nano", "");
    assert_plain("loss=info", "");
}

static void text__empty_value__is_none(void **state)
{
    (void)state;
    assert_plain("loss=", "");
    assert_plain("loss= accuracy=1", "accuracy=1;");
    assert_plain("loss=tensor(0.3)", "");
    assert_filtered("(\\w+)=(\\d*)", "loss= accuracy=1", "accuracy=1;");
}

static void text__end_of_a_longer_name__is_not_the_metric(void **state)
{
    (void)state;
    assert_plain("val/loss=0.3", "val/loss=0.3;");
    assert_plain("train/loss=0.3", "");
    assert_plain("val_loss=0.3", "");
    assert_plain("val-loss=0.3", "");
    assert_plain("loss=0.5/accuracy=0.9", "loss=0.5;accuracy=0.9;");
    assert_plain("//loss=0.5", "loss=0.5;");
    assert_filtered("(loss)=([\\d.]+)", "val_loss=0.3 loss=0.4", "loss=0.4;");
    assert_filtered("(loss)=([\\d.]+)", "val/loss=0.3 --loss=0.4", "loss=0.4;");
    assert_filtered("val_(loss)=([\\d.]+)", "val_loss=0.3", "loss=0.3;");
}

static void text__own_filters__read_names_of_any_kind(void **state)
{
    (void)state;
    assert_filtered("(\\w+\\s\\w+)\\s:\\s((-?\\d+)(\\.\\d+)?)", "[1]\tvalid_1 auc : 0.77", "valid_1 auc=0.77;");
    assert_filtered("{metricName: ([\\w|-]+), metricValue: ((-?\\d+)(\\.\\d+)?)}",
                    "x {metricName: accuracy, metricValue: 0.9};{metricName: loss, metricValue: -1}",
                    "accuracy=0.9;loss=-1;");
    assert_filtered("([\\w-]+)=(Genotype.*)", "Best-Genotype=Genotype(normal=[('max', 1)])",
                    "Best-Genotype=Genotype(normal=[('max', 1)]);");
    assert_filtered("(?P<name>loss):\\s*(?P<value>\\S+)\\z", "loss: 0.1", "loss=0.1;");
    assert_filtered("( loss )=( [0-9]+ )", " loss = 3 ", "loss=3;");
}

static void text__groups__that_took_no_part_are_passed_over(void **state)
{
    (void)state;
    assert_filtered("(loss)=|(accuracy)=(\\d)", "loss=1 accuracy=2", "");
    assert_filtered("x*|(loss)=(\\d)", "loss=1", "");
}

static void text__several_filters__are_all_asked(void **state)
{
    static const char *const filters[] = { "(loss)=(\\d+)", "(accuracy):(\\d+)" };
    struct metrics_query query = plain;

    (void)state;
    query.filters = filters;
    query.n_filters = 2;
    assert_reports(&metrics_format_text, &query, "accuracy:3 loss=4", "loss=4;accuracy=3;");
}

static void text__first_word__is_the_time(void **state)
{
    (void)state;
    assert_plain("2024-03-01T00:00:00Z loss=1", "loss=1@1709251200000000;");
    assert_plain("2024-03-01T01:00:00.000000500+01:00 loss=1", "loss=1@1709251200000000;");
    assert_plain("2024-03-01T00:00:00.25Z INFO loss=1", "loss=1@1709251200250000;");
    assert_plain("2024-03-01 loss=1", "loss=1;");
    assert_plain("INFO 2024-03-01T00:00:00Z loss=1", "loss=1;");
}

static void text__step__is_read_from_the_same_line(void **state)
{
    (void)state;
    assert_plain("step=7 loss=1", "loss=1#7;");
    assert_plain("epoch=2 loss=1 step=90", "loss=1#90;");
    assert_plain("epoch=2 loss=1 global_step = 91", "loss=1#91;");
    assert_plain("Epoch 3/10 loss=1", "loss=1#3;");
    assert_plain("epoch=0 loss=1", "loss=1#0;");
    assert_plain("Train Epoch: 4 [0/60000 (0%)]\tloss=1", "loss=1;");
    assert_plain("epoch=0.25 loss=1", "loss=1;");
    assert_plain("steps=5 loss=1", "loss=1;");
    assert_plain("microstep=5 loss=1", "loss=1;");
    assert_plain("step=99999999999999999999 loss=1", "loss=1;");
    assert_plain("loss=1 step=", "loss=1;");
}

static void text__carriage_return__ends_a_line(void **state)
{
    (void)state;
    assert_plain("\r10% step=1 loss=0.5\r20% step=2 loss=0.4\r", "loss=0.5#1;loss=0.4#2;");
    assert_plain("loss=\r0.5", "");
}

static void text__any_bytes__are_survived(void **state)
{
    static const char bytes[] = "\xff\xfe loss=0.5 \0 accuracy=1 \xc3";
    char *got = read_bytes(&metrics_format_text, &plain, bytes, sizeof bytes - 1);

    (void)state;
    assert_string_equal(got, "loss=0.5;accuracy=1;");
    free(got);
    assert_filtered("(loss)=(.*)", "loss=\xff\xff", "");
    assert_filtered("(loss)=([^;]*)", "loss=\xc3\xa9;", "loss=\xc3\xa9;");
}

static void text__value_with_nul__is_none(void **state)
{
    static const char *const filter = "(loss)=([^;]*)";
    static const char bytes[] = "loss=1\0002;loss=3;";
    struct metrics_query query = plain;
    char *got;

    (void)state;
    query.filters = &filter;
    query.n_filters = 1;
    got = read_bytes(&metrics_format_text, &query, bytes, sizeof bytes - 1);
    assert_string_equal(got, "loss=3;");
    free(got);
}

static void text__value_over_the_limit__is_none(void **state)
{
    char *line = xcalloc(1, METRIC_VALUE_LIMIT + 64);

    (void)state;
    strcpy(line, "loss=");
    memset(line + 5, 'x', METRIC_VALUE_LIMIT);
    {
        char *want = xasprintf("loss=%s;", line + 5);

        assert_filtered("(loss)=(x+)", line, want);
        free(want);
    }
    line[5 + METRIC_VALUE_LIMIT] = 'x';
    assert_filtered("(loss)=(x+)", line, "");
    free(line);
}

/* CPU seconds that a filter takes for a line. */
static double seconds_for(const char *filter, const char *line, size_t length)
{
    struct metrics_query query = plain;
    clock_t start = clock();

    query.filters = &filter;
    query.n_filters = filter != NULL;
    free(read_bytes(&metrics_format_text, &query, line, length));
    return (double)(clock() - start) / CLOCKS_PER_SEC;
}

static void text__hostile_lines_and_filters__take_bounded_time(void **state)
{
    char *line = xcalloc(1, METRIC_LINE_LIMIT);

    (void)state;
    memset(line, 'a', METRIC_LINE_LIMIT);
    put(line, "loss ");
    put(line + 16000, "=!b");
    assert_true(seconds_for(NULL, line, METRIC_LINE_LIMIT) < 0.5);
    assert_true(seconds_for("(\\w+)=(\\w+)", line, METRIC_LINE_LIMIT) < 5);
    assert_true(seconds_for("((a+)+)+=(b)", line, METRIC_LINE_LIMIT) < 5);
    assert_true(seconds_for("(a|aa)+=(b)", line, METRIC_LINE_LIMIT) < 5);
    assert_true(seconds_for("(.*)(.*)(.*)(.*)=x", line, METRIC_LINE_LIMIT) < 5);
    free(line);
}

static void text__filter_that_is_none__is_refused(void **state)
{
    static const char *const filter = "(loss";
    struct metrics_query query = plain;
    void *format = &query;

    (void)state;
    query.filters = &filter;
    query.n_filters = 1;
    assert_int_equal(metrics_format_text.create(&query, &format), ERR_INVALID);
    assert_contains(fail_message(), "(loss");
    assert_null(format);
    metrics_format_text.destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text__default_filter__reads_what_katib_reads),
        cmocka_unit_test(text__value__is_kept_as_written),
        cmocka_unit_test(text__nan_and_inf__are_values),
        cmocka_unit_test(text__empty_value__is_none),
        cmocka_unit_test(text__end_of_a_longer_name__is_not_the_metric),
        cmocka_unit_test(text__own_filters__read_names_of_any_kind),
        cmocka_unit_test(text__groups__that_took_no_part_are_passed_over),
        cmocka_unit_test(text__several_filters__are_all_asked),
        cmocka_unit_test(text__first_word__is_the_time),
        cmocka_unit_test(text__step__is_read_from_the_same_line),
        cmocka_unit_test(text__carriage_return__ends_a_line),
        cmocka_unit_test(text__any_bytes__are_survived),
        cmocka_unit_test(text__value_with_nul__is_none),
        cmocka_unit_test(text__value_over_the_limit__is_none),
        cmocka_unit_test(text__hostile_lines_and_filters__take_bounded_time),
        cmocka_unit_test(text__filter_that_is_none__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
