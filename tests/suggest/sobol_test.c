#include "suggest/sobol.h"

#include "tests/suggest/studies.h"

enum { LOG_POINTS = 8, POINTS = 1 << LOG_POINTS };

/* Points 4 to 7 of the plain sequence by Joe and Kuo's own program, dimensions 1 to 5. */
static void coordinate__joe_and_kuo__golden_points(void **state)
{
    static const double golden[4][5] = {
        { .375, .375, .625, .875, .375 },
        { .875, .875, .125, .375, .875 },
        { .625, .125, .875, .625, .625 },
        { .125, .625, .375, .125, .125 },
    };

    (void)state;
    for (unsigned dimension = 0; dimension < 5; dimension++) {
        uint32_t directions[SOBOL_BITS];
        sobol_expand(dimension, directions);
        assert_int_equal(sobol_coordinate(directions, 0), 0);
        for (uint32_t k = 0; k < 4; k++)
            assert_true(sobol_coordinate(directions, 4 + k) / 4294967296.0 == golden[k][dimension]);
    }
}

/* FNV-1a over the 1111 coordinates of point 1000003, by scipy 1.17.1:
   s = scipy.stats.qmc.Sobol(1111, scramble=False, bits=32); s.fast_forward(1000003); s.random(1)[0] * 2**32 */
static void coordinate__every_dimension__agrees_with_scipy(void **state)
{
    uint64_t hash = 0xcbf29ce484222325;

    (void)state;
    for (unsigned dimension = 0; dimension < SOBOL_TABLE_DIMENSIONS; dimension++) {
        uint32_t directions[SOBOL_BITS];
        sobol_expand(dimension, directions);
        hash = (hash ^ sobol_coordinate(directions, 1000003)) * 0x100000001b3;
    }
    assert_true(hash == 0xeea6e0a0b5e98367);
}

/* A direction number has its leading bit where it must: each coordinate alone is then a permutation of the strata. */
static void expand__every_dimension__is_triangular_with_ones(void **state)
{
    (void)state;
    for (unsigned dimension = 0; dimension < SOBOL_TABLE_DIMENSIONS; dimension++) {
        uint32_t directions[SOBOL_BITS];
        sobol_expand(dimension, directions);
        for (unsigned k = 0; k < SOBOL_BITS; k++)
            assert_int_equal(directions[k] << k, 0x80000000u);
    }
}

static void scramble__prefixes__are_permuted_level_by_level(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed < 200; seed++) {
        uint32_t a = seed * 2654435761u, b = a ^ (1u << (seed % 32));
        uint32_t difference = sobol_scramble(a, seed) ^ sobol_scramble(b, seed);
        /* they differ first where a and b do */
        assert_int_equal(__builtin_clz(difference), __builtin_clz(a ^ b));
    }
}

static struct study *create_sobol(const struct space *space, uint64_t seed)
{
    return create_study(space, suggest_method_find("sobol", NULL),
                        &(struct study_options){ .seed = seed, .is_noisy = true }, NULL);
}

static void fill_unit_cube(struct parameter *parameters, size_t n)
{
    for (size_t i = 0; i < n; i++)
        parameters[i] = (struct parameter){ .name = "p", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 };
}

/* Each projection of 2^k points puts one into each of 2^k strata, in blocks that start anywhere at a multiple. */
static void assert_stratified(size_t n, uint64_t seed, int64_t first_number)
{
    struct parameter *parameters = xcalloc(n, sizeof *parameters);
    const struct space space = { n, parameters };
    double *values = xcalloc(n, sizeof *values);
    bool *is_hit = xcalloc(n * POINTS, sizeof *is_hit);

    fill_unit_cube(parameters, n);
    struct study *study = create_sobol(&space, seed);
    for (int64_t k = 0; k < POINTS; k++) {
        struct suggestion out = { 0 };
        assert_int_equal(study_ask(study, first_number + k, values, &out), 0);
        for (size_t i = 0; i < n; i++) {
            size_t stratum = (size_t)(values[i] * POINTS);
            assert_false(is_hit[i * POINTS + stratum]);
            is_hit[i * POINTS + stratum] = true;
        }
    }
    study_destroy(study);
    free(is_hit);
    free(values);
    free(parameters);
}

static void suggest__a_hundred_dimensions__every_projection_is_stratified(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++)
        assert_stratified(100, seed, 1);
    assert_stratified(100, 1, 1 + 7 * POINTS);
}

static void suggest__beyond_the_table__every_projection_is_stratified(void **state)
{
    (void)state;
    assert_stratified(SOBOL_TABLE_DIMENSIONS + 30, 1, 1);
    assert_stratified(SOBOL_TABLE_DIMENSIONS + 30, 2, 1 + 3 * POINTS);
}

