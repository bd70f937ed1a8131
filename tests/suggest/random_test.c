#include "tests/suggest/studies.h"

static const struct space mixed = SPACE(mixed_parameters);

/* Coordinates of 20000 trials fall on 50 cells of [0, 1) alike, for every continuous parameter and prior. */
static void suggest__coordinates__pass_a_chi_square_test(void **state)
{
    enum { TRIALS = 20000, CELLS = 50 };
    const struct study_options options = { .seed = 9 };
    struct study *study = create_study(&mixed, suggest_method_find("random", NULL), &options, NULL);
    static size_t counts[COUNT(mixed_parameters)][CELLS];
    double values[COUNT(mixed_parameters)], x[COUNT(mixed_parameters)];

    (void)state;
    for (int64_t number = 1; number <= TRIALS; number++) {
        assert_int_equal(study_ask(study, number, values, &(struct suggestion){ .x = x }), 0);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, (double[]){ 0 }, NULL);
        for (size_t i = 0; i < mixed.n; i++)
            if (!isnan(x[i]) && isinf(space_parameter_size(&mixed, i)))
                counts[i][(size_t)fmin(x[i] * CELLS, CELLS - 1)]++;
    }
    for (size_t i = 0; i < mixed.n; i++) {
        double total = 0, chi_square = 0;
        for (size_t k = 0; k < CELLS; k++)
            total += (double)counts[i][k];
        for (size_t k = 0; k < CELLS && total > 0; k++)
            chi_square += pow((double)counts[i][k] - total / CELLS, 2) / (total / CELLS);
        assert_true(chi_square < chi_square_limit(CELLS - 1));
    }
    study_destroy(study);
}

static void suggest__a_trial__depends_on_its_number_only(void **state)
{
    const struct study_options options = { .seed = 9 };
    struct study *study = create_study(&mixed, suggest_method_find("random", NULL), &options, NULL);
    struct study *other = create_study(&mixed, suggest_method_find("random", NULL), &options, NULL);
    double want[COUNT(mixed_parameters)], got[COUNT(mixed_parameters)];

    (void)state;
    for (int64_t number = 1; number <= 20; number++)
        ask(study, number, want);
    ask(other, 20, got);
    assert_true(is_same_point(want, got, mixed.n));
    study_destroy(study);
    study_destroy(other);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__coordinates__pass_a_chi_square_test),
        cmocka_unit_test(suggest__a_trial__depends_on_its_number_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
