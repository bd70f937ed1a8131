/*
 * Population-based training: generations, lineage, and values that stay where they may be.
 */
#include "tests/suggest/studies.h"

enum { TRIALS = 200, POPULATION = 10, N = COUNT(mixed_parameters) };

static const struct space mixed = SPACE(mixed_parameters);
static const char *const settings[] = { "n_population", "10", "truncation_threshold", "0.3", NULL };

struct run {
    struct study *study;
    int64_t n;
    double values[TRIALS + 1][N];
    int64_t parent[TRIALS + 1];
    size_t generation[TRIALS + 1];
    enum outcome outcome[TRIALS + 1];
    double loss[TRIALS + 1];
    char why[TRIALS + 1][SUGGEST_WHY_SIZE];
};

static struct run *create_run(const struct space *space, const char *const *given)
{
    struct run *run = calloc(1, sizeof *run);

    assert_non_null(run);
    run->study = create_study(space, suggest_method_find("pbt", NULL), &(struct study_options){ .seed = 9 }, given);
    return run;
}

static void destroy_run(struct run *run)
{
    study_destroy(run->study);
    free(run);
}

/* The next trial, whose label is the depth of its line. */
static int64_t ask_next(struct run *run)
{
    struct suggestion out = { 0 };
    int64_t number = ++run->n;
    char generation[24];

    assert_int_equal(study_ask(run->study, number, run->values[number], &out), 0);
    assert_true(out.parent >= 0 && out.parent < number);
    run->parent[number] = out.parent;
    run->generation[number] = out.parent == 0 ? 0 : run->generation[out.parent] + 1;
    memcpy(run->why[number], out.why, sizeof out.why);
    snprintf(generation, sizeof generation, "%zu", run->generation[number]);
    assert_int_equal(out.n_labels, 1);
    assert_string_equal(out.labels[0].name, "pbt.suggestion.katib.kubeflow.org/generation");
    assert_string_equal(out.labels[0].value, generation);
    return number;
}

static void end(struct run *run, int64_t number, enum outcome outcome, double loss)
{
    bool has_loss = outcome == OUTCOME_SUCCEEDED || outcome == OUTCOME_EARLY_STOPPED;

    run->outcome[number] = outcome;
    run->loss[number] = has_loss ? loss : NAN;
    study_finish(run->study, number, NULL, outcome, has_loss ? &loss : NULL, NULL);
}

static enum outcome some_outcome(int64_t number)
{
    return number % 11 == 3   ? OUTCOME_FAILED
           : number % 13 == 5 ? OUTCOME_EARLY_STOPPED
           : number % 17 == 7 ? OUTCOME_ABANDONED
                              : OUTCOME_SUCCEEDED;
}

/* Four at a time, the second oldest ends first; some fail in each of the ways. */
static struct run *run_mixed(const char *const *given)
{
    struct run *run = create_run(&mixed, given);
    int64_t running[4], n_running = 0;

    while (run->n < TRIALS) {
        running[n_running++] = ask_next(run);
        if (n_running < 4)
            continue;
        double loss = running[1] % 23 == 2 ? NAN : fabs(run->values[running[1]][6]) + 1 / (double)running[1];
        end(run, running[1], some_outcome(running[1]), loss);
        memmove(running + 1, running + 2, 2 * sizeof running[0]);
        n_running = 3;
    }
    return run;
}

static void suggest__any_ends__parents_are_sound_members_of_the_generation_before(void **state)
{
    struct run *run = run_mixed(settings);
    size_t newest = 0;

    (void)state;
    for (int64_t i = 1; i <= run->n; i++) {
        int64_t parent = run->parent[i];
        assert_in_space(&mixed, run->values[i]);
        assert_true(run->generation[i] >= newest); /* extra members only of the newest */
        newest = run->generation[i];
        if (parent == 0)
            continue;
        assert_int_equal(run->outcome[parent], OUTCOME_SUCCEEDED);
        assert_true(isfinite(run->loss[parent]));
    }
    assert_true(newest >= 8 && newest < TRIALS / POPULATION);
    destroy_run(run);
}

/* Sequentially everything is known: the worst three give way to the best three, values and checkpoint. */
static void suggest__truncation__worst_copy_values_and_checkpoint_of_the_best(void **state)
{
    struct run *run = create_run(&mixed, settings);
    size_t n_copies = 0;

    (void)state;
    for (int64_t i = 1; i <= POPULATION; i++)
        end(run, ask_next(run), OUTCOME_SUCCEEDED, (double)i);
    for (int64_t i = POPULATION + 1; i <= 2 * POPULATION; i++) {
        int64_t seat = i - POPULATION, number = ask_next(run);
        if (seat <= 7) {
            assert_int_equal(run->parent[number], seat);
            assert_contains(run->why[number], "explore");
            assert_false(is_same_point(run->values[number], run->values[seat], N));
            continue;
        }
        assert_in_range(run->parent[number], 1, 3);
        assert_contains(run->why[number], "exploit");
        assert_true(is_same_point(run->values[number], run->values[run->parent[number]], N));
        n_copies++;
    }
    assert_int_equal(n_copies, 3);
    destroy_run(run);
}

