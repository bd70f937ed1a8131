/*
 * The progress line.
 */
#include "cli/progress.h"

#include "base/json.h"
#include "tests/test.h"

static void assert_line(const struct progress_facts *facts, bool utf8, const char *want)
{
    struct text out = { 0 };

    progress_format(facts, utf8, &out);
    assert_string_equal(text_string(&out), want);
    text_release(&out);
}

static void progress_format__all_facts__are_told(void **state)
{
    struct progress_facts facts = { NULL, 12, 60, 4, 2, "0.0831", 7, 14 * 60 };

    (void)state;
    assert_line(&facts, true, "12/60 done · 4 running · 2 failed · best 0.0831 (trial 7) · ETA 14m00s");
    assert_line(&facts, false, "12/60 done | 4 running | 2 failed | best 0.0831 (trial 7) | ETA 14m00s");
}

static void progress_format__unknown_facts__are_left_out(void **state)
{
    struct progress_facts facts = { "mnist", 0, 0, 1, 0, NULL, 0, (double)NAN };

    (void)state;
    assert_line(&facts, false, "mnist: 0 done | 1 running");
}

static void progress_read__experiment__counts_what_has_ended(void **state)
{
    static const char json[] =
        "{\"maxTrialCount\": 60, \"counts\": {\"trials\": 18, \"running\": 4, \"pending\": 2, \"failed\": 1,"
        " \"metricsUnavailable\": 1}, \"best\": {\"number\": 7, \"objective\": {\"value\": 0.0831}}}";
    struct arena arena = { 0 };
    struct progress_facts facts;
    struct node *node;

    (void)state;
    assert_int_equal(json_read(json, strlen(json), &arena, &node), 0);
    progress_read(node, &arena, &facts);
    assert_int_equal(facts.done, 12);
    assert_int_equal(facts.max, 60);
    assert_int_equal(facts.running, 4);
    assert_int_equal(facts.failed, 2);
    assert_string_equal(facts.best, "0.0831");
    assert_int_equal(facts.best_trial, 7);
    arena_release(&arena);
}

static void progress_read__new_experiment__has_no_best(void **state)
{
    static const char json[] = "{\"maxTrialCount\": null, \"counts\": {\"trials\": 0}, \"best\": null}";
    struct arena arena = { 0 };
    struct progress_facts facts;
    struct node *node;

    (void)state;
    assert_int_equal(json_read(json, strlen(json), &arena, &node), 0);
    progress_read(node, &arena, &facts);
    assert_int_equal(facts.done, 0);
    assert_int_equal(facts.max, 0);
    assert_null(facts.best);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(progress_format__all_facts__are_told),
        cmocka_unit_test(progress_format__unknown_facts__are_left_out),
        cmocka_unit_test(progress_read__experiment__counts_what_has_ended),
        cmocka_unit_test(progress_read__new_experiment__has_no_best),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
