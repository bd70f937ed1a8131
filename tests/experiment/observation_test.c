/* Summaries of reports: what counts as smallest, largest, latest and available, and what survives storing. */
#include "experiment/observation.h"

#include "base/status.h"
#include "tests/test.h"

static const struct metric metrics[] = { { "least", STRATEGY_MIN },
                                         { "most", STRATEGY_MAX },
                                         { "last", STRATEGY_LATEST } };
static const struct objective objective = { .n_metrics = 3, .metrics = metrics };

static void report_all(struct observation *observation, const char *const *values)
{
    observation_init(observation, 3);
    for (int64_t at = 0; values[at] != NULL; at++)
        for (size_t i = 0; i < 3; i++)
            observation_add(observation, i, at, values[at]);
}

static void observation_value__by_strategy__is_as_katib_says_with_its_defects_fixed(void **state)
{
    static const struct {
        const char *reports[6];
        const char *least, *most, *last; /* NULL: unavailable */
    } cases[] = {
        { { NULL }, NULL, NULL, NULL },
        { { "0.50" }, "0.50", "0.50", "0.50" },
        { { "3", "1e0", "2" }, "1e0", "3", "2" },
        { { "1", "1.0" }, "1", "1", "1.0" },
        { { "nan" }, NULL, NULL, NULL },
        { { "" }, NULL, NULL, NULL },
        { { "NaN", "0.5" }, "0.5", "0.5", "0.5" },
        { { "0.5", "nan" }, "0.5", "0.5", NULL },
        { { "0.5", "oops" }, "0.5", "0.5", NULL },
        { { "1", "-inf", "inf", "2" }, "-inf", "inf", "2" },
        { { "inf" }, "inf", "inf", "inf" },
        { { "Genotype(a)", "Genotype(b)" }, "Genotype(b)", "Genotype(b)", "Genotype(b)" },
        { { "Genotype(a)", "7" }, "7", "7", "7" },
        { { "Genotype(a)", "nan" }, NULL, NULL, NULL },
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        const char *want[] = { cases[c].least, cases[c].most, cases[c].last };
        struct observation observation;

        report_all(&observation, cases[c].reports);
        for (size_t i = 0; i < 3; i++) {
            double number;
            const char *got = observation_value(&observation, &objective, i, &number);

            if (!text_equal(got, want[i]))
                fail_msg("case %zu, %s: got %s, want %s", c, metrics[i].name, got ? got : "NULL",
                         want[i] ? want[i] : "NULL");
            assert_true(got != NULL || isnan(number));
        }
        assert_int_equal(observation_is_available(&observation, 0), cases[c].least != NULL);
        observation_release(&observation);
    }
}

static void observation_add__reports_out_of_order__latest_goes_by_time_and_ties_to_the_later_call(void **state)
{
    struct observation observation;

    (void)state;
    observation_init(&observation, 1);
    observation_add(&observation, 0, -5, "early");
    observation_add(&observation, 0, 100, "1");
    observation_add(&observation, 0, 50, "2");
    assert_string_equal(observation.metrics[0].latest, "1");
    observation_add(&observation, 0, 100, "3");
    assert_string_equal(observation.metrics[0].latest, "3");
    assert_close(observation.metrics[0].latest_value, 3, 0);
    assert_string_equal(observation.metrics[0].max, "3");
    assert_int_equal(observation.metrics[0].n_reports, 4);
    observation_release(&observation);
}

static void assert_same(const struct observation *a, const struct observation *b)
{
    assert_int_equal(a->n, b->n);
    for (size_t i = 0; i < a->n; i++) {
        const struct metric_summary *x = &a->metrics[i], *y = &b->metrics[i];

        assert_true(text_equal(x->min, y->min) && text_equal(x->max, y->max) && text_equal(x->latest, y->latest));
        assert_close(x->min_value, y->min_value, 0);
        assert_close(x->max_value, y->max_value, 0);
        assert_close(x->latest_value, y->latest_value, 0);
        assert_int_equal(x->latest_us, y->latest_us);
        assert_int_equal(x->n_reports, y->n_reports);
    }
}