static void suggest__lost_member__is_asked_again_once(void **state)
{
    static const enum outcome lost[] = { OUTCOME_FAILED, OUTCOME_ABANDONED };

    (void)state;
    for (size_t i = 0; i < COUNT(lost); i++) {
        struct run *run = create_run(&mixed, settings);
        end(run, ask_next(run), lost[i], NAN);
        ask_next(run);
        assert_true(is_same_point(run->values[1], run->values[2], N));
        end(run, 2, lost[i], NAN);
        ask_next(run);
        assert_false(is_same_point(run->values[1], run->values[3], N));
        destroy_run(run);
    }
}

static void suggest__generation_not_ended__extra_members_do_not_wait(void **state)
{
    struct run *run = create_run(&mixed, settings);

    (void)state;
    for (int64_t i = 1; i <= 3 * POPULATION; i++)
        assert_int_equal(run->generation[ask_next(run)], 0);
    for (int64_t i = 1; i < POPULATION; i++)
        end(run, i, OUTCOME_SUCCEEDED, 1);
    assert_int_equal(run->generation[ask_next(run)], 0);
    end(run, POPULATION, OUTCOME_SUCCEEDED, 1);
    assert_int_equal(run->generation[ask_next(run)], 1);
    destroy_run(run);
}

static const struct parameter perturbed_parameters[] = {
    { .name = "lr", .type = PARAMETER_DOUBLE, .distribution = DISTRIBUTION_LOG_UNIFORM, .min = 1e-5, .max = 1 },
    { .name = "units", .type = PARAMETER_INT, .min = 1, .max = 9, .step = 2 },
    { .name = "shift", .type = PARAMETER_DOUBLE, .min = -1, .max = 1 },
    { .name = "choice", .type = PARAMETER_CATEGORICAL, .n_choices = 3, .choices = three_texts },
    { .name = "number",
      .type = PARAMETER_DISCRETE,
      .n_choices = 4,
      .choices = discrete_texts,
      .numbers = discrete_numbers },
};
static const struct space perturbed = SPACE(perturbed_parameters);

static bool is_perturbed(const struct parameter *p, double from, double to)
{
    double up = fmin(from + fabs(from) * 0.2, p->max), down = fmax(from - fabs(from) * 0.2, p->min);

    return fabs(to - up) < 1e-6 * (p->max - p->min) || fabs(to - down) < 1e-6 * (p->max - p->min);
}

static size_t count_moves(const char *const *given, bool is_all_perturbed)
{
    struct run *run = create_run(&perturbed, given);
    size_t n_far = 0;

    while (run->n < TRIALS) {
        int64_t number = ask_next(run), parent = run->parent[number];
        end(run, number, OUTCOME_SUCCEEDED, (double)(number * 7 % 10));
        const double *to = run->values[number], *from = run->values[parent];
        assert_in_space(&perturbed, to);
        if (parent == 0 || is_same_point(to, from, perturbed.n))
            continue;
        n_far += !is_perturbed(&perturbed_parameters[0], from[0], to[0]);
        if (!is_all_perturbed)
            continue;
        assert_true(is_perturbed(&perturbed_parameters[2], from[2], to[2]));
        assert_true(fabs(to[1] - from[1]) == 2 || from[1] == 1 || from[1] == 9);
        assert_true(to[3] != from[3]);
        assert_true(fabs(to[4] - from[4]) <= 1);
    }
    destroy_run(run);
    return n_far;
}

static void explore__by_default__moves_by_a_fifth_or_to_the_neighbour(void **state)
{
    (void)state;
    assert_int_equal(count_moves(settings, true), 0);
}

static void explore__resample_probability__draws_that_share_anew(void **state)
{
    static const char *const half[] = { "n_population", "10", "truncation_threshold", "0", "resample_probability",
                                        "0.5",          NULL };
    size_t n_far;

    (void)state;
    n_far = count_moves(half, false); /* of 190, each with chance 1/2 */
    assert_true(n_far > 60 && n_far < 130);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__any_ends__parents_are_sound_members_of_the_generation_before),
        cmocka_unit_test(suggest__truncation__worst_copy_values_and_checkpoint_of_the_best),
        cmocka_unit_test(suggest__lost_member__is_asked_again_once),
        cmocka_unit_test(suggest__generation_not_ended__extra_members_do_not_wait),
        cmocka_unit_test(explore__by_default__moves_by_a_fifth_or_to_the_neighbour),
        cmocka_unit_test(explore__resample_probability__draws_that_share_anew),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
