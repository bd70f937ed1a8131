/*
 * The table of fields and its words.
 */
#include "base/memory.h"
#include "base/status.h"
#include "experiment/explain.h"
#include "suggest/space.h"
#include "trialrunner/collectors/collector.h"

#include "tests/test.h"

static void experiment_fields__rows__are_whole_and_stand_behind_their_parents(void **state)
{
    (void)state;
    for (const struct field_help *field = experiment_fields; field->path != NULL; field++) {
        const char *dot = strrchr(field->path, '.');

        assert_true(strlen(field->type) > 0 && strlen(field->help) > 0);
        assert_int_equal(field->help[strlen(field->help) - 1], '.');
        assert_ptr_equal(explain_find(field->path), field); /* no path stands twice */
        if (dot != NULL) {
            char *parent = strndup(field->path, (size_t)(dot - field->path));

            assert_non_null(explain_find(parent));
            assert_true(explain_find(parent) < field);
            free(parent);
        }
    }
}

static void experiment_fields__enumerations__name_what_the_tables_hold(void **state)
{
    const char *kinds = explain_find("spec.metricsCollectorSpec.collector.kind")->type;

    (void)state;
    for (const struct collector_kind *kind = collector_kinds; kind->name != NULL; kind++)
        assert_contains(kinds, kind->name);
    for (size_t i = 0; parameter_type_names[i] != NULL; i++)
        assert_contains(explain_find("spec.parameters.parameterType")->type, parameter_type_names[i]);
    for (size_t i = 0; distribution_names[i] != NULL; i++)
        assert_contains(explain_find("spec.parameters.feasibleSpace.distribution")->type, distribution_names[i]);
}

static void explain_find__indexes_and_brackets__make_no_difference(void **state)
{
    const struct field_help *field = explain_find("spec.parameters[].feasibleSpace.min");

    (void)state;
    assert_non_null(field);
    assert_ptr_equal(explain_find("spec.parameters[17].feasibleSpace.min"), field);
    assert_ptr_equal(explain_find("spec.parameters.feasibleSpace.min"), field);
    assert_null(explain_find("spec.parameters.feasibleSpace.mi"));
    assert_null(explain_find("spec.parameters[].feasibleSpace.min.x"));
}

static void explain_field__leaf__says_type_default_and_help(void **state)
{
    struct text out = { 0 };

    (void)state;
    assert_int_equal(explain_field("spec.resumePolicy", &out), 0);
    assert_contains(text_string(&out), "spec.resumePolicy  Never | LongRunning | FromVolume, default: Never\n");
    assert_contains(text_string(&out), "maxTrialCount is raised");
    text_release(&out);
}

static void explain_field__object__lists_its_children_only(void **state)
{
    struct text out = { 0 };

    (void)state;
    assert_int_equal(explain_field("spec.parameters", &out), 0);
    assert_contains(text_string(&out), "\n  parameterType  double | int");
    assert_contains(text_string(&out), "\n  condition      object, default: none: always active (Hone's own)");
    assert_null(strstr(text_string(&out), "distribution"));
    text_clear(&out);
    assert_int_equal(explain_field(NULL, &out), 0);
    assert_contains(text_string(&out), "\n  apiVersion  string, required");
    assert_null(strstr(text_string(&out), "parallelTrialCount"));
    text_release(&out);
}

static void explain_field__unknown_path__names_the_nearest(void **state)
{
    struct text out = { 0 };

    (void)state;
    assert_int_equal(explain_field("spec.objectiv.type", &out), ERR_NOT_FOUND);
    assert_contains(fail_message(), "did you mean spec.objective.type?");
    assert_int_equal(explain_field("maxTrialCount", &out), ERR_NOT_FOUND);
    assert_contains(fail_message(), "did you mean spec.maxTrialCount?");
    assert_int_equal(explain_field("nothing like it at all, anywhere", &out), ERR_NOT_FOUND);
    assert_contains(fail_message(), "lists them");
    assert_int_equal(out.length, 0);
    text_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(experiment_fields__rows__are_whole_and_stand_behind_their_parents),
        cmocka_unit_test(experiment_fields__enumerations__name_what_the_tables_hold),
        cmocka_unit_test(explain_find__indexes_and_brackets__make_no_difference),
        cmocka_unit_test(explain_field__leaf__says_type_default_and_help),
        cmocka_unit_test(explain_field__object__lists_its_children_only),
        cmocka_unit_test(explain_field__unknown_path__names_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
