/*
 * base/clock: times as text and back.
 */
#include "tests/test.h"

#include "base/clock.h"

static void clock_format__known_times__are_utc(void **state)
{
    char buffer[CLOCK_TEXT_SIZE];

    (void)state;
    assert_string_equal(clock_format(0, buffer), "1970-01-01T00:00:00Z");
    assert_string_equal(clock_format(1767323045678901, buffer), "2026-01-02T03:04:05Z");
    assert_string_equal(clock_format_us(1767323045678901, buffer), "2026-01-02T03:04:05.678901Z");
    assert_string_equal(clock_format_us(-1, buffer), "1969-12-31T23:59:59.999999Z");
    assert_true(strlen(clock_format_us(INT64_MAX, buffer)) < CLOCK_TEXT_SIZE);
    assert_true(strlen(clock_format_us(INT64_MIN, buffer)) < CLOCK_TEXT_SIZE);
}

static void clock_parse__rfc_3339__zones_and_fractions(void **state)
{
    static const struct {
        const char *text;
        int64_t us;
    } cases[] = {
        { "1970-01-01T00:00:00Z", 0 },
        { "2026-01-02T03:04:05.678901Z", 1767323045678901 },
        { "2026-01-02T03:04:05.678901234Z", 1767323045678901 },
        { "2026-01-02t03:04:05.5z", 1767323045500000 },
        { "2026-01-02 03:04:05Z", 1767323045000000 },
        { "2026-01-02T05:34:05+02:30", 1767323045000000 },
        { "2026-01-01T20:04:05-07:00", 1767323045000000 },
        { "2024-02-29T00:00:00Z", 1709164800000000 },
        { "1969-12-31T23:59:59.999999Z", -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = 7;

        assert_true(clock_parse(cases[i].text, &us));
        assert_true(us == cases[i].us);
    }
}

static void clock_parse__anything_else__is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "2026",
        "2026-01-02",
        "2026-01-02T03:04:05",
        "2026-1-2T03:04:05Z",
        "2026-13-02T03:04:05Z",
        "2026-00-02T03:04:05Z",
        "2023-02-29T03:04:05Z",
        "2026-04-31T03:04:05Z",
        "2026-01-00T03:04:05Z",
        "2026-01-02T24:00:00Z",
        "2026-01-02T03:60:05Z",
        "2026-01-02T03:04:60Z",
        "2026-01-02T03:04:05.Z",
        "2026-01-02T03:04:05.0123456789Z",
        "2026-01-02T03:04:05+0230",
        "2026-01-02T03:04:05+24:00",
        "2026-01-02T03:04:05Z ",
        " 2026-01-02T03:04:05Z",
        "2026-01-02T03:04:05,5Z",
        "1767323045",
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int64_t us = 7;

        if (clock_parse(cases[i], &us))
            fail_msg("\"%s\" was taken", cases[i]);
        assert_true(us == 7);
    }
}

static void clock_wall_us__now__reads_back_and_goes_on(void **state)
{
    char buffer[CLOCK_TEXT_SIZE];
    int64_t now = clock_wall_us(), back, steady = clock_steady_ms();

    (void)state;
    assert_true(clock_parse(clock_format_us(now, buffer), &back));
    assert_true(back == now && now > 1700000000000000);
    assert_true(clock_steady_ms() >= steady);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clock_format__known_times__are_utc),
        cmocka_unit_test(clock_parse__rfc_3339__zones_and_fractions),
        cmocka_unit_test(clock_parse__anything_else__is_refused),
        cmocka_unit_test(clock_wall_us__now__reads_back_and_goes_on),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
