/*
 * base/text: growing text, UTF-8, nearest names.
 */
#include "tests/test.h"

#include "base/text.h"

static void text_add__many_parts__joins_them(void **state)
{
    struct text text = { 0 };

    (void)state;
    assert_string_equal(text_string(&text), "");
    text_add(&text, "");
    assert_string_equal(text.data, "");
    for (int i = 0; i < 1000; i++)
        text_printf(&text, "%d,", i % 10);
    assert_int_equal(text.length, 2000);
    text_add_char(&text, '!');
    text_add_bytes(&text, "a\0b", 3);
    assert_int_equal(text.length, 2004);
    assert_memory_equal(text.data + 1998, "9,!a\0b", 7);
    text_clear(&text);
    assert_string_equal(text_string(&text), "");
    text_release(&text);
    assert_null(text.data);
}

static void text_equal__null__equals_null_only(void **state)
{
    (void)state;
    assert_true(text_equal(NULL, NULL));
    assert_false(text_equal("", NULL));
    assert_true(text_equal("a", "a"));
    assert_false(text_equal("a", "b"));
}

static void text_affixes__longer_or_empty__are_handled(void **state)
{
    (void)state;
    assert_true(text_starts_with("sobol.scramble", "sobol."));
    assert_true(text_starts_with("x", ""));
    assert_false(text_starts_with("so", "sobol"));
    assert_true(text_ends_with("a.yaml", ".yaml"));
    assert_true(text_ends_with("x", ""));
    assert_false(text_ends_with("l", ".yaml"));
}

static void text_is_utf8__edges_of_unicode__as_the_standard_says(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        long bad; /* -1: well formed */
    } cases[] = {
        { "", 0, -1 },
        { "plain", 5, -1 },
        { "\x7F", 1, -1 },
        { "\xC2\x80", 2, -1 },
        { "\xDF\xBF", 2, -1 },
        { "\xE0\xA0\x80", 3, -1 },
        { "\xED\x9F\xBF", 3, -1 },
        { "\xEF\xBF\xBF", 3, -1 },
        { "\xF0\x90\x80\x80", 4, -1 },
        { "\xF4\x8F\xBF\xBF", 4, -1 },
        { "a\0b", 3, 1 },             /* NUL */
        { "ab\x80", 3, 2 },           /* a continuation alone */
        { "\xC0\x80", 2, 0 },         /* overlong NUL */
        { "\xC1\xBF", 2, 0 },         /* overlong */
        { "\xE0\x9F\xBF", 3, 0 },     /* overlong */
        { "\xED\xA0\x80", 3, 0 },     /* a surrogate */
        { "\xF0\x8F\xBF\xBF", 4, 0 }, /* overlong */
        { "\xF4\x90\x80\x80", 4, 0 }, /* beyond U+10FFFF */
        { "\xF5\x80\x80\x80", 4, 0 },
        { "x\xE2\x82", 3, 1 }, /* cut short */
        { "\xE2\x28\xA1", 3, 0 },
        { "\xFF", 1, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        size_t bad = 999;

        assert_int_equal(text_is_utf8(cases[i].bytes, cases[i].length, &bad), cases[i].bad < 0);
        if (cases[i].bad >= 0)
            assert_int_equal(bad, cases[i].bad);
    }
}

static void text_add_utf8__bad_bytes__become_replacement_characters(void **state)
{
    struct text text = { 0 };

    (void)state;
    text_add_utf8(&text, "a\0b\xFF\xC3\xA9\xE2\x82", 8);
    assert_string_equal(text.data, "a\xEF\xBF\xBD"
                                   "b\xEF\xBF\xBD\xC3\xA9\xEF\xBF\xBD\xEF\xBF\xBD");
    text_release(&text);
}

static void text_add_base64__vectors_of_rfc_4648__match(void **state)
{
    static const char *const cases[][2] = {
        { "", "" },
        { "f", "Zg==" },
        { "fo", "Zm8=" },
        { "foo", "Zm9v" },
        { "foob", "Zm9vYg==" },
        { "fooba", "Zm9vYmE=" },
        { "foobar", "Zm9vYmFy" },
        { "\xFF\xFE\xFD", "//79" },
    };
    struct text text = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        text_clear(&text);
        text_add_base64(&text, cases[i][0], strlen(cases[i][0]));
        assert_string_equal(text_string(&text), cases[i][1]);
    }
    text_release(&text);
}

static void text_nearest__slips_of_the_finger__find_the_name(void **state)
{
    static const char *const names[] = { "maxTrialCount", "parallelTrialCount", "objective", "algorithm", "", NULL };

    (void)state;
    assert_string_equal(text_nearest("maxTrailCount", names), "maxTrialCount");
    assert_string_equal(text_nearest("MAXTRIALCOUNT", names), "maxTrialCount");
    assert_string_equal(text_nearest("objectve", names), "objective");
    assert_string_equal(text_nearest("algoritm", names), "algorithm");
    assert_null(text_nearest("metadata", names));
    assert_null(text_nearest("", names));
}

static void text_nearest__short_or_huge_text__names_nothing(void **state)
{
    static const char *const names[] = { "a", "ab", NULL };
    char huge[300];

    (void)state;
    memset(huge, 'a', sizeof huge - 1);
    huge[sizeof huge - 1] = '\0';
    assert_null(text_nearest("x", names));
    assert_null(text_nearest(huge, names));
    assert_string_equal(text_nearest("A", names), "a");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(text_add__many_parts__joins_them),
        cmocka_unit_test(text_equal__null__equals_null_only),
        cmocka_unit_test(text_affixes__longer_or_empty__are_handled),
        cmocka_unit_test(text_is_utf8__edges_of_unicode__as_the_standard_says),
        cmocka_unit_test(text_add_utf8__bad_bytes__become_replacement_characters),
        cmocka_unit_test(text_add_base64__vectors_of_rfc_4648__match),
        cmocka_unit_test(text_nearest__slips_of_the_finger__find_the_name),
        cmocka_unit_test(text_nearest__short_or_huge_text__names_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
