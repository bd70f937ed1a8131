/*
 * Settings and checks of the methods that are known by name.
 */
#include "tests/suggest/spaces.h"

#include "suggest/method.h"

static const struct parameter parameters[] = {
    { .name = "lr", .type = PARAMETER_DOUBLE, .min = 0.01, .max = 0.05 },
    { .name = "optimizer", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
    { .name = "num-epochs", .type = PARAMETER_INT, .min = 1, .max = 1, .step = 1 },
};

/* What the method says to these settings (names and texts, ended by NULL), in the arena; NULL: it takes them. */
static const char *complaint(const char *name, bool is_nas, const char *const *settings, struct arena *arena)
{
    static const struct space space = SPACE(parameters), empty;
    const struct suggest_method *method = suggest_method_find(name, NULL);
    const struct suggest_problem problem = {
        .space = is_nas ? &empty : &space,
        .parallel_trial_count = 2,
        .max_trial_count = 2,
        .n_layers = is_nas ? 1 : 0,
    };
    size_t n;

    assert_non_null(method);
    struct setting_value *values = setting_defaults(method->settings, arena, &n);
    for (; *settings != NULL; settings += 2) {
        const struct setting *row = setting_find(method->settings, settings[0]);
        if (row == NULL)
            return "unknown setting";
        if (setting_parse(row, settings[1], &values[row - method->settings]) < 0)
            return fail_message();
    }
    const char *fault = method->check(&problem, values, arena);
    return fault ? arena_strdup(arena, fault) : NULL;
}

/* Ended by NULL. */
#define COMPLAINT(name, is_nas, ...) complaint(name, is_nas, (const char *const[]){ __VA_ARGS__ }, &arena)

static void check__settings_of_katibs_examples__are_taken(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    assert_null(COMPLAINT("random", false, "random_state", "10", NULL));
    assert_null(COMPLAINT("tpe", false, "gamma", "0.25", "prior_weight", "1.0", "n_EI_candidates", "24", NULL));
    assert_null(COMPLAINT("multivariate-tpe", false, "n_startup_trials", "0", "n_ei_candidates", "24", NULL));
    assert_null(COMPLAINT("bayesianoptimization", false, "random_state", "10", "acq_func", "EIps", "base_estimator",
                          "RF", NULL));
    assert_null(COMPLAINT("cmaes", false, "restart_strategy", "ipop", "sigma", "0.1", NULL));
    assert_null(COMPLAINT("cmaes", false, "restart_strategy", "None", NULL));
    assert_null(COMPLAINT("hyperband", false, "resource_name", "num-epochs", "eta", "2", "r_l", "2", NULL));
    assert_null(COMPLAINT("hyperband", false, "resource_name", "num-epochs", "eta", "0", "r_l", "9", NULL));
    assert_null(COMPLAINT("pbt", false, "suggestion_trial_dir", "/var/log/katib/checkpoints/", "n_population", "40",
                          "truncation_threshold", "0.2", "resample_probability", "0.25", NULL));
    assert_null(COMPLAINT("enas", true, NULL));
    assert_null(COMPLAINT("enas", true, "controller_temperature", "None", "controller_hidden_size", "64", NULL));
    assert_null(COMPLAINT("darts", true, "num_epochs", "1", "batch_size", "None", "w_grad_clip", "0", NULL));
    arena_release(&arena);
}

static void check__wrong_settings__are_refused_in_katibs_words(void **state)
{
    struct arena arena = { 0 };

    (void)state;
    assert_string_equal(COMPLAINT("tpe", false, "gamma", "1", NULL), "gamma should be in the range of (0, 1)");
    assert_string_equal(COMPLAINT("tpe", false, "gamma", "0", NULL), "gamma should be in the range of (0, 1)");
    assert_string_equal(COMPLAINT("tpe", false, "prior_weight", "0", NULL), "prior_weight should be great than zero");
    assert_string_equal(COMPLAINT("hyperband", false, NULL), "r_l and resource_name must be set.");
    assert_string_equal(COMPLAINT("hyperband", false, "r_l", "3", NULL), "r_l and resource_name must be set.");
    assert_string_equal(COMPLAINT("hyperband", false, "r_l", "-3", "resource_name", "num-epochs", NULL),
                        "r_l must be a positive float number.");
    assert_string_equal(COMPLAINT("asha", false, "r_l", "3", "resource_name", "epochs", NULL),
                        "value of resource_name setting must be in parameters.");
    assert_contains(COMPLAINT("bohb", false, "r_l", "3", "resource_name", "optimizer", NULL), "an int or double");
    assert_contains(COMPLAINT("dehb", false, "r_l", "3", "resource_name", "num-epochs", "eta", "1", NULL),
                    "greater than 1");
    assert_string_equal(COMPLAINT("pbt", false, "n_population", "5", NULL),
                        "Required params missing: suggestion_trial_dir, truncation_threshold");
    assert_string_equal(
        COMPLAINT("pbt", false, "suggestion_trial_dir", "/d", "n_population", "4", "truncation_threshold", "0", NULL),
        "Param(n_population) should be >= 5");
    assert_string_equal(
        COMPLAINT("pbt", false, "suggestion_trial_dir", "/d", "n_population", "5", "truncation_threshold", "2", NULL),
        "Param(truncation_threshold) should be between 0 and 1, inclusive");
    assert_contains(COMPLAINT("enas", true, "controller_skip_target", "0", NULL),
                    "Algorithm Setting controller_skip_target: 0");
    assert_contains(COMPLAINT("bayesianoptimization", false, "acq_func", "UCB", NULL), "one of gp_hedge, LCB");
    assert_contains(COMPLAINT("random", false, "random_state", "-1", NULL), "an integer in [0, ");
    arena_release(&arena);
}

static void check__parameters_and_architectures__are_not_mixed_up(void **state)
{
    static const char *const none[] = { NULL };
    static const char *const rungs[] = { "r_l", "3", "resource_name", "num-epochs", NULL };
    static const char *const population[] = {
        "suggestion_trial_dir", "/d", "n_population", "5", "truncation_threshold", "0.2", NULL
    };
    struct arena arena = { 0 };

    (void)state;
    for (size_t i = 0; suggest_methods[i] != NULL; i++) {
        const struct suggest_method *method = suggest_methods[i];
        const char *const *settings = setting_find(method->settings, "r_l") ? rungs : none;
        if (text_equal(method->name, "pbt"))
            settings = population;
        assert_contains(complaint(method->name, !method->is_nas, settings, &arena), "nasConfig");
    }
    arena_release(&arena);
}

static void check__cmaes_with_categories_only__is_refused(void **state)
{
    const struct suggest_method *cmaes = suggest_method_find("cmaes", NULL);
    const struct space space = { 1, &parameters[1] }, numeric = { 1, &parameters[0] };
    struct suggest_problem problem = { .space = &space, .parallel_trial_count = 1 };
    struct arena arena = { 0 };
    size_t n;
    const struct setting_value *values = setting_defaults(cmaes->settings, &arena, &n);

    (void)state;
    assert_contains(cmaes->check(&problem, values, &arena), "not categorical");
    problem.space = &numeric;
    assert_null(cmaes->check(&problem, values, &arena));
    arena_release(&arena);
}

/* docs/search.md says what the table has. */
static void docs__every_method_and_setting__is_named(void **state)
{
    static char page[1 << 16];
    FILE *file = fopen("docs/search.md", "r");
    struct arena arena = { 0 };

    (void)state;
    assert_non_null(file);
    size_t length = fread(page, 1, sizeof page - 1, file);
    fclose(file);
    assert_true(length < sizeof page - 1);
    for (size_t i = 0; suggest_methods[i] != NULL; i++) {
        const struct suggest_method *method = suggest_methods[i];
        const char *section = method->create ? strstr(page, arena_printf(&arena, "### `%s`\n", method->name)) : page;
        assert_non_null(section);
        for (const struct setting *row = method->settings; method->create && row->name != NULL; row++)
            assert_non_null(strstr(section, arena_printf(&arena, "| `%s` |", row->name)));
    }
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(docs__every_method_and_setting__is_named),
        cmocka_unit_test(check__settings_of_katibs_examples__are_taken),
        cmocka_unit_test(check__wrong_settings__are_refused_in_katibs_words),
        cmocka_unit_test(check__parameters_and_architectures__are_not_mixed_up),
        cmocka_unit_test(check__cmaes_with_categories_only__is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
