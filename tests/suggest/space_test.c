#include "tests/suggest/spaces.h"

static const struct space mixed = SPACE(mixed_parameters);

static double decode_one(const struct parameter *p, double x)
{
    struct space space = { 1, p };
    double value;

    space_decode(&space, &x, &value);
    return value;
}

static double encode_one(const struct parameter *p, double value)
{
    struct space space = { 1, p };
    double x;

    space_encode(&space, &value, &x);
    return x;
}

static void decode__random_coordinates__stays_in_the_space(void **state)
{
    struct rng rng = rng_stream(1, 0, "test");
    double x[COUNT(mixed_parameters)], values[COUNT(mixed_parameters)];

    (void)state;
    for (int draw = 0; draw < 20000; draw++) {
        space_draw(&mixed, &rng, x);
        space_decode(&mixed, x, values);
        assert_in_space(&mixed, values);
    }
}

static void decode__ends_of_the_unit_interval__gives_min_and_max(void **state)
{
    (void)state;
    for (size_t i = 0; i < mixed.n; i++) {
        const struct parameter p = mixed.parameters[i];
        struct parameter free = p;
        free.activation = NULL;
        if (parameter_is_choice(&p))
            continue;
        assert_close(decode_one(&free, 0), p.min, 1e-12);
        assert_close(decode_one(&free, 1), p.max, 1e-12);
        assert_true(decode_one(&free, 1) <= p.max && decode_one(&free, 0) >= p.min);
    }
}

static void decode__encoded_stepped_value__is_that_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < mixed.n; i++) {
        struct parameter p = mixed.parameters[i];
        struct space space = { 1, &p };
        p.activation = NULL;
        double size = space_parameter_size(&space, 0);
        for (double k = 0; k < size && !isinf(size); k++) {
            double value = space_parameter_value(&space, 0, (uint64_t)k);
            assert_true(decode_one(&p, encode_one(&p, value)) == value);
        }
    }
}

static void decode__encoded_random_range__is_the_value_again(void **state)
{
    struct rng rng = rng_stream(2, 0, "test");

    (void)state;
    for (int round = 0; round < 3000; round++) {
        struct parameter p = { .name = "p",
                               .type = PARAMETER_DOUBLE,
                               .distribution = (enum distribution)rng_below(&rng, 4) };
        p.min = pow(10, 12 * rng_uniform(&rng) - 6);
        p.max = p.min * (1 + 1e3 * rng_uniform(&rng));
        p.step = rng_below(&rng, 2) ? 0 : (p.max - p.min) / (1 + (double)rng_below(&rng, 1000));
        double value = decode_one(&p, rng_uniform(&rng)), again = decode_one(&p, encode_one(&p, value));
        if (p.step > 0)
            assert_true(again == value);
        else
            assert_close(again, value, 1e-9);
    }
}

