/*
 * The search for the best point of a utility: against dense sampling, in every kind of space, never at a taken point.
 */
#include "suggest/maximize.h"

#include "suggest/lattice.h"
#include "tests/suggest/spaces.h"

enum { PROBLEMS = 20, DENSE = 100000, CANDIDATES = 512 };

static const struct space mixed = SPACE(mixed_parameters), tree = SPACE(finite_parameters);
static const struct parameter five[] = {
    { .name = "a", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "b", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "c", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    { .name = "n", .type = PARAMETER_INT, .min = 0, .max = 1000, .step = 1 },
    { .name = "k", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
};

/* Ridges around a peak, and a needle of the same height beside an incumbent: smooth, with many local maxima. */
struct landscape {
    size_t n;
    double peak[16], needle[16];
};

static double height(const void *context, const double *x, double *gradient)
{
    const struct landscape *land = context;
    double far = 0, near = 0, value;

    for (size_t i = 0; i < land->n; i++) {
        double d = isnan(x[i]) ? 0 : x[i] - land->peak[i], e = isnan(x[i]) ? 0 : x[i] - land->needle[i];
        far += d * d + 0.02 * (1 - cos(20 * d));
        near += e * e;
    }
    value = -10 * far;
    bool is_needle = 1 - 2000 * near > value;
    for (size_t i = 0; i < land->n && gradient != NULL; i++) {
        double d = x[i] - land->peak[i];
        gradient[i] = is_needle ? -4000 * (x[i] - land->needle[i]) : -10 * (2 * d + 0.4 * sin(20 * d));
    }
    return is_needle ? 1 - 2000 * near : value;
}

static void heights(const void *context, const double *x, size_t n, double *values)
{
    const struct landscape *land = context;

    for (size_t i = 0; i < n; i++)
        values[i] = height(context, x + i * land->n, NULL);
}

static double unit_lengths[16] = { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 };

static struct maximize_task task_on(const struct landscape *land, uint64_t seed)
{
    return (struct maximize_task){
        .utility = { heights, height, land },
        .effort = { CANDIDATES, 6, 40 },
        .lengthscales = unit_lengths,
        .seed = seed,
    };
}

static struct landscape draw_landscape(const struct space *space, struct rng *rng)
{
    struct landscape land = { .n = space->n };
    double values[16];

    for (int which = 0; which < 2; which++) {
        double *at = which ? land.needle : land.peak;
        space_draw(space, rng, at);
        space_decode(space, at, values);
        space_encode(space, values, at);
        for (size_t i = 0; i < space->n; i++)
            at[i] = isnan(at[i]) ? 0 : at[i];
    }
    return land;
}

static double densely(const struct space *space, const struct landscape *land, struct rng *rng)
{
    double best = -INFINITY, x[16];
    struct lattice *lattice = lattice_create(space);

    for (int draw = 0; draw < DENSE; draw++) {
        for (size_t i = 0; i < space->n; i++)
            x[i] = lattice_draw(lattice, i, rng_uniform(rng));
        best = fmax(best, height(land, x, NULL));
    }
    lattice_destroy(lattice);
    return best;
}

static void run__mixed_space__is_as_good_as_a_hundred_thousand_samples(void **state)
{
    const struct space space = SPACE(five);
    struct maximizer *maximizer = maximizer_create(&space, SIZE_MAX, CANDIDATES);
    unsigned n_good = 0;
    double x[16];

    (void)state;
    for (uint64_t p = 0; p < PROBLEMS; p++) {
        struct rng rng = rng_stream(p, 0, "landscape");
        struct landscape land = draw_landscape(&space, &rng);
        struct maximize_task task = task_on(&land, p);
        double value = maximizer_run(maximizer, &task, &rng, x);
        assert_close(value, height(&land, x, NULL), 1e-12);
        n_good += value >= densely(&space, &land, &rng);
    }
    assert_true(n_good >= PROBLEMS - 1);
    maximizer_destroy(maximizer);
}

static void run__needle_beside_an_incumbent__is_found(void **state)
{
    const struct space space = SPACE(five);
    struct maximizer *maximizer = maximizer_create(&space, SIZE_MAX, CANDIDATES);
    double x[16], incumbent[16];

    (void)state;
    for (uint64_t p = 0; p < PROBLEMS; p++) {
        struct rng rng = rng_stream(p, 1, "landscape");
        struct landscape land = draw_landscape(&space, &rng);
        struct maximize_task task = task_on(&land, p);
        memcpy(incumbent, land.needle, sizeof incumbent);
        for (size_t i = 0; i < 3; i++)
            incumbent[i] = fmin(fmax(incumbent[i] + 0.01, 0), 1);
        task.incumbents = incumbent;
        task.n_incumbents = 1;
        assert_true(maximizer_run(maximizer, &task, &rng, x) > 1 - 1e-3);
    }
    maximizer_destroy(maximizer);
}

/* Conditional parameters are masked in what comes back, and the point decodes to itself. */
static void run__conditional_space__gives_a_point_of_it(void **state)
{
    struct maximizer *maximizer = maximizer_create(&mixed, SIZE_MAX, CANDIDATES);
    double x[16], values[16], again[16];

    (void)state;
    for (uint64_t p = 0; p < PROBLEMS; p++) {
        struct rng rng = rng_stream(p, 2, "landscape");
        struct landscape land = draw_landscape(&mixed, &rng);
        struct maximize_task task = task_on(&land, p);
        assert_true(isfinite(maximizer_run(maximizer, &task, &rng, x)));
        space_decode(&mixed, x, values);
        assert_in_space(&mixed, values);
        space_encode(&mixed, values, again);
        for (size_t i = 0; i < mixed.n; i++)
            assert_true(isnan(x[i]) ? isnan(again[i]) : fabs(x[i] - again[i]) < 1e-6);
    }
    maximizer_destroy(maximizer);
}

static void run__small_space__ends_at_the_free_points_one_by_one(void **state)
{
    struct maximizer *maximizer = maximizer_create(&tree, SIZE_MAX, CANDIDATES);
    struct rng rng = rng_stream(0, 3, "landscape");
    struct landscape land = draw_landscape(&tree, &rng);
    struct maximize_task task = task_on(&land, 0);
    struct point_set taken = { 0 };
    double last = INFINITY, x[16];

    (void)state;
    task.taken = &taken;
    for (size_t k = 0; k < FINITE_SIZE; k++) {
        double value = maximizer_run(maximizer, &task, &rng, x);
        assert_true(isfinite(value) && value <= last);
        assert_false(point_set_has(&taken, x, tree.n, NAN));
        point_set_add(&taken, x, tree.n, NAN);
        last = value;
    }
    assert_true(isinf(maximizer_run(maximizer, &task, &rng, x)));
    point_set_release(&taken);
    maximizer_destroy(maximizer);
}

/* Wide in its steps: the best of a million values is found without looking at them all. */
static void run__large_integers_near_a_taken_optimum__gives_the_next_best(void **state)
{
    static const struct parameter wide[] = {
        { .name = "n", .type = PARAMETER_INT, .min = 0, .max = 999999, .step = 1 },
        { .name = "m", .type = PARAMETER_INT, .min = 0, .max = 999999, .step = 1 },
    };
    const struct space space = SPACE(wide);
    struct maximizer *maximizer = maximizer_create(&space, SIZE_MAX, CANDIDATES);
    struct point_set taken = { 0 };
    struct landscape land = { 2, { 0.2000005, 0.7000005 }, { 0.2000005, 0.7000005 } };
    struct maximize_task task = task_on(&land, 1);
    struct rng rng = rng_stream(0, 4, "landscape");
    double x[2];

    (void)state;
    point_set_add(&taken, land.peak, 2, NAN);
    task.taken = &taken;
    task.incumbents = land.peak;
    task.n_incumbents = 1;
    maximizer_run(maximizer, &task, &rng, x);
    assert_false(x[0] == land.peak[0] && x[1] == land.peak[1]);
    assert_true(fabs(x[0] - land.peak[0]) + fabs(x[1] - land.peak[1]) < 1e-2);
    point_set_release(&taken);
    maximizer_destroy(maximizer);
}

static void lattice__every_parameter__has_the_coordinates_of_its_values(void **state)
{
    struct lattice *lattice = lattice_create(&mixed);

    (void)state;
    for (size_t i = 0; i < mixed.n; i++) {
        double size = lattice_size(lattice, i), below = -INFINITY;
        assert_close(size, space_parameter_size(&mixed, i), 0);
        for (uint64_t k = 0; !isinf(size) && (double)k < size; k++) {
            double at = lattice_coordinate(lattice, i, k);
            assert_true(at > below);
            assert_int_equal(lattice_index(lattice, i, at), k);
            below = at;
        }
    }
    lattice_destroy(lattice);
    lattice_destroy(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(run__mixed_space__is_as_good_as_a_hundred_thousand_samples),
        cmocka_unit_test(run__needle_beside_an_incumbent__is_found),
        cmocka_unit_test(run__conditional_space__gives_a_point_of_it),
        cmocka_unit_test(run__small_space__ends_at_the_free_points_one_by_one),
        cmocka_unit_test(run__large_integers_near_a_taken_optimum__gives_the_next_best),
        cmocka_unit_test(lattice__every_parameter__has_the_coordinates_of_its_values),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