/* Largest absolute correlation of the last dimensions among each other: 1 if the padding repeated itself. */
static void suggest__beyond_the_table__dimensions_are_unrelated(void **state)
{
    enum { LAST = 12, N = SOBOL_TABLE_DIMENSIONS + LAST };
    struct parameter *parameters = xcalloc(N, sizeof *parameters);
    const struct space space = { N, parameters };
    double values[N], products[LAST][LAST] = { 0 };

    (void)state;
    fill_unit_cube(parameters, N);
    struct study *study = create_sobol(&space, 5);
    for (int64_t k = 0; k < POINTS; k++) {
        struct suggestion out = { 0 };
        assert_int_equal(study_ask(study, 1 + k, values, &out), 0);
        for (size_t i = 0; i < LAST; i++)
            for (size_t j = 0; j < i; j++)
                products[i][j] += (values[N - 1 - i] - 0.5) * (values[N - 1 - j] - 0.5) * 12 / POINTS;
    }
    for (size_t i = 0; i < LAST; i++)
        for (size_t j = 0; j < i; j++)
            assert_true(fabs(products[i][j]) < 0.35); /* five and a half standard deviations of independent ones */
    study_destroy(study);
    free(parameters);
}

static void suggest__categorical__is_balanced_to_one(void **state)
{
    static const char *const seven[] = { "a", "b", "c", "d", "e", "f", "g" };
    static const struct parameter p[] = {
        { .name = "three", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
        { .name = "seven", .type = PARAMETER_CATEGORICAL, .n_choices = 7, .choices = seven },
        { .name = "steps", .type = PARAMETER_INT, .min = 0, .max = 10, .step = 1 },
    };
    const struct space space = SPACE(p);
    struct study *study = create_sobol(&space, 3);
    size_t counts[COUNT(p)][11] = { 0 };

    (void)state;
    for (int64_t k = 0; k < POINTS; k++) {
        double values[COUNT(p)];
        struct suggestion out = { 0 };
        assert_int_equal(study_ask(study, 1 + k, values, &out), 0);
        for (size_t i = 0; i < COUNT(p); i++)
            counts[i][(size_t)values[i]]++;
    }
    for (size_t i = 0; i < COUNT(p); i++) {
        double size = space_parameter_size(&space, i);
        for (size_t k = 0; k < (size_t)size; k++)
            assert_in_range(counts[i][k], floor(POINTS / size) - 1, ceil(POINTS / size) + 1);
    }
    study_destroy(study);
}

/* L2-star discrepancy in four dimensions (Warnock's formula): far below that of random points. */
static double discrepancy(const char *name, uint64_t seed)
{
    enum { D = 4 };
    struct parameter parameters[D];
    const struct space space = SPACE(parameters);
    const struct suggest_method *method = suggest_method_find(name, NULL);
    double points[POINTS][D], single = 0, pairs = 0;

    fill_unit_cube(parameters, D);
    struct study *study = create_study(&space, method, &(struct study_options){ .seed = seed }, NULL);
    for (int64_t k = 0; k < POINTS; k++)
        assert_int_equal(study_ask(study, 1 + k, points[k], &(struct suggestion){ 0 }), 0);
    for (size_t a = 0; a < POINTS; a++) {
        double product = 1;
        for (size_t i = 0; i < D; i++)
            product *= 1 - points[a][i] * points[a][i];
        single += product;
        for (size_t b = 0; b < POINTS; b++) {
            product = 1;
            for (size_t i = 0; i < D; i++)
                product *= 1 - fmax(points[a][i], points[b][i]);
            pairs += product;
        }
    }
    study_destroy(study);
    return sqrt(pow(3, -D) - pow(2, 1 - D) * single / POINTS + pairs / POINTS / POINTS);
}

static void suggest__four_dimensions__are_far_more_even_than_random(void **state)
{
    double sobol = 0, random = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        sobol += discrepancy("sobol", seed);
        random += discrepancy("random", seed);
    }
    assert_true(sobol < random / 2); /* 0.0047 and 0.0135, as with scipy 1.17's scrambled points */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(coordinate__joe_and_kuo__golden_points),
        cmocka_unit_test(coordinate__every_dimension__agrees_with_scipy),
        cmocka_unit_test(expand__every_dimension__is_triangular_with_ones),
        cmocka_unit_test(scramble__prefixes__are_permuted_level_by_level),
        cmocka_unit_test(suggest__a_hundred_dimensions__every_projection_is_stratified),
        cmocka_unit_test(suggest__beyond_the_table__every_projection_is_stratified),
        cmocka_unit_test(suggest__beyond_the_table__dimensions_are_unrelated),
        cmocka_unit_test(suggest__categorical__is_balanced_to_one),
        cmocka_unit_test(suggest__four_dimensions__are_far_more_even_than_random),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