static void observation_unpack__of_what_was_packed__is_the_same(void **state)
{
    static const char *const reports[][4] = { { NULL },        { "0.5" }, { "3", "1", "2" }, { "nan" },
                                              { "text \xff" }, { "" },    { "1", "x" } };

    (void)state;
    for (size_t c = 0; c < sizeof reports / sizeof *reports; c++) {
        struct observation before, after;
        struct text packed = { 0 };

        report_all(&before, reports[c]);
        observation_pack(&before, &packed);
        observation_init(&after, 3);
        observation_add(&after, 0, 1, "what was there before");
        assert_int_equal(observation_unpack(&after, packed.data, packed.length), 0);
        assert_same(&before, &after);
        observation_add(&after, 1, INT64_MAX, "-8");
        assert_string_equal(after.metrics[1].min, "-8");
        observation_release(&before);
        observation_release(&after);
        text_release(&packed);
    }
}

static void observation_pack__one_report__takes_a_few_bytes(void **state)
{
    struct observation observation;
    struct text packed = { 0 };

    (void)state;
    observation_init(&observation, 1);
    observation_add(&observation, 0, INT64_C(1700000000000000), "0.12345");
    observation_pack(&observation, &packed);
    assert_in_range(packed.length, 1, 24);
    text_release(&packed);
    observation_release(&observation);
}

/* Every byte of a stored observation set to every value: refused, or a sound observation; never a crash. */
static void observation_unpack__any_byte_changed__is_refused_or_sound(void **state)
{
    struct observation observation;
    struct text packed = { 0 };
    size_t n_refused = 0;

    (void)state;
    report_all(&observation, (const char *const[]){ "3", "1", "2", NULL });
    observation_pack(&observation, &packed);
    for (size_t at = 0; at < packed.length; at++)
        for (int byte = 0; byte < 256; byte++) {
            char kept = packed.data[at];
            struct observation other;
            double number;

            observation_init(&other, 3);
            packed.data[at] = (char)byte;
            if (observation_unpack(&other, packed.data, packed.length) == 0)
                for (size_t i = 0; i < 3; i++)
                    observation_value(&other, &objective, i, &number);
            else
                n_refused++;
            packed.data[at] = kept;
            observation_release(&other);
        }
    assert_true(n_refused > packed.length);
    text_release(&packed);
    observation_release(&observation);
}

static void observation_unpack__wrong_shape__is_corrupt(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        { "", 0 },
        { "\x93\x90\x90", 3 },             /* cut short */
        { "\x92\x90\x90", 3 },             /* two metrics, not three */
        { "\x93\x90\x90\x80", 4 },         /* a map */
        { "\x93\x90\x90\x92\x01\x02", 6 }, /* half a metric */
        { "\x93\x90\x90\x93\x00\x02\xc4\x01"
          "7",
          9 }, /* no reports, but a latest one */
        { "\x93\x90\x90\x93\x01\x02\xc4\x01"
          "x",
          9 }, /* min and max are text */
        { "\x93\x90\x90\x95\x01\x02\xc4\x01"
          "x\xc0\xc4\x01"
          "7",
          13 }, /* max without min */
        { "\x93\x90\x90\x93\x01\x02\xc4\x02"
          "7\0",
          10 }, /* NUL in a text */
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        struct observation observation;

        observation_init(&observation, 3);
        if (observation_unpack(&observation, cases[c].bytes, cases[c].length) != ERR_CORRUPT)
            fail_msg("case %zu is taken", c);
        observation_release(&observation);
    }
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(observation_value__by_strategy__is_as_katib_says_with_its_defects_fixed),
        cmocka_unit_test(observation_add__reports_out_of_order__latest_goes_by_time_and_ties_to_the_later_call),
        cmocka_unit_test(observation_unpack__of_what_was_packed__is_the_same),
        cmocka_unit_test(observation_pack__one_report__takes_a_few_bytes),
        cmocka_unit_test(observation_unpack__any_byte_changed__is_refused_or_sound),
        cmocka_unit_test(observation_unpack__wrong_shape__is_corrupt),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
