/*
 * Points of the file: read with their places, completed where something is left out.
 */
#include "experiment/enqueue.h"

#include "tests/experiment/reading.h"

#define TREE                                                                                            \
    "  parameters:\n"                                                                                   \
    "    - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [sgd, adam]}}\n"         \
    "    - {name: momentum, parameterType: double, feasibleSpace: {min: 0.5, max: 0.99}, "              \
    "condition: {parameter: optimizer, in: [sgd]}}\n"                                                   \
    "    - {name: lr, parameterType: double, feasibleSpace: {min: 1e-5, max: 1, distribution: "         \
    "logUniform}}\n"                                                                                    \
    "  trialTemplate:\n"                                                                                \
    "    primaryContainerName: main\n"                                                                  \
    "    trialParameters: [{name: o, reference: optimizer}, {name: m, reference: momentum}, {name: r, " \
    "reference: lr}]\n" JOB_HEAD                                                                        \
    "                args: [\"${trialParameters.o}\", \"${trialParameters.m}\", \"${trialParameters.r}\"]\n"

enum { OPTIMIZER, MOMENTUM, LR, N };

static void enqueue_fill__what_is_given__is_kept_to_the_last_digit(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, HEAD OBJECTIVE ALGORITHM TREE
                                           "  hone:\n"
                                           "    enqueue: [{optimizer: adam, lr: 0.012345678901234}]\n");
    double values[N];

    (void)state;
    enqueue_fill(spec, 3, 1, values);
    assert_close(values[OPTIMIZER], 1, 0);
    assert_true(isnan(values[MOMENTUM]));
    assert_close(values[LR], 0.012345678901234, 0);
    reading_release(&reading);
}

static void enqueue_fill__what_is_left_out__is_drawn_and_always_the_same(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading,
                                           HEAD OBJECTIVE ALGORITHM TREE "  hone:\n"
                                                                         "    enqueue: [{optimizer: sgd}, {}, {}]\n");
    double values[N], again[N], other[N];

    (void)state;
    enqueue_fill(spec, 3, 1, values);
    enqueue_fill(spec, 3, 1, again);
    enqueue_fill(spec, 3, 2, other);
    assert_close(values[OPTIMIZER], 0, 0);
    assert_true(values[MOMENTUM] >= 0.5 && values[MOMENTUM] <= 0.99);
    assert_true(values[LR] >= 1e-5 && values[LR] <= 1);
    assert_memory_equal(values, again, sizeof values);
    assert_true(values[LR] != other[LR]);
    for (int64_t number = 2; number <= 3; number++) {
        enqueue_fill(spec, 3, number, values);
        assert_true(isnan(values[MOMENTUM]) == (values[OPTIMIZER] != 0));
    }
    reading_release(&reading);
}

static void enqueue_has__numbers__are_the_first_trials(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, HEAD OBJECTIVE ALGORITHM TREE "  hone: {enqueue: [{}, {}]}\n");

    (void)state;
    assert_true(enqueue_has(spec, 1) && enqueue_has(spec, 2));
    assert_false(enqueue_has(spec, 0) || enqueue_has(spec, 3));
    reading_release(&reading);
}

static void bundle_parse__points_that_cannot_be__are_told_with_their_places(void **state)
{
    (void)state;
    assert_faults(HEAD OBJECTIVE ALGORITHM "  maxTrialCount: 3\n" TREE "  hone:\n"
                                           "    enqueue:\n"
                                           "      - {optimizer: adam, momentum: 0.9}\n"
                                           "      - {momentum: 0.9}\n"
                                           "      - {optimizer: lion}\n"
                                           "      - {optimizer: sgd, momentum: 2}\n",
                  "exp.yaml:32:7: warning: spec.hone.enqueue: more points than maxTrialCount = 3: the last ones are "
                  "not tried\n"
                  "exp.yaml:32:27: spec.hone.enqueue[0].momentum: expected no value, for it does not exist where "
                  "optimizer is adam\n"
                  "exp.yaml:33:10: spec.hone.enqueue[1].momentum: expected a value of optimizer too, on which it "
                  "depends\n"
                  "exp.yaml:34:21: spec.hone.enqueue[2].optimizer: expected one of its 2 values, got \"lion\"\n"
                  "exp.yaml:35:36: spec.hone.enqueue[3].momentum: expected a number in [0.5, 0.99], got 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(enqueue_fill__what_is_given__is_kept_to_the_last_digit),
        cmocka_unit_test(enqueue_fill__what_is_left_out__is_drawn_and_always_the_same),
        cmocka_unit_test(enqueue_has__numbers__are_the_first_trials),
        cmocka_unit_test(bundle_parse__points_that_cannot_be__are_told_with_their_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
