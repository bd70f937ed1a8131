/*
 * Hyperband and asha: who goes on, when, and with what.
 */
#include "tests/suggest/ladders.h"

#include "suggest/resource_settings.h"

static double distance(const struct ladder_trial *trial, int64_t number)
{
    (void)number;
    return hypot(trial->values[0] - 0.3, trial->values[1] - 0.6) + 1 / trial->resource;
}

static struct ladder *start(const char *method, uint64_t seed, ladder_loss *loss)
{
    return create_ladder(
        create_study(&ladder_space, suggest_method_find(method, NULL), &(struct study_options){ .seed = seed }, NULL),
        loss);
}

static size_t count_trials(const struct ladder *ladder, double resource, bool is_root)
{
    size_t n = 0;

    for (int64_t i = 1; i <= ladder->n; i++)
        n += ladder->trials[i].resource == resource && (ladder->trials[i].parent == 0) == is_root;
    return n;
}

static bool was_promoted(const struct ladder *ladder, int64_t number)
{
    for (int64_t i = number + 1; i <= ladder->n; i++)
        if (ladder->trials[i].parent == number)
            return true;
    return false;
}

/* Promotions are new trials of the same point, one level up, of a trial that had ended well. */
static void assert_lineage(const struct ladder *ladder)
{
    for (int64_t i = 1; i <= ladder->n; i++) {
        const struct ladder_trial *trial = &ladder->trials[i], *parent = &ladder->trials[trial->parent];
        assert_close(trial->values[2], trial->resource, 0);
        if (trial->parent == 0)
            continue;
        assert_true(trial->parent < i);
        assert_true(isfinite(parent->loss));
        assert_close(trial->resource, 3 * parent->resource, 0);
        assert_true(is_same_point(trial->values, parent->values, 2));
        for (int64_t j = 1; j < i; j++)
            assert_int_not_equal(ladder->trials[j].parent, trial->parent);
    }
}

static void hyperband__one_worker__runs_the_brackets_in_turn(void **state)
{
    struct ladder *ladder = start("hyperband", 1, distance);

    (void)state;
    run_ladder(ladder, 22, 1); /* 9, 3, 1; 5, 1; 3 trials with 1, 3 and 9 */
    assert_int_equal(count_trials(ladder, 1, true), 9);
    assert_int_equal(count_trials(ladder, 3, false), 3);
    assert_int_equal(count_trials(ladder, 3, true), 5);
    assert_int_equal(count_trials(ladder, 9, false), 2);
    assert_int_equal(count_trials(ladder, 9, true), 3);
    assert_lineage(ladder);
    destroy_ladder(ladder);
}

/* Of n roots in a row with that resource, those go on that are best: what successive halving does with whole rungs. */
static void assert_bracket_keeps_the_best(const struct ladder *ladder, double resource, size_t turn, size_t n,
                                          size_t n_kept)
{
    int64_t members[32] = { 0 };
    size_t n_roots = 0, n_members = 0;

    for (int64_t i = 1; i <= ladder->n; i++)
        if (ladder->trials[i].parent == 0 && ladder->trials[i].resource == resource && n_roots++ / n == turn)
            members[n_members++] = i;
    assert_int_equal(n_members, n);
    for (size_t i = 0; i < n; i++) {
        size_t n_better = 0;
        for (size_t j = 0; j < n; j++)
            n_better += ladder->trials[members[j]].loss < ladder->trials[members[i]].loss;
        assert_int_equal(was_promoted(ladder, members[i]), n_better < n_kept);
    }
}

static void hyperband__any_number_of_workers__keeps_what_whole_rungs_keep(void **state)
{
    static const int64_t workers[] = { 1, 2, 3, 8, 32 };

    (void)state;
    for (size_t w = 0; w < COUNT(workers); w++) {
        struct ladder *ladder = start("hyperband", w, distance);
        run_ladder(ladder, 220, workers[w]);
        for (size_t turn = 0; turn < 5; turn++) {
            assert_bracket_keeps_the_best(ladder, 1, turn, 9, 3);
            assert_bracket_keeps_the_best(ladder, 3, turn, 5, 1);
        }
        assert_lineage(ladder);
        destroy_ladder(ladder);
    }
}

static double fails_often(const struct ladder_trial *trial, int64_t number)
{
    return number % 3 == 0 ? NAN : number % 7 == 0 ? -INFINITY : distance(trial, number);
}

static double fails_on_a_rung(const struct ladder_trial *trial, int64_t number)
{
    return trial->resource == 3 ? NAN : distance(trial, number);
}

