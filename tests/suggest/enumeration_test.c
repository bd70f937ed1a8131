#include "tests/suggest/spaces.h"

#include "suggest/enumeration.h"

static const struct space tree = SPACE(finite_parameters), mixed = SPACE(mixed_parameters);

static void size__conditions_below_conditions__are_counted(void **state)
{
    (void)state;
    assert_true(space_size(&tree) == FINITE_SIZE);
    assert_true(isinf(space_size(&mixed)));
    assert_true(space_size(&(struct space){ 0 }) == 1);
}

static void point__every_number__is_a_different_point_of_the_space(void **state)
{
    struct enumeration *enumeration = enumeration_create(&tree);
    double points[FINITE_SIZE][COUNT(finite_parameters)];

    (void)state;
    for (size_t k = 0; k < FINITE_SIZE; k++) {
        enumeration_point(enumeration, k, points[k]);
        assert_in_space(&tree, points[k]);
        for (size_t j = 0; j < k; j++)
            assert_false(is_same_point(points[j], points[k], tree.n));
    }
    enumeration_destroy(enumeration);
}

/* The same count as a walk over all combinations that keeps what decodes differently. */
static void size__random_forests__agrees_with_a_walk(void **state)
{
    enum { N = 5, MOST = 4 };

    (void)state;
    for (uint64_t round = 0; round < 200; round++) {
        struct rng rng = rng_stream(round, 0, "forest");
        struct parameter p[N];
        struct activation conditions[N];
        double in[N][2];
        for (size_t i = 0; i < N; i++) {
            p[i] = (struct parameter){ .name = "p", .type = PARAMETER_INT, .min = 1, .step = 1 };
            p[i].max = 1 + (double)rng_below(&rng, MOST);
            if (i == 0 || rng_below(&rng, 3) == 0)
                continue;
            conditions[i] = (struct activation){ .parameter = rng_below(&rng, i) };
            in[i][0] = 1 + (double)rng_below(&rng, MOST);
            in[i][1] = 1 + (double)rng_below(&rng, MOST);
            if (rng_below(&rng, 2)) {
                conditions[i].values = in[i];
                conditions[i].n_values = 2;
            } else {
                conditions[i].min = fmin(in[i][0], in[i][1]) - 0.5;
                conditions[i].max = fmax(in[i][0], in[i][1]);
            }
            p[i].activation = &conditions[i];
        }
        const struct space space = { N, p };
        double n_points = 0;
        for (unsigned code = 0; code < 1u << (2 * N); code++) {
            double values[N];
            bool is_canonical = true;
            for (size_t i = 0; i < N; i++) {
                unsigned k = code >> (2 * i) & 3;
                bool is_active = space_is_active(&space, values, i);
                values[i] = is_active ? 1 + (double)k : NAN;
                is_canonical &= is_active ? 1 + (double)k <= p[i].max : k == 0;
            }
            n_points += is_canonical;
        }
        assert_true(space_size(&space) == n_points);
    }
}

static void point__huge_parameter_with_a_condition__is_found_at_once(void **state)
{
    static const struct activation late = { .parameter = 0, .min = 4e9, .max = INFINITY };
    static const struct parameter p[] = {
        { .name = "seed", .type = PARAMETER_INT, .min = 0, .max = 4294967295, .step = 1 },
        { .name = "extra", .type = PARAMETER_INT, .min = 1, .max = 10, .step = 1, .activation = &late },
    };
    const struct space space = SPACE(p);
    struct enumeration *enumeration = enumeration_create(&space);
    double values[2];

    (void)state;
    assert_true(enumeration_size(enumeration) == 4e9 + 294967296.0 * 10);
    enumeration_point(enumeration, 3999999999, values);
    assert_true(values[0] == 3999999999 && isnan(values[1]));
    enumeration_point(enumeration, 4000000000, values);
    assert_true(values[0] == 4e9 && values[1] == 1);
    enumeration_point(enumeration, 4000000000 + UINT64_C(2949672960) - 1, values);
    assert_true(values[0] == 4294967295 && values[1] == 10);
    enumeration_destroy(enumeration);
}

static void size__beyond_exact_counting__is_not_countable(void **state)
{
    struct parameter p[20];
    const struct space space = SPACE(p);

    (void)state;
    for (size_t i = 0; i < COUNT(p); i++)
        p[i] = (struct parameter){ .name = "p", .type = PARAMETER_INT, .min = 1, .max = 10, .step = 1 };
    struct enumeration *enumeration = enumeration_create(&space);
    assert_close(enumeration_size(enumeration), 1e20, 1e-12);
    assert_false(enumeration_is_countable(enumeration));
    enumeration_destroy(enumeration);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(size__conditions_below_conditions__are_counted),
        cmocka_unit_test(size__random_forests__agrees_with_a_walk),
        cmocka_unit_test(size__beyond_exact_counting__is_not_countable),
        cmocka_unit_test(point__every_number__is_a_different_point_of_the_space),
        cmocka_unit_test(point__huge_parameter_with_a_condition__is_found_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
