/*
 * CMA-ES as a method: bounds, integers, choices, conditions, failures, many workers, other people's points.
 */
#include "suggest/entries.h"
#include "tests/suggest/studies.h"

enum { N_LIMIT = COUNT(mixed_parameters) };
typedef double objective(const double *values, size_t n);

/* The best loss that workers find in so many trials, each taking exponentially long. */
static double search(struct study *study, const struct space *space, objective *f, size_t n_workers, int64_t n_trials)
{
    struct rng rng = rng_stream(9, 0, "workers");
    double values[32][N_LIMIT], end[32] = { 0 }, now = 0, best = INFINITY;
    int64_t running[32], asked = 0;
    size_t n_running = 0;

    for (int64_t k = 0; k < n_trials; k++) {
        while (n_running < n_workers && asked < n_trials) {
            ask(study, ++asked, values[n_running]);
            running[n_running] = asked;
            end[n_running++] = now - log1p(-rng_uniform(&rng));
        }
        size_t first = 0;
        for (size_t i = 1; i < n_running; i++)
            first = end[i] < end[first] ? i : first;
        now = end[first];
        double loss = f(values[first], space->n);
        study_finish(study, running[first], NULL, OUTCOME_SUCCEEDED, &loss, NULL);
        best = fmin(best, loss);
        n_running--;
        running[first] = running[n_running];
        end[first] = end[n_running];
        memcpy(values[first], values[n_running], sizeof values[first]);
    }
    return best;
}

enum { SEEDS = 8 };

/* Of SEEDS searches, those that come below goal in so many trials. */
static int n_solved(const struct space *space, objective *f, double goal, size_t n_workers, int64_t n_trials,
                    const char *const *settings)
{
    int n = 0;

    for (uint64_t seed = 0; seed < SEEDS; seed++) {
        struct study *study = create_study(space, &suggest_cmaes, &(struct study_options){ .seed = seed }, settings);
        n += search(study, space, f, n_workers, n_trials) < goal;
        study_destroy(study);
    }
    return n;
}

#define REAL(text)                                                    \
    {                                                                 \
        .name = (text), .type = PARAMETER_DOUBLE, .min = -1, .max = 1 \
    }
static const struct parameter real_parameters[] = { REAL("a"), REAL("b"), REAL("c"), REAL("d"), REAL("e") };
static const struct space reals = SPACE(real_parameters);

static double sphere(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (values[i] - 0.3) * (values[i] - 0.3);
    return sum;
}

/* Best in a corner, where it is steep. */
static double corner(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += i % 2 == 0 ? 1 - values[i] : 1 + values[i];
    return sum;
}

static void suggest__optimum_inside_and_in_a_corner__are_found(void **state)
{
    (void)state;
    assert_int_equal(n_solved(&reals, sphere, 1e-6, 1, 500, NULL), SEEDS);
    assert_int_equal(n_solved(&reals, corner, 0.02, 1, 500, NULL), SEEDS);
}

static void suggest__every_restart_strategy__finds_the_optimum(void **state)
{
    static const char *const strategies[] = { "none", "None", "ipop", "bipop" };

    (void)state;
    for (size_t k = 0; k < COUNT(strategies); k++) {
        const char *const settings[] = { "restart_strategy", strategies[k], "sigma", "0.3", NULL };
        assert_int_equal(n_solved(&reals, sphere, 1e-5, 1, 500, settings), SEEDS);
    }
}

static double rastrigin(const double *values, size_t n)
{
    double sum = 10 * (double)n;

    for (size_t i = 0; i < n; i++) {
        double z = 5 * (values[i] - 0.2);
        sum += z * z - 10 * cos(2 * M_PI * z);
    }
    return sum;
}

/* none stays with one population where restarts leave a local optimum. */
static void suggest__rastrigin__needs_restarts(void **state)
{
    static const char *const none[] = { "restart_strategy", "none", NULL };
    const struct space plane = { 2, real_parameters };

    (void)state;
    assert_true(n_solved(&plane, rastrigin, 1e-3, 1, 4000, NULL) >= SEEDS - 1);
    assert_true(n_solved(&plane, rastrigin, 1e-3, 1, 4000, none) <= SEEDS / 2);
}

#define INTEGER_PARAMETER(text)                                                 \
    {                                                                           \
        .name = (text), .type = PARAMETER_INT, .min = -10, .max = 10, .step = 1 \
    }
