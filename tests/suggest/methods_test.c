/*
 * The contract of suggest/method.h, for every method of the table that searches.
 */
#include "tests/suggest/studies.h"

enum { SEEDS = 3, TRIALS = 60, N_MIXED = COUNT(mixed_parameters) + 1, N_TREE = COUNT(finite_parameters) + 1 };

static const struct space mixed = SPACE(mixed_parameters), tree = SPACE(finite_parameters),
                          architectures = SPACE(architecture_parameters);

/* Of the mixed space, what a method that must count its points can search. */
static void make_countable(const struct space *space, struct parameter *part)
{
    for (size_t i = 0; i < space->n; i++)
        if (isinf(space_parameter_size(space, i)))
            part[i].step = (part[i].max - part[i].min) / 50;
}

/* The space that a method is tested on: architectures, everything, or everything with steps. */
static struct space space_for(const struct suggest_method *method, struct parameter *part)
{
    if (method->is_nas)
        return architectures;
    const struct space space = with_budget(method, &mixed, part);
    const struct suggest_problem problem = { .space = &space, .parallel_trial_count = 1, .max_trial_count = 10 };
    struct arena arena = { 0 };
    size_t n;
    struct setting_value *values = setting_defaults(method->settings, &arena, &n);

    set_values(method, required_settings(method), values);
    if (method->check != NULL && method->check(&problem, values, &arena) != NULL)
        make_countable(&space, part);
    arena_release(&arena);
    return space;
}

/* But for darts, which has nothing to choose. */
static const struct suggest_method *next_method(size_t *i)
{
    while (suggest_methods[*i] != NULL &&
           (suggest_methods[*i]->create == NULL || text_equal(suggest_methods[*i]->name, "darts")))
        ++*i;
    return suggest_methods[(*i)++];
}

#define FOR_EACH_METHOD(method) for (size_t i_ = 0; ((method) = next_method(&i_)) != NULL;)

/* A loss, or one of the ways to have none. */
static void finish_somehow(struct study *study, int64_t number, const double *values)
{
    static const double losses[] = { 1, NAN, INFINITY, -INFINITY, 1e300, 0.5, -2, 0.5 };
    static const enum outcome outcomes[] = { OUTCOME_SUCCEEDED, OUTCOME_EARLY_STOPPED, OUTCOME_FAILED,
                                             OUTCOME_SUCCEEDED, OUTCOME_FAILED };
    enum outcome outcome = outcomes[number % (int64_t)COUNT(outcomes)];
    bool has_loss = outcome == OUTCOME_SUCCEEDED || outcome == OUTCOME_EARLY_STOPPED;

    study_finish(study, number, values, outcome, has_loss ? &losses[number % (int64_t)COUNT(losses)] : NULL, NULL);
}

/* Ask and finish: four running at a time, the second oldest ends first. points (n, space->n). */
static void run_trials(struct study *study, const struct space *space, int64_t first, int64_t n, double *points)
{
    int64_t running[4], n_running = 0;

    for (int64_t k = 0; k < n; k++) {
        ask(study, first + k, points + (size_t)k * space->n);
        running[n_running++] = first + k;
        if (n_running == 4) {
            finish_somehow(study, running[1], NULL);
            memmove(running + 1, running + 2, 2 * sizeof running[0]);
            n_running = 3;
        }
    }
    while (n_running > 0)
        finish_somehow(study, running[--n_running], NULL);
}

static void every_method__any_history__stays_in_the_space_and_never_repeats(void **state)
{
    const struct suggest_method *method;
    static double points[TRIALS * N_MIXED];
    struct parameter part[N_MIXED];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        const struct space space = space_for(method, part);
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct study *study = create_study(&space, method, &(struct study_options){ .seed = seed }, NULL);
            run_trials(study, &space, 1, TRIALS, points);
            for (size_t k = 0; k < TRIALS; k++) {
                assert_in_space(&space, points + k * space.n);
                for (size_t j = 0; j < k && !method->repeats; j++)
                    assert_false(is_same_point(points + j * space.n, points + k * space.n, space.n));
            }
            study_destroy(study);
        }
    }
}