static void decode__many_steps__still_tells_neighbours_apart(void **state)
{
    static const struct parameter wide[] = {
        { .name = "seed", .type = PARAMETER_INT, .min = 0, .max = 1125899906842623, .step = 1 },
        { .name = "log",
          .type = PARAMETER_INT,
          .distribution = DISTRIBUTION_LOG_UNIFORM,
          .min = 1,
          .max = 1e12,
          .step = 1 },
        { .name = "normal",
          .type = PARAMETER_INT,
          .distribution = DISTRIBUTION_NORMAL,
          .min = 0,
          .max = 1e12,
          .step = 1 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(wide); i++) {
        struct rng rng = rng_stream(3, i, "test");
        for (int round = 0; round < 2000; round++) {
            double value = decode_one(&wide[i], rng_uniform(&rng));
            assert_true(decode_one(&wide[i], encode_one(&wide[i], value)) == value);
        }
        assert_true(decode_one(&wide[i], encode_one(&wide[i], wide[i].max)) == wide[i].max);
    }
}

static void decode__extreme_ranges__stays_finite_and_inside(void **state)
{
    static const struct parameter extreme[] = {
        { .name = "all", .type = PARAMETER_DOUBLE, .min = -1.7e308, .max = 1.7e308 },
        { .name = "tiny", .type = PARAMETER_DOUBLE, .min = 1e-300, .max = 2e-300 },
        { .name = "log",
          .type = PARAMETER_DOUBLE,
          .distribution = DISTRIBUTION_LOG_UNIFORM,
          .min = 1e-300,
          .max = 1e300 },
        { .name = "normal",
          .type = PARAMETER_DOUBLE,
          .distribution = DISTRIBUTION_NORMAL,
          .min = -1.7e308,
          .max = 1.7e308 },
    };
    struct rng rng = rng_stream(4, 0, "test");

    (void)state;
    for (size_t i = 0; i < COUNT(extreme); i++)
        for (int round = 0; round < 1000; round++) {
            double u = rng_uniform(&rng), value = decode_one(&extreme[i], u);
            assert_true(value >= extreme[i].min && value <= extreme[i].max);
            assert_true(fabs(encode_one(&extreme[i], value) - u) < 1e-8);
        }
}

static void parameter_value__decimal_steps__are_what_a_person_would_write(void **state)
{
    static const struct parameter p[] = {
        { .name = "a", .type = PARAMETER_DOUBLE, .min = 0.01, .max = 0.05, .step = 0.005 },
        { .name = "b", .type = PARAMETER_DOUBLE, .min = -1000, .max = 1, .step = 0.001 },
        { .name = "c", .type = PARAMETER_DOUBLE, .min = 1e-20, .max = 1e-19, .step = 1e-20 },
    };
    const struct space space = SPACE(p);
    struct arena arena = { 0 };

    (void)state;
    assert_true(space_parameter_size(&space, 0) == 9);
    assert_string_equal(space_format(&space, 0, space_parameter_value(&space, 0, 8), &arena), "0.05");
    assert_string_equal(space_format(&space, 0, space_parameter_value(&space, 0, 3), &arena), "0.025");
    assert_string_equal(space_format(&space, 1, space_parameter_value(&space, 1, 999999), &arena), "-0.001");
    assert_string_equal(space_format(&space, 1, space_parameter_value(&space, 1, 1000000), &arena), "0");
    assert_true(space_parameter_size(&space, 2) == 10);
    assert_true(space_parameter_value(&space, 2, 6) == 7e-20);
    arena_release(&arena);
}

static void format__every_value__parses_back(void **state)
{
    struct rng rng = rng_stream(5, 0, "test");
    double x[COUNT(mixed_parameters)], values[COUNT(mixed_parameters)], again;

    (void)state;
    for (int draw = 0; draw < 2000; draw++) {
        struct arena arena = { 0 };
        space_draw(&mixed, &rng, x);
        space_decode(&mixed, x, values);
        for (size_t i = 0; i < mixed.n; i++) {
            const char *text = space_format(&mixed, i, values[i], &arena);
            if (isnan(values[i])) {
                assert_null(text);
                continue;
            }
            assert_int_equal(space_parse(&mixed, i, text, &again), 0);
            assert_true(again == values[i]);
        }
        arena_release(&arena);
    }
}

static void format__choices_and_ints__are_as_written(void **state)
{
    static const struct parameter p[] = {
        { .name = "big", .type = PARAMETER_INT, .min = 0, .max = 1e15, .step = 1 },
        { .name = "d",
          .type = PARAMETER_DISCRETE,
          .n_choices = 4,
          .choices = discrete_texts,
          .numbers = discrete_numbers },
    };
    const struct space space = SPACE(p);
    struct arena arena = { 0 };
    double value;

    (void)state;
    assert_string_equal(space_format(&space, 0, 1e15, &arena), "1000000000000000");
    assert_string_equal(space_format(&space, 1, 0, &arena), "0.10");
    assert_string_equal(space_format(&space, 1, 3, &arena), "1e1");
    assert_int_equal(space_parse(&space, 1, "10", &value), 0);
    assert_true(value == 3);
    assert_int_equal(space_parse(&space, 1, "0.1", &value), 0);
    assert_true(value == 0);
    arena_release(&arena);
}

static void parse__what_is_no_member__is_refused(void **state)
{
    static const struct {
        size_t i;
        const char *text;
    } wrong[] = { { 0, "SGD" },  { 0, "" },       { 2, "0" },       { 2, "5" },     { 2, "1.5" },   { 2, "x" },
                  { 3, "12" },   { 4, "1e-6" },   { 4, "1.00001" }, { 4, "nan" },   { 5, "0.051" }, { 5, "-0.05" },
                  { 11, "0.3" }, { 11, "0.10x" }, { 12, "2" },      { 4, "0x1p-3" } };
    double value;

    (void)state;
    for (size_t w = 0; w < COUNT(wrong); w++)
        assert_int_equal(space_parse(&mixed, wrong[w].i, wrong[w].text, &value), ERR_INVALID);
    assert_int_equal(space_parse(&mixed, 5, "0.1500000000001", &value), 0);
    assert_true(value == 0.15);
}

static void pack__random_points__unpack_to_the_same(void **state)
{
    struct rng rng = rng_stream(6, 0, "test");
    double x[COUNT(mixed_parameters)], values[COUNT(mixed_parameters)], again[COUNT(mixed_parameters)];
    struct text packed = { 0 };

    (void)state;
    for (int draw = 0; draw < 2000; draw++) {
        space_draw(&mixed, &rng, x);
        space_decode(&mixed, x, values);
        text_clear(&packed);
        space_pack(&mixed, values, &packed);
        assert_int_equal(space_unpack(&mixed, packed.data, packed.length, again), 0);
        assert_true(is_same_point(values, again, mixed.n));
    }
    text_release(&packed);
}

static void unpack__damaged_bytes__are_corrupt(void **state)
{
    static const struct parameter p[] = {
        { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
        { .name = "d", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 },
    };
    static const struct {
        size_t length;
        const char *bytes;
    } wrong[] = {
        { 0, "" },
        { 4, "\x93\x01\x01\x01" },                  /* one too many */
        { 11, "\x92\x03\xcb\0\0\0\0\0\0\0\0" },     /* a fourth choice */
        { 11, "\x92\xff\xcb\0\0\0\0\0\0\0\0" },     /* choice -1 */
        { 3, "\x92\x01\x01" },                      /* an int where a double stands */
        { 11, "\x92\x01\xcb\x7f\xf8\0\0\0\0\0\0" }, /* NAN */
        { 10, "\x92\x01\xcb\0\0\0\0\0\0\0" },       /* cut short */
        { 1, "\x01" },                              /* no array */
    };
    const struct space space = SPACE(p);
    double values[2];

    (void)state;
    assert_int_equal(space_unpack(&space, "\x92\x02\xcb\0\0\0\0\0\0\0\0", 11, values), 0);
    assert_true(values[0] == 2 && values[1] == 0);
    assert_int_equal(space_unpack(&space, "\x91\x01", 2, values), 0); /* of before the space had grown */
    assert_true(values[0] == 1 && isnan(values[1]));
    for (size_t w = 0; w < COUNT(wrong); w++)
        assert_int_equal(space_unpack(&space, wrong[w].bytes, wrong[w].length, values), ERR_CORRUPT);
}

/* 1e5 draws of a uniform parameter with steps fall on its values alike: the ends too. */
static void draw__uniform_steps__passes_a_chi_square_test(void **state)
{
    static const size_t uniform[] = { 0, 2, 5, 11 };
    enum { DRAWS = 100000 };

    (void)state;
    for (size_t u = 0; u < COUNT(uniform); u++) {
        struct space space = { 1, &mixed.parameters[uniform[u]] };
        struct rng rng = rng_stream(7, u, "test");
        size_t counts[32] = { 0 }, size = (size_t)space_parameter_size(&space, 0);
        double chi_square = 0, x, value;
        for (int draw = 0; draw < DRAWS; draw++) {
            space_draw(&space, &rng, &x);
            space_decode(&space, &x, &value);
            size_t k = 0;
            while (space_parameter_value(&space, 0, k) != value)
                k++;
            counts[k]++;
        }
        for (size_t k = 0; k < size; k++)
            chi_square += pow((double)counts[k] - DRAWS / (double)size, 2) / (DRAWS / (double)size);
        assert_true(chi_square < chi_square_limit((double)size - 1));
    }
}

static void draw__log_uniform_ints__weigh_as_their_cells_in_log_space(void **state)
{
    static const struct parameter p = {
        .name = "n", .type = PARAMETER_INT, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1, .max = 20, .step = 1
    };
    enum { DRAWS = 100000 };
    struct rng rng = rng_stream(8, 0, "test");
    size_t counts[21] = { 0 };
    double chi_square = 0;

    (void)state;
    for (int draw = 0; draw < DRAWS; draw++)
        counts[(size_t)decode_one(&p, rng_uniform(&rng))]++;
    for (int k = 1; k <= 20; k++) {
        double expected = DRAWS * log((k + 0.5) / (k - 0.5)) / log(20.5 / 0.5);
        chi_square += pow((double)counts[k] - expected, 2) / expected;
    }
    assert_true(chi_square < chi_square_limit(19));
}

/* Variance of a standard normal truncated to [-a, a]. */
static double truncated_variance(double a)
{
    return 1 - 2 * a * exp(-a * a / 2) / sqrt(2 * acos(-1)) / erf(a / sqrt(2));
}

static void draw__normal_and_log_normal__have_the_truncated_moments(void **state)
{
    static const struct parameter p[] = {
        { .name = "n", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_NORMAL, .min = 4, .max = 10 },
        { .name = "l",
          .type = PARAMETER_DOUBLE,
          .distribution = DISTRIBUTION_LOG_NORMAL,
          .min = 54.598150033144236,
          .max = 22026.465794806718 },
        { .name = "s",
          .type = PARAMETER_DOUBLE,
          .distribution = DISTRIBUTION_NORMAL,
          .min = 4,
          .max = 10,
          .step = 0.01 },
    };
    enum { POINTS = 100000 };

    (void)state;
    for (size_t i = 0; i < COUNT(p); i++) {
        double sum = 0, squares = 0;
        for (int k = 0; k < POINTS; k++) {
            double value = decode_one(&p[i], (k + 0.5) / POINTS);
            double z = (p[i].distribution == DISTRIBUTION_LOG_NORMAL ? log(value) : value) - 7;
            sum += z;
            squares += z * z;
        }
        assert_true(fabs(sum / POINTS) < 1e-6);
        assert_close(squares / POINTS, truncated_variance(3 + p[i].step / 2), 1e-4);
    }
}

static void decode__condition_not_met__leaves_nan(void **state)
{
    double x[COUNT(mixed_parameters)], values[COUNT(mixed_parameters)];

    (void)state;
    for (size_t i = 0; i < mixed.n; i++)
        x[i] = 0;
    space_decode(&mixed, x, values); /* sgd, one layer */
    assert_true(isnan(values[1]) && isnan(values[3]));
    x[0] = 1;
    x[2] = 0.3;
    space_decode(&mixed, x, values); /* adam, two layers */
    assert_true(values[1] == 0.8 && values[3] == 8);
    x[2] = 0.99;
    space_decode(&mixed, x, values); /* four */
    assert_true(isnan(values[3]));
    space_encode(&mixed, values, x);
    assert_true(isnan(x[3]) && !isnan(x[1]));
}

static const char *fault_of(struct parameter p, struct arena *arena)
{
    struct space space = { 1, &p };

    p.name = "p";
    return space_fault(&space, 0, arena);
}

static void fault__wrong_ranges__are_named(void **state)
{
    const struct {
        struct parameter p;
        const char *message;
    } wrong[] = {
        { { .min = 2, .max = 1 }, "feasibleSpace.min: expected at most max" },
        { { .min = NAN, .max = 1 }, "feasibleSpace.min: expected a finite" },
        { { .min = 0, .max = INFINITY }, "feasibleSpace.max: expected a finite" },
        { { .min = 0, .max = 1, .distribution = DISTRIBUTION_LOG_UNIFORM }, "above 0 for logUniform" },
        { { .min = -1, .max = 1, .distribution = DISTRIBUTION_LOG_NORMAL }, "above 0 for logNormal" },
        { { .min = 0, .max = 1, .step = -0.1 }, "feasibleSpace.step: expected a number above 0" },
        { { .min = 0, .max = 1, .step = 2 }, "expected at most max - min" },
        { { .min = 0, .max = 1, .step = 1e-18 }, "steps from min to max" },
        { { .type = PARAMETER_INT, .min = 0.5, .max = 1, .step = 1 }, "feasibleSpace.min: expected a whole" },
        { { .type = PARAMETER_INT, .min = 0, .max = 1e300, .step = 1 }, "feasibleSpace.max: expected a whole" },
        { { .type = PARAMETER_INT, .min = 0, .max = 9, .step = 0 }, "whole number of 1 or more" },
        { { .type = PARAMETER_INT, .min = 0, .max = 9, .step = 1.5 }, "whole number of 1 or more" },
        { { .type = PARAMETER_INT, .min = 0, .max = 3, .step = 4 }, "expected at most max - min" },
        { { .type = PARAMETER_CATEGORICAL }, "at least one value" },
        { { .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = (const char *[]){ "a", "b", "a" } },
          "\"a\" twice" },
        { { .type = PARAMETER_DISCRETE, .n_choices = 2, .choices = discrete_texts, .numbers = (double[]){ 1, 1 } },
          "different" },
        { { .type = PARAMETER_DISCRETE, .n_choices = 2, .choices = discrete_texts, .numbers = (double[]){ 2, 1 } },
          "ascending" },
    };
    struct arena arena = { 0 };

    (void)state;
    for (size_t w = 0; w < COUNT(wrong); w++)
        assert_contains(fault_of(wrong[w].p, &arena), wrong[w].message);
    assert_null(fault_of((struct parameter){ .type = PARAMETER_INT, .min = 1, .max = 1, .step = 1 }, &arena));
    assert_null(fault_of((struct parameter){ .min = 0.5, .max = 0.5, .step = 0.1 }, &arena));
    for (size_t i = 0; i < mixed.n; i++)
        assert_null(space_fault(&mixed, i, &arena));
    arena_release(&arena);
}

static const char *condition_fault_of(struct activation activation, struct arena *arena)
{
    struct parameter p[3] = { mixed_parameters[0], mixed_parameters[2], mixed_parameters[4] };
    struct space space = SPACE(p);

    p[2].activation = &activation;
    return space_fault(&space, 2, arena);
}

static void fault__wrong_conditions__are_named(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    assert_contains(condition_fault_of((struct activation){ .parameter = 2 }, &arena),
                    "an earlier parameter, got \"lr\"");
    assert_contains(condition_fault_of((struct activation){ .parameter = 9 }, &arena), "an unknown one");
    assert_contains(condition_fault_of((struct activation){ .values = (double[]){ 3 }, .n_values = 1 }, &arena),
                    "values of");
    assert_contains(condition_fault_of((struct activation){ .values = (double[]){ 3 } }, &arena), "at least one value");
    assert_contains(condition_fault_of((struct activation){ .parameter = 1, .min = 3, .max = 2 }, &arena),
                    "at most max");
    assert_contains(condition_fault_of((struct activation){ .parameter = 1, .min = 5, .max = 9 }, &arena), "can reach");
    assert_null(condition_fault_of((struct activation){ .parameter = 1, .min = 4, .max = INFINITY }, &arena));
    arena_release(&arena);
}

static void fault__names_and_their_number__are_checked(void **state)
{
    enum { MANY = 4097 };
    struct parameter *many = xcalloc(MANY, sizeof *many);
    struct space space = { MANY, many };
    struct arena arena = { 0 };

    (void)state;
    for (size_t i = 0; i < MANY; i++)
        many[i] = (struct parameter){ .name = arena_printf(&arena, "p%zu", i), .max = 1 };
    assert_null(space_fault(&space, 4095, &arena));
    assert_contains(space_fault(&space, 4096, &arena), "at most 4096");
    many[7].name = "p3";
    assert_contains(space_fault(&space, 7, &arena), "\"p3\" again");
    many[8].name = "";
    assert_contains(space_fault(&space, 8, &arena), "expected a name");
    free(many);
    arena_release(&arena);
}

static void copy__of_a_space_that_is_gone__means_the_same(void **state)
{
    struct arena first = { 0 }, second = { 0 };
    const struct space original = SPACE(mixed_parameters);
    const struct space middle = space_copy(&original, &first), copy = space_copy(&middle, &second);
    struct rng rng = rng_stream(3, 1, "test");
    double x[COUNT(mixed_parameters)], want[COUNT(mixed_parameters)], got[COUNT(mixed_parameters)];

    (void)state;
    arena_release(&first);
    assert_int_equal(copy.n, original.n);
    for (int round = 0; round < 100; round++) {
        space_draw(&original, &rng, x);
        space_decode(&original, x, want);
        space_decode(&copy, x, got);
        assert_true(is_same_point(want, got, copy.n));
    }
    for (size_t i = 0; i < copy.n; i++) {
        assert_string_equal(copy.parameters[i].name, original.parameters[i].name);
        for (size_t k = 0; k < copy.parameters[i].n_choices; k++)
            assert_string_equal(copy.parameters[i].choices[k], original.parameters[i].choices[k]);
    }
    arena_release(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decode__random_coordinates__stays_in_the_space),
        cmocka_unit_test(decode__ends_of_the_unit_interval__gives_min_and_max),
        cmocka_unit_test(decode__encoded_stepped_value__is_that_value),
        cmocka_unit_test(decode__encoded_random_range__is_the_value_again),
        cmocka_unit_test(decode__many_steps__still_tells_neighbours_apart),
        cmocka_unit_test(decode__extreme_ranges__stays_finite_and_inside),
        cmocka_unit_test(decode__condition_not_met__leaves_nan),
        cmocka_unit_test(parameter_value__decimal_steps__are_what_a_person_would_write),
        cmocka_unit_test(format__every_value__parses_back),
        cmocka_unit_test(format__choices_and_ints__are_as_written),
        cmocka_unit_test(parse__what_is_no_member__is_refused),
        cmocka_unit_test(pack__random_points__unpack_to_the_same),
        cmocka_unit_test(unpack__damaged_bytes__are_corrupt),
        cmocka_unit_test(draw__uniform_steps__passes_a_chi_square_test),
        cmocka_unit_test(draw__log_uniform_ints__weigh_as_their_cells_in_log_space),
        cmocka_unit_test(draw__normal_and_log_normal__have_the_truncated_moments),
        cmocka_unit_test(fault__wrong_ranges__are_named),
        cmocka_unit_test(fault__wrong_conditions__are_named),
        cmocka_unit_test(fault__names_and_their_number__are_checked),
        cmocka_unit_test(copy__of_a_space_that_is_gone__means_the_same),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