static const struct parameter integer_parameters[] = {
    REAL("a"),
    REAL("b"),
    INTEGER_PARAMETER("i"),
    INTEGER_PARAMETER("j"),
    INTEGER_PARAMETER("k"),
    { .name = "l", .type = PARAMETER_INT, .min = 1, .max = 1024, .step = 1, .distribution = DISTRIBUTION_LOG_UNIFORM },
};

/* Integers far less important than the rest, which therefore settles first. */
static double weak_integers(const double *values, size_t n)
{
    double sum = 1e3 * sphere(values, 2);

    for (size_t i = 2; i < n - 1; i++)
        sum += 1e-3 * (values[i] - 7) * (values[i] - 7);
    return sum + 1e-3 * pow(log2(values[n - 1] / 100), 2);
}

static void suggest__integers_that_hardly_matter__come_to_the_optimum(void **state)
{
    const struct space space = SPACE(integer_parameters);

    (void)state;
    assert_int_equal(n_solved(&space, weak_integers, 0.01, 1, 1500, NULL), SEEDS);
}

static const char *const letters[] = { "a", "b", "c", "d", "e" };
static const struct parameter choice_parameters[] = {
    REAL("x"),
    REAL("y"),
    { .name = "c", .type = PARAMETER_CATEGORICAL, .n_choices = 5, .choices = letters },
    { .name = "d", .type = PARAMETER_CATEGORICAL, .n_choices = 4, .choices = letters },
    { .name = "flag", .type = PARAMETER_INT, .min = 0, .max = 1, .step = 1 },
};

/* Each choice moves the optimum of the numbers. */
static double shifted(const double *values, size_t n)
{
    double x = values[0] - 0.2 * (values[2] - 2), y = values[1] - 0.3 * (values[3] - 1);

    (void)n;
    return x * x + y * y + 0.2 * (values[2] != 3) + 0.2 * (values[3] != 0) + 0.1 * values[4];
}

static void suggest__choices_beside_numbers__are_learnt_together(void **state)
{
    const struct space space = SPACE(choice_parameters);

    (void)state;
    assert_true(n_solved(&space, shifted, 0.01, 1, 500, NULL) >= SEEDS - 2);
}

/* The mixed space has conditions; only its active parameters count. */
static double conditional(const double *values, size_t n)
{
    double x[COUNT(mixed_parameters)], sum = 0;
    const struct space mixed = SPACE(mixed_parameters);

    (void)n;
    space_encode(&mixed, values, x);
    for (size_t i = 0; i < mixed.n; i++)
        if (!isnan(x[i]) && mixed.parameters[i].type != PARAMETER_CATEGORICAL)
            sum += (x[i] - 0.5) * (x[i] - 0.5);
    return sum + (values[0] != 1);
}

static void suggest__conditions__beat_random(void **state)
{
    const struct space mixed = SPACE(mixed_parameters);
    double ours = 0, random = 0;

    (void)state;
    for (uint64_t seed = 0; seed < 5; seed++) {
        const struct study_options options = { .seed = seed };
        struct study *a = create_study(&mixed, &suggest_cmaes, &options, NULL),
                     *b = create_study(&mixed, &suggest_random, &options, NULL);
        ours += search(a, &mixed, conditional, 1, 300);
        random += search(b, &mixed, conditional, 1, 300);
        study_destroy(a);
        study_destroy(b);
    }
    assert_true(ours < 0.3 * random);
}

/* Half of the cube fails, one way or another. */
static void suggest__failures_nearby__are_avoided(void **state)
{
    static const enum outcome outcomes[] = { OUTCOME_FAILED, OUTCOME_FAILED, OUTCOME_SUCCEEDED, OUTCOME_ABANDONED };
    double values[5], best = INFINITY;
    struct study *study = create_study(&reals, &suggest_cmaes, &(struct study_options){ .seed = 2 }, NULL);

    (void)state;
    for (int64_t number = 1; number <= 600; number++) {
        ask(study, number, values);
        double loss = sphere(values, 5), none = number % 2 ? NAN : -INFINITY;
        bool fails = values[0] > 0.31;
        best = fails ? best : fmin(best, loss);
        study_finish(study, number, NULL, fails ? outcomes[number % 4] : OUTCOME_SUCCEEDED, fails ? &none : &loss,
                     NULL);
    }
    assert_true(best < 1e-4);
    study_destroy(study);
}