static void ladder__failures__never_go_on_and_never_stop_the_rest(void **state)
{
    static const char *const methods[] = { "hyperband", "asha", "bohb", "dehb" };

    (void)state;
    for (size_t i = 0; i < COUNT(methods); i++) {
        struct ladder *ladder = start(methods[i], i, fails_often);
        run_ladder(ladder, 150, 4);
        assert_lineage(ladder);
        assert_true(count_trials(ladder, 9, false) > 0);
        destroy_ladder(ladder);
        ladder = start(methods[i], i, fails_on_a_rung);
        run_ladder(ladder, 150, 4);
        assert_lineage(ladder);
        assert_int_equal(count_trials(ladder, 9, false), 0);
        destroy_ladder(ladder);
    }
}

static double *losses_of(const struct ladder *ladder, double resource, const bool *is_seen, size_t *n)
{
    static double losses[LADDER_LIMIT];

    *n = 0;
    for (int64_t i = 1; i <= ladder->n; i++)
        if (is_seen[i] && ladder->trials[i].resource == resource)
            losses[(*n)++] = ladder->trials[i].loss;
    return losses;
}

/* Sequentially every earlier trial is recorded, so each decision can be checked. */
static void asha__every_promotion__is_among_the_best_third_of_what_was_recorded(void **state)
{
    struct ladder *ladder = start("asha", 3, distance);
    static bool is_seen[LADDER_LIMIT + 1];
    size_t n, n_promoted = 0;

    (void)state;
    run_ladder(ladder, 200, 1);
    assert_lineage(ladder);
    for (int64_t i = 1; i <= ladder->n; is_seen[i++] = true) {
        const struct ladder_trial *trial = &ladder->trials[i], *parent = &ladder->trials[trial->parent];
        const double *losses = losses_of(ladder, trial->parent ? parent->resource : 1, is_seen, &n);
        if (trial->parent == 0) {
            assert_close(trial->resource, 1, 0);
            continue;
        }
        assert_true(n >= 3 && rungs_in_top(parent->loss, losses, n, 3));
        n_promoted++;
    }
    assert_true(n_promoted > 60);
    destroy_ladder(ladder);
}

static void asha__first_arrivals__wait_for_eta_of_them(void **state)
{
    struct ladder *ladder = start("asha", 3, distance);

    (void)state;
    run_ladder(ladder, 4, 1);
    assert_int_equal(ladder->trials[3].parent, 0);
    assert_int_not_equal(ladder->trials[4].parent, 0); /* the best of three */
    destroy_ladder(ladder);
}

/* Infeasible trials have the best losses, and one does not say. */
static void ladder__constraint__promotes_the_feasible_first(void **state)
{
    static const char *const methods[] = { "hyperband", "bohb", "dehb" };

    (void)state;
    for (size_t m = 0; m < COUNT(methods); m++) {
        struct study *study = create_study(&ladder_space, suggest_method_find(methods[m], NULL),
                                           &(struct study_options){ .n_constraints = 1 }, NULL);
        struct suggestion out = { 0 };
        double values[3];
        for (int64_t number = 1; number <= 10 && out.parent == 0; number++) {
            const double loss = (double)number, violation = number <= 4 ? 1 : number == 5 ? NAN : -1;
            assert_int_equal(study_ask(study, number, values, &out), 0);
            study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, &violation);
        }
        assert_int_equal(out.parent, 6);
        study_destroy(study);
    }
}

/* Trials 1 to 9 lie on three fronts; trials 3, 6 and 9 are the first. */
static void hyperband__two_objectives__promotes_the_front(void **state)
{
    struct study *study = create_study(&ladder_space, suggest_method_find("hyperband", NULL),
                                       &(struct study_options){ .n_objectives = 2 }, NULL);
    double values[3];

    (void)state;
    for (int64_t number = 1; number <= 12; number++) {
        const int64_t step = (number - 1) / 3;
        const double front = (double)(3 - (number - 1) % 3), along = (double)step;
        const double losses[] = { front + along, front - along };
        struct suggestion out = { 0 };
        assert_int_equal(study_ask(study, number, values, &out), 0);
        if (number > 9)
            assert_true(out.parent > 0 && out.parent % 3 == 0);
        else
            assert_int_equal(out.parent, 0);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, losses, NULL);
    }
    study_destroy(study);
}

