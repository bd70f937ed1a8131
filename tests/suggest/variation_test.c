/*
 * Crossover and mutation: bounds, means, choices, what is inactive.
 */
#include "suggest/variation.h"

#include "tests/suggest/spaces.h"

static const struct variation usual = { .crossover = 1, .crossover_eta = 20, .mutation = 0, .mutation_eta = 20 };

static void child__any_parents__stays_in_the_space_and_is_new(void **state)
{
    const struct space space = SPACE(mixed_parameters);
    const struct variation wild = { .crossover = 0.9, .crossover_eta = 2, .mutation = 6, .mutation_eta = 1 };
    double x[3][COUNT(mixed_parameters)], values[COUNT(mixed_parameters)];
    struct rng rng = rng_stream(1, 1, "test");

    (void)state;
    for (int round = 0; round < 2000; round++) {
        for (int parent = 0; parent < 2; parent++) {
            space_draw(&space, &rng, x[parent]);
            space_decode(&space, x[parent], values);
            space_encode(&space, values, x[parent]); /* NAN where inactive */
        }
        variation_child(&wild, &space, x[0], round % 2 ? x[0] : x[1], &rng, x[2]);
        for (size_t i = 0; i < space.n; i++)
            assert_true(x[2][i] >= 0 &&
                        (space.parameters[i].type == PARAMETER_CATEGORICAL ? x[2][i] < 3 : x[2][i] <= 1));
        space_decode(&space, x[2], values);
        assert_in_space(&space, values);
        assert_false(is_same_point(x[0], x[2], space.n));
    }
}

/* Away from the walls, the two children lie to both sides alike, and near their parents. */
static void child__crossover__keeps_the_mean_and_the_spread(void **state)
{
    static const struct parameter line[] = { { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 } };
    const struct space space = SPACE(line);
    struct rng rng = rng_stream(2, 1, "test");
    double a = 0.45, b = 0.55, child, mean = 0;
    size_t n_near = 0;

    (void)state;
    for (int round = 0; round < 20000; round++) {
        variation_child(&usual, &space, &a, &b, &rng, &child);
        mean += child / 20000;
        n_near += fmin(fabs(child - a), fabs(child - b)) < 0.02;
    }
    assert_true(fabs(mean - 0.5) < 0.002);
    assert_true(n_near > 19000);
}

/* Parents on a wall: half the children would be beyond it. */
static void child__parents_at_the_walls__children_pile_up_nowhere(void **state)
{
    static const struct parameter line[] = { { .name = "x", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 } };
    const struct variation mutating = { .mutation = 1, .mutation_eta = 20 };
    const struct space space = SPACE(line);
    struct rng rng = rng_stream(2, 1, "test");
    double low = 0, child;
    size_t n_on_wall = 0;

    (void)state;
    for (int round = 0; round < 2000; round++) {
        variation_child(&mutating, &space, &low, &low, &rng, &child);
        n_on_wall += child == 0;
    }
    assert_true(n_on_wall < 1200); /* the half that goes down stays */
}

static void child__choices__are_one_parents_or_mutated_to_each_other_alike(void **state)
{
    static const struct parameter choice[] = {
        { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
        { .name = "d", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
    };
    const struct variation mutating = { .mutation = 2, .mutation_eta = 20 };
    const struct space space = SPACE(choice);
    struct rng rng = rng_stream(2, 1, "test");
    double a[] = { 0, 0 }, b[] = { 2, 2 }, child[2];
    size_t n[3] = { 0 };

    (void)state;
    for (int round = 0; round < 2000; round++) {
        variation_child(&mutating, &space, a, a, &rng, child);
        n[(size_t)child[0]]++;
    }
    assert_int_equal(n[0], 0);
    assert_true(n[1] > 900 && n[2] > 900);
    for (int round = 0; round < 200; round++) {
        variation_child(&usual, &space, a, b, &rng, child);
        assert_true(child[0] != 1 || child[1] != 1);
    }
}

/* Steps are taken even where the usual mutation is far smaller. */
static void child__two_values__mutation_changes_the_value(void **state)
{
    static const struct parameter coin[] = { { .name = "n", .type = PARAMETER_INT, .min = 0, .max = 1, .step = 1 } };
    const struct space space = SPACE(coin);
    const struct variation mutating = { .mutation = 1, .mutation_eta = 20 };
    struct rng rng = rng_stream(2, 1, "test");
    double a = 0.25, child, value;

    (void)state;
    for (int round = 0; round < 200; round++) {
        variation_child(&mutating, &space, &a, &a, &rng, &child);
        space_decode(&space, &child, &value);
        assert_close(value, 1, 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(child__any_parents__stays_in_the_space_and_is_new),
        cmocka_unit_test(child__crossover__keeps_the_mean_and_the_spread),
        cmocka_unit_test(child__parents_at_the_walls__children_pile_up_nowhere),
        cmocka_unit_test(child__choices__are_one_parents_or_mutated_to_each_other_alike),
        cmocka_unit_test(child__two_values__mutation_changes_the_value),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
