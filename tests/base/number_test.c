/*
 * base/number: parsing by a strict grammar, and the shortest text.
 */
#include "tests/test.h"

#include <float.h>

#include "base/number.h"
#include "base/rng.h"

static void number_parse__decimal_numbers__only(void **state)
{
    static const char *const bad[] = { "",  " 1", "1 ",    "0x10",  "nan", "inf", "1e",    "1e+",  "e5", ".",
                                       "-", "+.", "1.2.3", "1_000", "1,5", "--1", "1e999", "1e5x", NULL };
    double value = -1;

    (void)state;
    assert_true(number_parse("0.05", &value) && value == 0.05);
    assert_true(number_parse("-3", &value) && value == -3);
    assert_true(number_parse("+5.", &value) && value == 5);
    assert_true(number_parse(".5", &value) && value == 0.5);
    assert_true(number_parse("1e-05", &value) && value == 1e-05);
    assert_true(number_parse("2E3", &value) && value == 2000);
    assert_true(number_parse("1e-999", &value) && value == 0);
    value = 42;
    for (const char *const *text = bad; *text != NULL; text++) {
        if (number_parse(*text, &value))
            fail_msg("\"%s\" was taken", *text);
    }
    assert_true(value == 42);
}

static void number_parse_any__words__give_nan_and_infinities(void **state)
{
    double value;

    (void)state;
    assert_true(number_parse_any("NaN", &value) && isnan(value));
    assert_true(number_parse_any("-nan", &value) && isnan(value));
    assert_true(number_parse_any("Inf", &value) && value == INFINITY);
    assert_true(number_parse_any("-INFINITY", &value) && value == -INFINITY);
    assert_true(number_parse_any("+infinity", &value) && value == INFINITY);
    assert_true(number_parse_any("0.5", &value) && value == 0.5);
    assert_false(number_parse_any("infinit", &value));
    assert_false(number_parse_any("nan(1)", &value));
    assert_false(number_parse_any("", &value));
}

static void number_parse_integer__range__is_that_of_64_bits(void **state)
{
    int64_t value;

    (void)state;
    assert_true(number_parse_integer("9223372036854775807", &value) && value == INT64_MAX);
    assert_true(number_parse_integer("-9223372036854775808", &value) && value == INT64_MIN);
    assert_true(number_parse_integer("+007", &value) && value == 7);
    assert_false(number_parse_integer("9223372036854775808", &value));
    assert_false(number_parse_integer("3.0", &value));
    assert_false(number_parse_integer("1e3", &value));
    assert_false(number_parse_integer("", &value));
    assert_false(number_parse_integer("-", &value));
    assert_false(number_parse_integer(" 1", &value));
}

static void number_parse_quantity__suffixes__scale(void **state)
{
    static const struct {
        const char *text;
        double value;
    } cases[] = {
        { "500m", 0.5 },
        { "1.5", 1.5 },
        { "2Gi", 2147483648.0 },
        { "1e3", 1000 },
        { "128974848", 128974848 },
        { "1E", 1e18 },
        { "1E2", 100 },
        { "1Ei", 0x1p60 },
        { "100k", 1e5 },
        { "64Mi", 67108864 },
        { "100u", 1e-4 },
        { "1n", 1e-9 },
        { "-1", -1 },
        { ".5G", 5e8 },
        { "300m", 0.3 },
    };
    static const char *const bad[] = { "", "m", "1K", "1gi", "1 Gi", "1GiB", "1e", "Gi", "1mm", NULL };
    double value;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(number_parse_quantity(cases[i].text, &value));
        assert_close(value, cases[i].value, 1e-15);
    }
    for (const char *const *text = bad; *text != NULL; text++) {
        if (number_parse_quantity(*text, &value))
            fail_msg("\"%s\" was taken", *text);
    }
}

static void number_parse_duration__units__add_up(void **state)
{
    static const struct {
        const char *text;
        double seconds;
    } cases[] = {
        { "90", 90 },    { "90s", 90 },    { "10m", 600 },      { "2h30m", 9000 },
        { "1d", 86400 }, { "1.5h", 5400 }, { "1m500ms", 60.5 },
    };
    static const char *const bad[] = { "", "s", "1x", "30m2h", "1h1h", "-5s", "+5", "1h 30m", "1h30", "ms", NULL };
    double seconds;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_true(number_parse_duration(cases[i].text, &seconds));
        assert_close(seconds, cases[i].seconds, 1e-15);
    }
    for (const char *const *text = bad; *text != NULL; text++) {
        if (number_parse_duration(*text, &seconds))
            fail_msg("\"%s\" was taken", *text);
    }
}

static void number_format__known_values__read_as_people_write(void **state)
{
    static const struct {
        double value;
        const char *text;
    } cases[] = {
        { 0.05, "0.05" },
        { 1e-05, "1e-05" },
        { 128, "128" },
        { 0.1 + 0.2, "0.30000000000000004" },
        { 1e15, "1000000000000000" },
        { 1e22, "1e+22" },
        { -0.25, "-0.25" },
        { 0, "0" },
        { 5e-324, "5e-324" },
        { DBL_MAX, "1.7976931348623157e+308" },
        { NAN, "nan" },
        { INFINITY, "inf" },
        { -INFINITY, "-inf" },
    };
    char buffer[NUMBER_TEXT_SIZE];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_string_equal(number_format(cases[i].value, buffer), cases[i].text);
}

static void number_format__any_bits__read_back_the_same(void **state)
{
    struct rng rng = rng_stream(1, 0, "number_test");
    char buffer[NUMBER_TEXT_SIZE];

    (void)state;
    for (int i = 0; i < 200000; i++) {
        uint64_t bits = (uint64_t)rng_word(&rng) << 32 | rng_word(&rng);
        double value, back;

        memcpy(&value, &bits, sizeof value);
        if (!isfinite(value))
            continue;
        assert_true(number_parse(number_format(value, buffer), &back));
        assert_memory_equal(&back, &value, sizeof value);
        assert_true(strlen(buffer) < NUMBER_TEXT_SIZE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(number_parse__decimal_numbers__only),
        cmocka_unit_test(number_parse_any__words__give_nan_and_infinities),
        cmocka_unit_test(number_parse_integer__range__is_that_of_64_bits),
        cmocka_unit_test(number_parse_quantity__suffixes__scale),
        cmocka_unit_test(number_parse_duration__units__add_up),
        cmocka_unit_test(number_format__known_values__read_as_people_write),
        cmocka_unit_test(number_format__any_bits__read_back_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