/* Katib's example: epochs in [1, 1] and r_l 2. */
static void hyperband__placeholder_range__is_no_bound(void **state)
{
    static const struct parameter parameters[] = {
        { .name = "lr", .type = PARAMETER_DOUBLE, .min = 0.01, .max = 0.05 },
        { .name = "num-epochs", .type = PARAMETER_INT, .min = 1, .max = 1, .step = 1 },
    };
    static const char *const settings[] = { "resource_name", "num-epochs", "eta", "2", "r_l", "2", NULL };
    static const struct space space = SPACE(parameters);
    struct study *study = create_study(&space, suggest_method_find("hyperband", NULL), &(struct study_options){ 0 },
                                       settings);
    bool has_two = false;

    (void)state;
    for (int64_t number = 1; number <= 5; number++) {
        double values[2], loss = 1;
        struct suggestion out = { 0 };
        assert_int_equal(study_ask(study, number, values, &out), 0);
        assert_close(values[1], out.resource, 0);
        has_two = has_two || (values[1] == 2 && out.parent != 0);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    assert_true(has_two);
    study_destroy(study);
}

/* Someone stopped the promoted trial: its configuration goes on again. */
static void hyperband__abandoned_promotion__is_made_again(void **state)
{
    struct ladder *ladder = start("hyperband", 1, distance);
    struct suggestion first = { 0 }, second = { 0 };
    double values[3];

    (void)state;
    run_ladder(ladder, 9, 1);
    assert_int_equal(study_ask(ladder->study, 10, values, &first), 0);
    assert_true(first.parent != 0);
    study_finish(ladder->study, 10, NULL, OUTCOME_ABANDONED, NULL, NULL);
    assert_int_equal(study_ask(ladder->study, 11, values, &second), 0);
    assert_int_equal(second.parent, first.parent);
    destroy_ladder(ladder);
}

static const char *complaint(const struct space *space, const char *const *settings, struct arena *arena)
{
    const struct suggest_method *method = suggest_method_find("asha", NULL);
    const struct suggest_problem problem = { .space = space, .n_objectives = 1 };
    size_t n;
    struct setting_value *values = setting_defaults(method->settings, arena, &n);
    const char *said;

    set_values(method, settings, values);
    said = method->check(&problem, values, arena);
    return said != NULL ? arena_strdup(arena, said) : NULL;
}

static void check__resource_outside_its_range__is_told(void **state)
{
    static const struct activation if_long = { .parameter = 0, .min = 5, .max = 10 };
    static const struct parameter parameters[] = {
        { .name = "epochs", .type = PARAMETER_INT, .min = 2, .max = 27, .step = 1 },
        { .name = "decay", .type = PARAMETER_DOUBLE, .min = 0, .max = 1, .activation = &if_long },
    };
    static const struct space space = { 1, parameters }, conditional = SPACE(parameters);
    struct arena arena = { 0 };

    (void)state;
#define COMPLAINT(space, ...) \
    complaint(space, (const char *const[]){ "resource_name", "epochs", __VA_ARGS__, NULL }, &arena)
    assert_null(COMPLAINT(&space, "r_l", "27"));
    assert_null(COMPLAINT(&space, "r_l", "27", "min_resource", "3", "eta", "2"));
    assert_contains(COMPLAINT(&space, "r_l", "81"), "r_l must be in the feasibleSpace of epochs, [2, 27], got 81.");
    assert_contains(COMPLAINT(&space, "r_l", "27", "min_resource", "1"), "min_resource must be in the feasibleSpace");
    assert_contains(COMPLAINT(&space, "r_l", "9", "min_resource", "10"), "min_resource must be in (0, r_l], got 10.");
    assert_contains(COMPLAINT(&space, "r_l", "27", "eta", "1.01"), "eta is too near to 1");
    assert_contains(COMPLAINT(&conditional, "r_l", "27"), "it can have no condition");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hyperband__one_worker__runs_the_brackets_in_turn),
        cmocka_unit_test(hyperband__any_number_of_workers__keeps_what_whole_rungs_keep),
        cmocka_unit_test(ladder__failures__never_go_on_and_never_stop_the_rest),
        cmocka_unit_test(asha__every_promotion__is_among_the_best_third_of_what_was_recorded),
        cmocka_unit_test(asha__first_arrivals__wait_for_eta_of_them),
        cmocka_unit_test(ladder__constraint__promotes_the_feasible_first),
        cmocka_unit_test(hyperband__two_objectives__promotes_the_front),
        cmocka_unit_test(hyperband__placeholder_range__is_no_bound),
        cmocka_unit_test(hyperband__abandoned_promotion__is_made_again),
        cmocka_unit_test(check__resource_outside_its_range__is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
