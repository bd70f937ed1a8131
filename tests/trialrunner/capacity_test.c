/*
 * Tests of capacity: what fits, what never will, and that what is given back is there again.
 */
#include "base/status.h"
#include "tests/test.h"
#include "trialrunner/capacity.h"

static struct capacity machine(void)
{
    return (struct capacity){ .cpus = 4, .memory = 8e9, .n_gpus = 3 };
}

static void capacity__this_machine__has_cores_and_memory(void **state)
{
    struct capacity capacity;

    (void)state;
    setenv("HONE_GPUS", "5", 1);
    capacity_detect(&capacity);
    assert_true(capacity.cpus >= 1);
    assert_true(capacity.memory > 1e6);
    assert_int_equal(capacity.n_gpus, 5);
    setenv("HONE_GPUS", "1000", 1);
    capacity_detect(&capacity);
    assert_int_equal(capacity.n_gpus, GPU_LIMIT);
    unsetenv("HONE_GPUS");
}

static void capacity__what_never_fits__is_refused_with_both_numbers(void **state)
{
    struct capacity capacity = machine();

    (void)state;
    assert_int_equal(capacity_check(&capacity, &(struct resources){ .gpus = 4 }), ERR_LIMIT);
    assert_contains(fail_message(), "asks for 4 GPUs at once, this machine has 3");
    assert_int_equal(capacity_check(&capacity, &(struct resources){ .cpus = 4.5 }), ERR_LIMIT);
    assert_contains(fail_message(), "4.5 CPUs");
    assert_int_equal(capacity_check(&capacity, &(struct resources){ .memory = 9e9 }), ERR_LIMIT);
    assert_contains(fail_message(), "GiB");
    assert_int_equal(capacity_check(&capacity, &(struct resources){ 4, 8e9, 3 }), 0);
}

static void capacity__gpus__are_handed_out_by_index(void **state)
{
    struct capacity capacity = machine();
    const struct resources one = { .gpus = 1 }, two = { .gpus = 2 };
    char first[256], second[256], third[256];

    (void)state;
    assert_true(capacity_take(&capacity, &two, first));
    assert_string_equal(first, "0,1");
    assert_true(capacity_take(&capacity, &one, second));
    assert_string_equal(second, "2");
    assert_false(capacity_take(&capacity, &one, third));
    capacity_give(&capacity, &two, first);
    assert_true(capacity_take(&capacity, &one, third));
    assert_string_equal(third, "0");
}

static void capacity__nothing_declared__always_fits(void **state)
{
    struct capacity capacity = machine();
    char gpus[256];

    (void)state;
    assert_true(capacity_take(&capacity, &(struct resources){ 4, 8e9, 3 }, gpus));
    for (int i = 0; i < 1000; i++)
        assert_true(capacity_take(&capacity, &(struct resources){ 0 }, gpus));
    assert_string_equal(gpus, "");
    assert_false(capacity_take(&capacity, &(struct resources){ .cpus = 0.1 }, gpus));
}

static void capacity__shares__add_up_without_drift(void **state)
{
    struct capacity capacity = machine();
    const struct resources tenth = { .cpus = 0.1, .memory = 1e9 / 3 };
    char gpus[256];

    (void)state;
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 24; i++)
            assert_true(capacity_take(&capacity, &tenth, gpus));
        assert_false(capacity_take(&capacity, &tenth, gpus));
        for (int i = 0; i < 24; i++)
            capacity_give(&capacity, &tenth, gpus);
    }
    assert_true(capacity.cpus_taken < 1e-9);
}

static void capacity__retaken__is_taken(void **state)
{
    struct capacity capacity = machine();
    const struct resources two = { .cpus = 1, .gpus = 2 };
    char gpus[256];

    (void)state;
    capacity_retake(&capacity, &two, "0,2");
    assert_true(capacity_take(&capacity, &(struct resources){ .gpus = 1 }, gpus));
    assert_string_equal(gpus, "1");
    capacity_retake(&capacity, &two, "70,x");
    capacity_retake(&capacity, &two, NULL);
    assert_close(capacity.cpus_taken, 3, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capacity__this_machine__has_cores_and_memory),
        cmocka_unit_test(capacity__what_never_fits__is_refused_with_both_numbers),
        cmocka_unit_test(capacity__gpus__are_handed_out_by_index),
        cmocka_unit_test(capacity__nothing_declared__always_fits),
        cmocka_unit_test(capacity__shares__add_up_without_drift),
        cmocka_unit_test(capacity__retaken__is_taken),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
