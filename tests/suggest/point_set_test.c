#include "suggest/point_set.h"

#include "tests/suggest/spaces.h"

static void add__and_remove__count_each_point(void **state)
{
    struct point_set set = { 0 };
    const double a[] = { 1, NAN }, b[] = { NAN, 1 };

    (void)state;
    assert_false(point_set_has(&set, a, 2, NAN));
    point_set_add(&set, a, 2, NAN);
    point_set_add(&set, a, 2, NAN);
    assert_true(point_set_has(&set, a, 2, NAN));
    assert_false(point_set_has(&set, b, 2, NAN));
    assert_false(point_set_has(&set, a, 2, 3));
    assert_int_equal(set.n, 1);
    point_set_remove(&set, a, 2, NAN);
    assert_true(point_set_has(&set, a, 2, NAN));
    point_set_remove(&set, a, 2, NAN);
    assert_false(point_set_has(&set, a, 2, NAN));
    assert_int_equal(set.n, 0);
    point_set_release(&set);
}

static void add__negative_zero__is_zero(void **state)
{
    struct point_set set = { 0 };
    const double zero = 0, minus = -0.0;

    (void)state;
    point_set_add(&set, &zero, 1, NAN);
    assert_true(point_set_has(&set, &minus, 1, NAN));
    point_set_release(&set);
}

static void add__many_points_coming_and_going__keeps_exactly_those(void **state)
{
    enum { N = 20000 };
    struct point_set set = { 0 };

    (void)state;
    for (int i = 0; i < N; i++) {
        const double in[] = { i, i % 7 }, out[] = { i - 100, (i - 100) % 7 };
        point_set_add(&set, in, 2, NAN);
        if (i >= 100)
            point_set_remove(&set, out, 2, NAN);
    }
    assert_int_equal(set.n, 100);
    assert_true(set.capacity <= 1024); /* what was removed takes no room */
    for (int i = 0; i < N; i++)
        assert_int_equal(point_set_has(&set, (const double[]){ i, i % 7 }, 2, NAN), i >= N - 100);
    point_set_release(&set);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(add__and_remove__count_each_point),
        cmocka_unit_test(add__negative_zero__is_zero),
        cmocka_unit_test(add__many_points_coming_and_going__keeps_exactly_those),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
