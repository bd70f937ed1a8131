/*
 * Which method auto asks when, and that it says so.
 */
#include "suggest/study.h"

#include "tests/suggest/studies.h"

enum { D = 3, MODEL_ROWS = 500, MANY = 201 };

extern const struct suggest_method suggest_auto;
static const struct suggest_method *const method = &suggest_auto;

#define NUMBER_IN(text)                                              \
    {                                                                \
        .name = (text), .type = PARAMETER_DOUBLE, .min = 0, .max = 1 \
    }
static const char *const choices[] = { "red", "green", "blue" };
static const struct parameter numbers[D] = { NUMBER_IN("a"), NUMBER_IN("b"), NUMBER_IN("c") };
static const struct parameter with_choice[D] = {
    NUMBER_IN("a"), NUMBER_IN("b"), { .name = "c", .type = PARAMETER_CATEGORICAL, .choices = choices, .n_choices = 3 }
};
static const struct space cube = SPACE(numbers), mixed = SPACE(with_choice);

static void finish(struct study *study, int64_t number, const double *values)
{
    double losses[4], sum = 0;

    for (size_t i = 0; i < D; i++)
        sum += (values[i] - 0.3) * (values[i] - 0.3);
    for (size_t k = 0; k < COUNT(losses); k++)
        losses[k] = sum + (double)k * values[0];
    study_finish(study, number, values, OUTCOME_SUCCEEDED, losses, NULL);
}

/* n trials of another experiment. */
static void import(struct study *study, const struct space *space, int64_t n)
{
    double x[D], values[D];

    for (int64_t number = 1; number <= n; number++) {
        struct rng rng = rng_stream(7, (uint64_t)number, "import");
        space_draw(space, &rng, x);
        space_decode(space, x, values);
        finish(study, -number, values);
    }
}

/* Ask for a trial that starts its why with those words. */
static void ask_of(struct study *study, int64_t number, const char *words, double *values)
{
    struct suggestion out = { 0 };

    assert_int_equal(study_ask(study, number, values, &out), 0);
    if (strncmp(out.why, words, strlen(words)) != 0)
        fail_msg("trial %d is not \"%s...\" but \"%s\"", (int)number, words, out.why);
}

static void suggest__past_the_model__another_method_goes_on_and_says_since_when(void **state)
{
    const struct row {
        const struct space *space;
        size_t n_objectives;
        const char *before, *after;
    } rows[] = {
        { &cube, 1, "bayesianoptimization: ", "cmaes (more than 500 trials): " },
        { &mixed, 1, "bayesianoptimization: ", "multivariate-tpe (more than 500 trials): " },
        { &cube, 2, "bayesianoptimization: ", "nsga2 (more than 500 trials): " },
        { &cube, 4, "nsga2 (more than 3 objectives): ", "nsga2 (more than 3 objectives): " },
    };
    double values[D];

    (void)state;
    for (size_t k = 0; k < COUNT(rows); k++) {
        const struct study_options options = { .seed = 3, .n_objectives = rows[k].n_objectives };
        struct study *study = create_study(rows[k].space, method, &options, NULL);
        import(study, rows[k].space, MODEL_ROWS - 2);
        for (int64_t number = 1; number <= 12; number++) {
            ask_of(study, number,
                   number == 8   ? "multivariate-tpe (every 8th trial): "
                   : number <= 3 ? rows[k].before
                                 : rows[k].after,
                   values);
            finish(study, number, values);
        }
        study_destroy(study);
    }
}

static void suggest__past_the_model__rebuilt_study_goes_on_alike(void **state)
{
    const struct study_options options = { .seed = 5 };
    struct study *a = create_study(&cube, method, &options, NULL), *b = create_study(&cube, method, &options, NULL);
    double want[D], got[D];

    (void)state;
    import(a, &cube, MODEL_ROWS - 5);
    for (int64_t number = 1; number <= 20; number++) {
        ask(a, number, want);
        finish(a, number, want);
    }
    const struct history *history = study_history(a);
    for (size_t row = 0; row < history->n_finished; row++)
        study_finish(b, history->number[row], history_values(history, row), history->outcome[row], &history->loss[row],
                     NULL);
    for (int64_t number = 21; number <= 30; number++) {
        ask(a, number, want);
        ask(b, number, got);
        assert_memory_equal(want, got, sizeof want);
    }
    study_destroy(a);
    study_destroy(b);
}

static void suggest__many_running__counts_them_as_rows(void **state)
{
    struct study *study = create_study(&cube, method, &(struct study_options){ .seed = 2 }, NULL);
    double values[D];

    (void)state;
    import(study, &cube, MODEL_ROWS - 3);
    for (int64_t number = 1; number <= 4; number++)
        ask_of(study, number, "bayesianoptimization: ", values);
    ask_of(study, 5, "cmaes (more than 500 trials): ", values);
    study_destroy(study);
}

static void suggest__many_parameters__leaves_the_model_out(void **state)
{
    static struct parameter many[MANY];
    static char names[MANY][8];
    static double values[MANY];
    const struct space space = SPACE(many);

    (void)state;
    for (size_t i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "p%zu", i);
        many[i] = (struct parameter)NUMBER_IN(names[i]);
    }
    struct study *study = create_study(&space, method, &(struct study_options){ .seed = 2 }, NULL);
    ask_of(study, 1, "cmaes (more than 200 parameters): ", values);
    study_destroy(study);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__past_the_model__another_method_goes_on_and_says_since_when),
        cmocka_unit_test(suggest__past_the_model__rebuilt_study_goes_on_alike),
        cmocka_unit_test(suggest__many_running__counts_them_as_rows),
        cmocka_unit_test(suggest__many_parameters__leaves_the_model_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
