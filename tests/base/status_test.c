/*
 * base/status: messages, names of codes.
 */
#include "tests/test.h"
#undef fail /* cmocka's macro; base/status.h has a function of that name */

#include <errno.h>
#include <pthread.h>

#include "base/status.h"
#include "base/text.h"

static void fail__format__keeps_the_message_and_returns_the_code(void **state)
{
    (void)state;
    assert_int_equal(fail(ERR_INVALID, "step must be in (0, 1], got %g", 1.5), ERR_INVALID);
    assert_string_equal(fail_message(), "step must be in (0, 1], got 1.5");
}

static void fail__its_own_message__can_be_wrapped(void **state)
{
    (void)state;
    fail(ERR_IO, "disk full");
    fail(ERR_IO, "trial 3: %s", fail_message());
    assert_string_equal(fail_message(), "trial 3: disk full");
}

static void fail__control_characters__are_masked_but_lines_stay(void **state)
{
    (void)state;
    fail(ERR_INVALID, "a\x1b[31mb\nc");
    assert_string_equal(fail_message(), "a?[31mb\nc");
}

static void fail__long_text__is_cut_between_characters(void **state)
{
    struct text text = { 0 };
    size_t bad;

    (void)state;
    text_add(&text, "x");
    for (int i = 0; i < 1000; i++)
        text_add(&text, "\xC3\xA9");
    fail(ERR_INVALID, "%s", text.data);
    assert_true(strlen(fail_message()) >= 1020 && strlen(fail_message()) <= 1023);
    assert_true(text_is_utf8(fail_message(), strlen(fail_message()), &bad));
    text_release(&text);
}

static void fail_errno__reason__is_at_the_end(void **state)
{
    (void)state;
    assert_int_equal(fail_errno(ENOENT, "cannot open %s", "x"), ERR_IO);
    assert_string_equal(fail_message(), "cannot open x: No such file or directory");
}

static void *fail_elsewhere(void *argument)
{
    (void)argument;
    fail(ERR_IO, "of another thread");
    return NULL;
}

static void fail__other_thread__leaves_this_message(void **state)
{
    pthread_t thread;

    (void)state;
    fail(ERR_INVALID, "of this thread");
    assert_int_equal(pthread_create(&thread, NULL, fail_elsewhere, NULL), 0);
    pthread_join(thread, NULL);
    assert_string_equal(fail_message(), "of this thread");
}

static void status_name__every_code__reads_back(void **state)
{
    (void)state;
    for (int code = ERR_LIMIT; code <= OK; code++)
        assert_int_equal(status_from_name(status_name(code)), code);
    assert_string_equal(status_name(7), "OK");
    assert_string_equal(status_name(ERR_NOT_FOUND), "NOT_FOUND");
    assert_int_equal(status_from_name("NO_SUCH_CODE"), ERR_INVALID);
    assert_int_equal(status_from_name(NULL), ERR_INVALID);
}

static int pass_up(int code, bool *went_on)
{
    TRY(code);
    *went_on = true;
    return 0;
}

static void try__failure__returns_at_once(void **state)
{
    bool went_on = false;

    (void)state;
    assert_int_equal(pass_up(ERR_CONFLICT, &went_on), ERR_CONFLICT);
    assert_false(went_on);
    assert_int_equal(pass_up(1, &went_on), 0);
    assert_true(went_on);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fail__format__keeps_the_message_and_returns_the_code),
        cmocka_unit_test(fail__its_own_message__can_be_wrapped),
        cmocka_unit_test(fail__control_characters__are_masked_but_lines_stay),
        cmocka_unit_test(fail__long_text__is_cut_between_characters),
        cmocka_unit_test(fail_errno__reason__is_at_the_end),
        cmocka_unit_test(fail__other_thread__leaves_this_message),
        cmocka_unit_test(status_name__every_code__reads_back),
        cmocka_unit_test(try__failure__returns_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
