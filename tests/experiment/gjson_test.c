/*
 * GJSON paths: those of Katib's defaults and examples, the parts of the language they are made of, and wrong ones.
 */
#include "base/json.h"
#include "base/status.h"
#include "experiment/gjson.h"

#include "tests/test.h"

static const char complete_job[] =
    "{\"status\":{\"conditions\":[{\"type\":\"Suspended\",\"status\":\"False\"},"
    "{\"type\":\"Complete\",\"status\":\"True\",\"reason\":\"Done\",\"message\":\"all well\"}]}}";
static const char failed_job[] = "{\"status\":{\"conditions\":[{\"type\":\"Complete\",\"status\":\"False\"},"
                                 "{\"type\":\"Failed\",\"status\":\"True\",\"reason\":\"BackoffLimitExceeded\"}]}}";
static const char complete[] = "status.conditions.#(type==\"Complete\")#|#(status==\"True\")#";
static const char failed[] = "status.conditions.#(type==\"Failed\")#|#(status==\"True\")#";

static const struct node *parse(const char *json, struct arena *arena)
{
    struct node *root;

    assert_int_equal(json_read(json, strlen(json), arena, &root), 0);
    return root;
}

static bool holds(const char *json, const char *path)
{
    struct arena arena = { 0 };
    bool result;

    assert_int_equal(gjson_condition(parse(json, &arena), path, &arena, &result, NULL), 0);
    arena_release(&arena);
    return result;
}

/* The result of path on json is want, as compact JSON; NULL: nothing. */
static void assert_result(const char *json, const char *path, const char *want)
{
    struct arena arena = { 0 };
    struct text text = { 0 };
    const struct node *result;

    assert_int_equal(gjson_get(parse(json, &arena), path, &arena, &result), 0);
    if (want == NULL) {
        assert_null(result);
    } else {
        assert_non_null(result);
        json_write(result, JSON_COMPACT, &text);
        assert_string_equal(text_string(&text), want);
    }
    text_release(&text);
    arena_release(&arena);
}

static void assert_refused(const char *path, const char *message)
{
    struct arena arena = { 0 };
    const struct node *result;

    assert_int_equal(gjson_get(parse("{}", &arena), path, &arena, &result), ERR_INVALID);
    assert_contains(fail_message(), message);
    arena_release(&arena);
}

static void gjson_condition__katib_defaults__tell_complete_from_failed(void **state)
{
    (void)state;
    assert_true(holds(complete_job, complete));
    assert_false(holds(complete_job, failed));
    assert_false(holds(failed_job, complete));
    assert_true(holds(failed_job, failed));
    assert_false(holds("{}", complete));
    assert_false(holds("{\"status\":{}}", complete));
}

static void gjson_condition__workflow_phase__is_read_through_this(void **state)
{
    static const char path[] = "status.[@this].#(phase==\"Succeeded\")#";

    (void)state;
    assert_true(holds("{\"status\":{\"phase\":\"Succeeded\"}}", path));
    assert_false(holds("{\"status\":{\"phase\":\"Failed\"}}", path));
    assert_false(holds("{}", path));
}

static void gjson_condition__first_match__gives_reason_and_message(void **state)
{
    struct arena arena = { 0 };
    const struct node *match;
    bool result;

    (void)state;
    assert_int_equal(gjson_condition(parse(complete_job, &arena), complete, &arena, &result, &match), 0);
    assert_true(result);
    assert_string_equal(node_get(match, "reason")->text, "Done");
    assert_string_equal(node_get(match, "message")->text, "all well");
    arena_release(&arena);
}

static void gjson_condition__scalars_and_empty_lists__do_not_hold(void **state)
{
    (void)state;
    assert_false(holds("{\"a\":1}", "a"));
    assert_false(holds("{\"a\":\"x\"}", "a"));
    assert_false(holds("{\"a\":[]}", "a"));
    assert_true(holds("{\"a\":[0]}", "a"));
    assert_true(holds("{\"a\":{}}", "a"));
}

static void gjson_get__keys_indexes_and_escapes__are_followed(void **state)
{
    (void)state;
    assert_result("{\"a\":{\"b\":[10,20]}}", "a.b.1", "20");
    assert_result("{\"a\":{\"b\":[10,20]}}", "a|b|0", "10");
    assert_result("{\"a\":[1]}", "a.1", NULL);
    assert_result("{\"a\":[1]}", "a.-1", NULL);
    assert_result("{\"a.b\":{\"#\":5}}", "a\\.b.\\#", "5");
    assert_result("{\"@this\":5}", "\\@this", "5");
    assert_result("{\"a\":1}", "@this.a", "1");
    assert_result("{\"a\":1}", "[@this].#.a", "[1]");
}

