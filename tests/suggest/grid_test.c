#include "tests/suggest/studies.h"

static const struct parameter katib_parameters[] = {
    { .name = "lr", .type = PARAMETER_DOUBLE, .min = 0.01, .max = 0.05, .step = 0.005 },
    { .name = "momentum", .type = PARAMETER_DOUBLE, .min = 0.5, .max = 0.9, .step = 0.1 },
};
static const struct space katib = SPACE(katib_parameters);
static const struct study_options plain = { .seed = 1 };

static const char *check(const struct space *space, int64_t max_trial_count, struct arena *arena)
{
    const struct suggest_method *grid = suggest_method_find("grid", NULL);
    const struct suggest_problem problem = { .space = space,
                                             .parallel_trial_count = 1,
                                             .max_trial_count = max_trial_count };
    size_t n;
    const char *fault = grid->check(&problem, setting_defaults(grid->settings, arena, &n), arena);

    return fault ? arena_strdup(arena, fault) : NULL;
}

static void check__too_many_trials_or_no_step__says_so_as_katib(void **state)
{
    struct parameter p[2] = { katib_parameters[0], katib_parameters[1] };
    const struct space space = SPACE(p);
    struct arena arena = { 0 };

    (void)state;
    assert_null(check(&katib, 45, &arena));
    assert_null(check(&katib, 0, &arena));
    assert_string_equal(check(&katib, 46, &arena), "Max Trial Count: 46 > all possible search combinations: 45");
    p[1].step = 0;
    assert_string_equal(check(&space, 4, &arena),
                        "Param momentum step is nil; For discrete search space, all parameters must include step");
    arena_release(&arena);
}

/* Every cell of Katib's example once, as text that a user would write. */
static void suggest__katib_example__visits_the_45_cells(void **state)
{
    struct study *study = create_study(&katib, suggest_method_find("grid", NULL), &plain, NULL);
    bool is_visited[9][5] = { { 0 } };
    struct arena arena = { 0 };
    char text[32];

    (void)state;
    for (int64_t number = 1; number <= 45; number++) {
        double values[2];
        ask(study, number, values);
        size_t row = (size_t)lround((values[0] - 0.01) / 0.005), column = (size_t)lround((values[1] - 0.5) / 0.1);
        assert_false(is_visited[row][column]);
        is_visited[row][column] = true;
        snprintf(text, sizeof text, "%g", values[0]);
        assert_string_equal(space_format(&katib, 0, values[0], &arena), text);
        snprintf(text, sizeof text, "%g", values[1]);
        assert_string_equal(space_format(&katib, 1, values[1], &arena), text);
    }
    arena_release(&arena);
    study_destroy(study);
}

/* Over many seeds each cell comes first equally often: chi-square. */
static void suggest__first_cell__is_uniform_over_seeds(void **state)
{
    enum { SEEDS = 4500 };
    size_t counts[45] = { 0 };
    double chi_square = 0;

    (void)state;
    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        const struct study_options options = { .seed = seed };
        struct study *study = create_study(&katib, suggest_method_find("grid", NULL), &options, NULL);
        double values[2];
        ask(study, 1, values);
        counts[5 * lround((values[0] - 0.01) / 0.005) + lround((values[1] - 0.5) / 0.1)]++;
        study_destroy(study);
    }
    for (size_t k = 0; k < 45; k++)
        chi_square += pow((double)counts[k] - SEEDS / 45.0, 2) / (SEEDS / 45.0);
    assert_true(chi_square < chi_square_limit(44));
}

static void suggest__grid_beyond_counting__draws_cells(void **state)
{
    struct parameter p[24];
    const struct space space = SPACE(p);
    double values[2][24];

    (void)state;
    for (size_t i = 0; i < COUNT(p); i++)
        p[i] = (struct parameter){ .name = "p", .type = PARAMETER_INT, .min = 1, .max = 10, .step = 1 };
    struct study *study = create_study(&space, suggest_method_find("grid", NULL), &plain, NULL);
    ask(study, 1, values[0]);
    ask(study, 2, values[1]);
    assert_in_space(&space, values[0]);
    assert_false(is_same_point(values[0], values[1], COUNT(p)));
    study_destroy(study);
}

static void suggest__large_grid__costs_no_memory_and_repeats_nothing(void **state)
{
    static const struct parameter p[] = {
        { .name = "a", .type = PARAMETER_INT, .min = 0, .max = 999999, .step = 1 },
        { .name = "b", .type = PARAMETER_INT, .min = 0, .max = 999999, .step = 1 },
    };
    const struct space space = SPACE(p);
    struct study *study = create_study(&space, suggest_method_find("grid", NULL), &plain, NULL);
    double sums[2] = { 0 };
    enum { TRIALS = 2000 };

    (void)state;
    for (int64_t number = 1; number <= TRIALS; number++) {
        double values[2];
        ask(study, number, values);
        sums[0] += values[0] / TRIALS;
        sums[1] += values[1] / TRIALS;
    }
    for (int i = 0; i < 2; i++) /* the mean of 2000 uniform ones, five standard deviations */
        assert_true(fabs(sums[i] - 5e5) < 5 * 1e6 / sqrt(12.0 * TRIALS));
    study_destroy(study);
}

static void suggest__continuous_space__fails(void **state)
{
    static const struct parameter p = { .name = "p", .type = PARAMETER_DOUBLE, .min = 0, .max = 1 };
    const struct space space = { 1, &p };
    struct study *study = create_study(&space, suggest_method_find("grid", NULL), &plain, NULL);
    double value;

    (void)state;
    assert_int_equal(study_ask(study, 1, &value, &(struct suggestion){ 0 }), ERR_NUMERIC);
    study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(check__too_many_trials_or_no_step__says_so_as_katib),
        cmocka_unit_test(suggest__katib_example__visits_the_45_cells),
        cmocka_unit_test(suggest__first_cell__is_uniform_over_seeds),
        cmocka_unit_test(suggest__grid_beyond_counting__draws_cells),
        cmocka_unit_test(suggest__large_grid__costs_no_memory_and_repeats_nothing),
        cmocka_unit_test(suggest__continuous_space__fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