static void every_method__same_seed__same_points_another_seed__others(void **state)
{
    const struct suggest_method *method;
    static double points[3][TRIALS * N_MIXED];
    struct parameter part[N_MIXED];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        const struct space space = space_for(method, part);
        for (uint64_t run = 0; run < 3; run++) {
            const struct study_options options = { .seed = run == 2 ? 18 : 17 };
            struct study *study = create_study(&space, method, &options, NULL);
            run_trials(study, &space, 1, TRIALS, points[run]);
            study_destroy(study);
        }
        assert_true(is_same_point(points[0], points[1], TRIALS * space.n));
        assert_false(is_same_point(points[0], points[2], TRIALS * space.n));
    }
}

static void every_method__random_state__takes_the_place_of_the_seed(void **state)
{
    static const char *const given[] = { "random_state", "17", NULL };
    const struct suggest_method *method;
    double want[N_MIXED], got[N_MIXED];
    struct parameter part[N_MIXED];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        const struct space space = space_for(method, part);
        struct study *a = create_study(&space, method, &(struct study_options){ .seed = 17 }, NULL);
        struct study *b = create_study(&space, method, &(struct study_options){ .seed = 5 }, given);
        ask(a, 1, want);
        ask(b, 1, got);
        assert_true(is_same_point(want, got, space.n));
        study_destroy(a);
        study_destroy(b);
    }
}

/* Rebuild a study from another's history and what runs; both must go on alike. */
static void every_method__rebuilt_from_the_history__goes_on_as_before(void **state)
{
    const struct suggest_method *method;
    static double points[TRIALS * N_MIXED];
    double want[N_MIXED], got[N_MIXED];
    struct parameter part[N_MIXED];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        const struct space space = space_for(method, part);
        const struct study_options options = { .seed = 4 };
        struct study *a = create_study(&space, method, &options, NULL),
                     *b = create_study(&space, method, &options, NULL);
        run_trials(a, &space, 1, TRIALS, points);
        ask(a, TRIALS + 1, want);
        const struct history *history = study_history(a);
        for (size_t row = 0; row < history->n_finished; row++) {
            study_start(b, history->number[row], history_values(history, row), history->resource[row],
                        history->parent[row]);
            study_finish(b, history->number[row], NULL, history->outcome[row], &history->loss[row], NULL);
        }
        study_start(b, TRIALS + 1, want, history->running_resource[0], history->running_parent[0]);
        for (int64_t number = TRIALS + 2; number < TRIALS + 12; number++) {
            ask(a, number, want);
            ask(b, number, got);
            assert_true(is_same_point(want, got, space.n));
        }
        study_destroy(a);
        study_destroy(b);
    }
}

static void every_method__finite_space__visits_every_point_once_and_ends(void **state)
{
    const struct suggest_method *method;
    static double points[3 * FINITE_SIZE * N_TREE + ARCHITECTURE_SIZE * COUNT(architecture_parameters)];
    double values[N_TREE > COUNT(architecture_parameters) ? N_TREE : COUNT(architecture_parameters)];
    struct parameter part[N_TREE];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        if (method->repeats)
            continue;
        const struct space space = method->is_nas ? architectures : with_budget(method, &tree, part);
        const size_t n_points = (method->is_nas ? ARCHITECTURE_SIZE : FINITE_SIZE) * n_resources(method);
        for (uint64_t seed = 0; seed < SEEDS; seed++) {
            struct study *study = create_study(&space, method, &(struct study_options){ .seed = seed }, NULL);
            run_trials(study, &space, 1, (int64_t)n_points, points);
            for (size_t k = 0; k < n_points; k++) {
                assert_in_space(&space, points + k * space.n);
                for (size_t j = 0; j < k; j++)
                    assert_false(is_same_point(points + j * space.n, points + k * space.n, space.n));
            }
            assert_int_equal(study_ask(study, (int64_t)n_points + 1, values, &(struct suggestion){ 0 }),
                             SUGGEST_EXHAUSTED);
            study_destroy(study);
        }
    }
}