static void gjson_get__hash__counts_or_visits_each(void **state)
{
    static const char json[] = "{\"a\":[{\"n\":1,\"b\":[{\"c\":1},{\"c\":2}]},{\"x\":0},{\"n\":3,\"b\":[{\"c\":3}]}]}";

    (void)state;
    assert_result(json, "a.#", "3");
    assert_result(json, "a.#.n", "[1,3]");
    assert_result(json, "a.#.b.#.c", "[[1,2],[3]]");
    assert_result(json, "a.#.n|0", "1");
    assert_result(json, "a.#.n|#", "2");
    assert_result(json, "a.0.#", NULL);
}

static void gjson_get__queries__compare_by_the_type_of_the_value(void **state)
{
    static const char json[] =
        "[{\"s\":\"apple\",\"n\":1,\"b\":true},{\"s\":\"pear\",\"n\":10.5,\"b\":false},{\"n\":null}]";

    (void)state;
    assert_result(json, "#(s==\"pear\").n", "10.5");
    assert_result(json, "#(s==pear).n", "10.5");
    assert_result(json, "#(s!=\"pear\")#.n", "[1]");
    assert_result(json, "#(n>1)#.s", "[\"pear\"]");
    assert_result(json, "#(n>=1)#.s", "[\"apple\",\"pear\"]");
    assert_result(json, "#(n<10.5)#.s", "[\"apple\"]");
    assert_result(json, "#(n<=10.5)#|#", "2");
    assert_result(json, "#(s<\"b\")#.s", "[\"apple\"]");
    assert_result(json, "#(s%\"*p*l*\")#.n", "[1]");
    assert_result(json, "#(s!%\"a*\")#.n", "[10.5]");
    assert_result(json, "#(b==true)#.n", "[1]");
    assert_result(json, "#(s)#|#", "2");
    assert_result(json, "#(n==\"x\")#", "[]");
    assert_result(json, "#(n==null)#|#", "1");
    assert_result(json, "#( s == \"apple\" ).n", "1");
    assert_result("[\"x\",\"y\"]", "#(==\"y\")#", "[\"y\"]");
    assert_result("[{\"q\":[{\"k\":\"a)\"}],\"v\":1}]", "#(q.#(k==\"a)\"))#.v", "[1]");
    assert_result("[{\"s\":\"say \\\"x\\\"\"}]", "#(s==\"say \\\"x\\\"\")#|#", "1");
}

static void gjson_get__pattern_of_many_stars__takes_no_exponential_time(void **state)
{
    char json[600] = "[\"";
    char path[200] = "#(%\"";

    (void)state;
    memset(json + 2, 'a', 500);
    strcpy(json + 502, "\"]");
    for (int i = 0; i < 60; i++)
        strcat(path, "a*");
    strcat(path, "b\")#");
    assert_result(json, path, "[]");
}

static void gjson_get__wrong_paths__are_refused_whatever_the_data(void **state)
{
    char path[1200];

    (void)state;
    assert_refused("", "expected a key");
    assert_refused("a..b", "expected a key");
    assert_refused("a.", "expected a key");
    assert_refused("status.#(type==\"x\"", "closing bracket");
    assert_refused("status.#(type==\"x)#", "closing bracket");
    assert_refused("a.#()#", "expected a query");
    assert_refused("a.#(b==\"c\")x", "a dot or a bar");
    assert_refused("a.*", "wildcards");
    assert_refused("a.@reverse", "other modifiers");
    assert_refused("a.[b,c]", "other multipaths");
    memset(path, '#', sizeof path - 1);
    for (size_t i = 1; i < sizeof path; i += 2)
        path[i] = '.';
    path[sizeof path - 1] = '\0';
    assert_refused(path, "at most 1024 bytes");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gjson_condition__katib_defaults__tell_complete_from_failed),
        cmocka_unit_test(gjson_condition__workflow_phase__is_read_through_this),
        cmocka_unit_test(gjson_condition__first_match__gives_reason_and_message),
        cmocka_unit_test(gjson_condition__scalars_and_empty_lists__do_not_hold),
        cmocka_unit_test(gjson_get__keys_indexes_and_escapes__are_followed),
        cmocka_unit_test(gjson_get__hash__counts_or_visits_each),
        cmocka_unit_test(gjson_get__queries__compare_by_the_type_of_the_value),
        cmocka_unit_test(gjson_get__pattern_of_many_stars__takes_no_exponential_time),
        cmocka_unit_test(gjson_get__wrong_paths__are_refused_whatever_the_data),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