/* Feasible only where a > 0.6 and b < -0.6: the violation leads there. */
static void suggest__constraints__feasible_first_then_best(void **state)
{
    const struct study_options options = { .seed = 3, .n_constraints = 2 };
    struct study *study = create_study(&reals, &suggest_cmaes, &options, NULL);
    double values[5], best = INFINITY;

    (void)state;
    for (int64_t number = 1; number <= 600; number++) {
        ask(study, number, values);
        const double violation[] = { 0.6 - values[0], values[1] + 0.6 };
        double loss = sphere(values, 5);
        if (violation[0] <= 0 && violation[1] <= 0)
            best = fmin(best, loss);
        study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &loss, violation);
    }
    assert_true(best < 1.25 * (0.3 * 0.3 + 0.9 * 0.9));
    study_destroy(study);
}

static void suggest__sixteen_workers__find_the_optimum_too(void **state)
{
    (void)state;
    assert_int_equal(n_solved(&reals, sphere, 0.01, 16, 600, NULL), SEEDS);
}

/* The point that comes after the same trials with another loss of one row. */
static void next_point_if(const struct history *history, const struct study_options *options, size_t row, double other,
                          double *values)
{
    struct study *study = create_study(&reals, &suggest_cmaes, options, NULL);

    for (size_t k = 0; k < history->n_finished; k++) {
        double loss = k == row ? other : history->loss[k];
        study_start(study, history->number[k], history_values(history, k), NAN, 0);
        study_finish(study, history->number[k], NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    ask(study, 1000, values);
    study_destroy(study);
}

/* The best or the worst loss in its place makes a difference, whichever trial of 16 workers it is. The last ones are not
   a generation yet. */
static void suggest__late_results__are_nearly_all_used(void **state)
{
    enum { TRIALS = 160, UNFINISHED = 7 };
    static const char *const none[] = { "restart_strategy", "none", NULL };
    const struct study_options options = { .seed = 6 };
    struct study *study = create_study(&reals, &suggest_cmaes, &options, none);
    double want[5], got[5];
    size_t n_used = 0, n_asked = TRIALS - UNFINISHED;

    (void)state;
    search(study, &reals, sphere, 16, TRIALS);
    const struct history *history = study_history(study);
    next_point_if(history, &options, SIZE_MAX, 0, want);
    for (size_t row = 0; row < n_asked; row++) {
        next_point_if(history, &options, row, -1, got);
        bool is_used = !is_same_point(want, got, 5);
        next_point_if(history, &options, row, 1e9, got);
        n_used += is_used || !is_same_point(want, got, 5);
    }
    assert_true((double)n_used >= 0.95 * (double)n_asked);
    study_destroy(study);
}

/* A study told everything at once after a crash, and one told as it came, with asks in between in another order. */
static void suggest__replayed_with_sixteen_running__goes_on_bit_by_bit(void **state)
{
    const struct space mixed = SPACE(mixed_parameters);
    const struct study_options options = { .seed = 7 };
    struct study *a = create_study(&mixed, &suggest_cmaes, &options, NULL),
                 *b = create_study(&mixed, &suggest_cmaes, &options, NULL);
    double want[COUNT(mixed_parameters)], got[COUNT(mixed_parameters)];

    (void)state;
    search(a, &mixed, conditional, 16, 400);
    const struct history *history = study_history(a);
    for (size_t k = 0; k < history->n_finished; k++)
        study_finish(b, history->number[k], history_values(history, k), OUTCOME_SUCCEEDED, &history->loss[k], NULL);
    for (int64_t number = 401; number <= 420; number++) {
        ask(a, number, want);
        ask(b, number, got);
        assert_true(is_same_point(want, got, mixed.n));
    }
    study_destroy(a);
    study_destroy(b);
}

/* A hundred imported trials near the optimum: the first own samples are near it. */
static void suggest__imported_trials__warm_start(void **state)
{
    struct study *study = create_study(&reals, &suggest_cmaes, &(struct study_options){ .seed = 8 }, NULL);
    struct rng rng = rng_stream(8, 0, "imported");
    double values[5], sum = 0;

    (void)state;
    for (int64_t k = 1; k <= 100; k++) {
        for (size_t i = 0; i < 5; i++)
            values[i] = 2 * rng_uniform(&rng) - 1;
        double loss = sphere(values, 5);
        study_finish(study, -k, values, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    for (int64_t number = 1; number <= 20; number++) {
        ask(study, number, values);
        sum += sphere(values, 5) / 20;
    }
    assert_true(sum < 5 * 0.2 * 0.2 * 2 + 0.5); /* about 0.9 would be a start from the centre, 2.1 random points */
    study_destroy(study);
}

/* A few enqueued points are told with the first generation; the best of them draws the mean. */
static void suggest__enqueued_points__are_told(void **state)
{
    const struct study_options options = { .seed = 4 };
    struct study *with = create_study(&reals, &suggest_cmaes, &options, NULL),
                 *without = create_study(&reals, &suggest_cmaes, &options, NULL);
    const double enqueued[] = { 0.3, 0.3, 0.3, 0.3, 0.31 };
    double a[5], b[5], loss = sphere(enqueued, 5);

    (void)state;
    study_start(with, 1, enqueued, NAN, 0);
    study_finish(with, 1, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    double near = 0, far = 0;
    for (int64_t number = 2; number <= 30; number++) {
        ask(with, number, a);
        ask(without, number, b);
        loss = sphere(a, 5);
        near += loss;
        study_finish(with, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
        loss = sphere(b, 5);
        far += loss;
        study_finish(without, number, NULL, OUTCOME_SUCCEEDED, &loss, NULL);
    }
    assert_true(near < far);
    study_destroy(with);
    study_destroy(without);
}

/* Ranges of 1e-300, one value only, two hundred parameters. */
static void suggest__degenerate_spaces__are_searched(void **state)
{
    static const struct parameter odd[] = {
        { .name = "tiny", .type = PARAMETER_DOUBLE, .min = 0, .max = 1e-300 },
        { .name = "one", .type = PARAMETER_DOUBLE, .min = 3, .max = 3 },
        { .name = "huge", .type = PARAMETER_DOUBLE, .min = -1e308, .max = 1e308 },
    };
    static struct parameter many[200];
    static double values[200];
    const struct space spaces[] = { SPACE(odd), SPACE(many) };

    (void)state;
    for (size_t i = 0; i < COUNT(many); i++)
        many[i] = (struct parameter)REAL("p");
    for (size_t k = 0; k < COUNT(spaces); k++) {
        struct study *study = create_study(&spaces[k], &suggest_cmaes, &(struct study_options){ .seed = 1 }, NULL);
        for (int64_t number = 1; number <= 200; number++) {
            ask(study, number, values);
            assert_in_space(&spaces[k], values);
            study_finish(study, number, NULL, OUTCOME_SUCCEEDED, &values[0], NULL);
        }
        study_destroy(study);
    }
}

static void check__several_objectives__are_refused_with_a_way_out(void **state)
{
    const struct suggest_problem problem = { .space = &reals, .n_objectives = 2 };
    struct arena arena = { 0 };

    (void)state;
    assert_contains(suggest_cmaes.check(&problem, NULL, &arena), "nsga2 and auto");
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(suggest__optimum_inside_and_in_a_corner__are_found),
        cmocka_unit_test(suggest__every_restart_strategy__finds_the_optimum),
        cmocka_unit_test(suggest__rastrigin__needs_restarts),
        cmocka_unit_test(suggest__integers_that_hardly_matter__come_to_the_optimum),
        cmocka_unit_test(suggest__choices_beside_numbers__are_learnt_together),
        cmocka_unit_test(suggest__conditions__beat_random),
        cmocka_unit_test(suggest__failures_nearby__are_avoided),
        cmocka_unit_test(suggest__constraints__feasible_first_then_best),
        cmocka_unit_test(suggest__sixteen_workers__find_the_optimum_too),
        cmocka_unit_test(suggest__late_results__are_nearly_all_used),
        cmocka_unit_test(suggest__replayed_with_sixteen_running__goes_on_bit_by_bit),
        cmocka_unit_test(suggest__imported_trials__warm_start),
        cmocka_unit_test(suggest__enqueued_points__are_told),
        cmocka_unit_test(suggest__degenerate_spaces__are_searched),
        cmocka_unit_test(check__several_objectives__are_refused_with_a_way_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