static void every_method__all_fails_or_is_constant__goes_on(void **state)
{
    const struct suggest_method *method;
    const double one = 1;
    double values[N_MIXED];
    struct parameter part[N_MIXED];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        const struct space space = space_for(method, part);
        for (int is_constant = 0; is_constant < 2; is_constant++) {
            struct study *study = create_study(&space, method, &(struct study_options){ 0 }, NULL);
            for (int64_t number = 1; number <= TRIALS; number++) {
                ask(study, number, values);
                assert_in_space(&space, values);
                study_finish(study, number, NULL, is_constant ? OUTCOME_SUCCEEDED : OUTCOME_FAILED,
                             is_constant ? &one : NULL, NULL);
            }
            study_destroy(study);
        }
    }
}

static void every_method__one_parameter_and_none__is_searched(void **state)
{
    static const struct parameter one = { .name = "n", .type = PARAMETER_INT, .min = 1, .max = 30, .step = 1 };
    const struct suggest_method *method;
    struct parameter part[2];
    double values[3 * 30 * 2];

    (void)state;
    FOR_EACH_METHOD(method)
    {
        for (size_t n = 0; n < 2 && !method->repeats && !method->is_nas; n++) {
            const struct space space = with_budget(method, &(struct space){ n, &one }, part);
            int64_t n_points = (n == 0 ? 1 : 30) * (int64_t)n_resources(method);
            struct study *study = create_study(&space, method, &(struct study_options){ .seed = 8 }, NULL);
            run_trials(study, &space, 1, n_points, values);
            assert_int_equal(study_ask(study, n_points + 1, values, &(struct suggestion){ 0 }), SUGGEST_EXHAUSTED);
            study_destroy(study);
        }
    }
}

static void every_method__destroy__accepts_null(void **state)
{
    const struct suggest_method *method;
    size_t n = 0;

    (void)state;
    FOR_EACH_METHOD(method)
    {
        assert_non_null(method->suggest);
        method->destroy(NULL);
        n++;
    }
    assert_true(n >= 3); /* random, grid and sobol at least */
    study_destroy(NULL);
}

static void table__every_entry__can_be_shown_and_found(void **state)
{
    (void)state;
    for (size_t i = 0; suggest_methods[i] != NULL; i++) {
        const struct suggest_method *method = suggest_methods[i];
        struct arena arena = { 0 };
        assert_ptr_equal(suggest_method_find(method->name, NULL), method);
        assert_true(method->summary != NULL && method->summary[0] != '\0');
        for (const struct setting *row = method->settings; row != NULL && row->name != NULL; row++) {
            assert_true(row->help != NULL && row->help[0] != '\0');
            assert_ptr_equal(setting_find(method->settings, row->name), row);
            assert_true(setting_expectation(row, &arena)[0] != '\0');
        }
        arena_release(&arena);
    }
}

static void find__misspelt_name__gives_the_nearest(void **state)
{
    const char *nearest;

    (void)state;
    assert_null(suggest_method_find("sobl", &nearest));
    assert_string_equal(nearest, "sobol");
    assert_null(suggest_method_find("quantum-annealing", &nearest));
    assert_null(nearest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_method__any_history__stays_in_the_space_and_never_repeats),
        cmocka_unit_test(every_method__same_seed__same_points_another_seed__others),
        cmocka_unit_test(every_method__random_state__takes_the_place_of_the_seed),
        cmocka_unit_test(every_method__rebuilt_from_the_history__goes_on_as_before),
        cmocka_unit_test(every_method__finite_space__visits_every_point_once_and_ends),
        cmocka_unit_test(every_method__all_fails_or_is_constant__goes_on),
        cmocka_unit_test(every_method__one_parameter_and_none__is_searched),
        cmocka_unit_test(every_method__destroy__accepts_null),
        cmocka_unit_test(table__every_entry__can_be_shown_and_found),
        cmocka_unit_test(find__misspelt_name__gives_the_nearest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
