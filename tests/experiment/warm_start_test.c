/*
 * Past trials in a new space: taken, or ignored with a reason that is counted.
 */
#include "experiment/warm_start.h"

#include "experiment/csv.h"
#include "tests/experiment/reading.h"

#define NEW_HEAD                                                                                                 \
    HEAD OBJECTIVE ALGORITHM                                                                                     \
        "  parameters:\n"                                                                                        \
        "    - {name: lr, parameterType: double, feasibleSpace: {min: 0.01, max: 0.1}}\n"                        \
        "    - {name: optimizer, parameterType: categorical, feasibleSpace: {list: [sgd, adam]}}\n"              \
        "    - {name: momentum, parameterType: double, feasibleSpace: {min: 0.5, max: 0.99}, condition: "        \
        "{parameter: optimizer, in: [sgd]}}\n"                                                                   \
        "    - {name: width, parameterType: int, feasibleSpace: {min: 8, max: 64, step: 8}}\n"                   \
        "    - {name: epochs, parameterType: int, feasibleSpace: {min: 5, max: 5}}\n"                            \
        "  trialTemplate:\n"                                                                                     \
        "    primaryContainerName: main\n"                                                                       \
        "    trialParameters: [{name: a, reference: lr}, {name: b, reference: optimizer}, {name: c, reference: " \
        "momentum}, {name: d, reference: width}, {name: e, reference: epochs}]\n" JOB_HEAD                       \
        "                args: [\"${trialParameters.a}\", \"${trialParameters.b}\", \"${trialParameters.c}\", "  \
        "\"${trialParameters.d}\", \"${trialParameters.e}\"]\n"
#define NEW_HONE                                                                                     \
    "  hone:\n"                                                                                      \
    "    objectives: [{metricName: loss, type: minimize}, {metricName: accuracy, type: maximize}]\n" \
    "    constraints: [{metricName: size, max: 100}]\n"

enum { RATE, OPTIMIZER, MOMENTUM, WIDTH, EPOCHS, N };

static void assert_told(const struct warm_count *count, const char *want)
{
    struct text out = { 0 };

    warm_count_print(count, "old.csv", &out);
    assert_string_equal(text_string(&out), want);
    text_release(&out);
}

static const char table[] = "TRIAL,STATE,loss,accuracy,size,lr,optimizer,momentum,width,seed\r\n"
                            "a,Succeeded,0.5,0.9,120,0.02,sgd,0.9,16,1\n"
                            "b,EarlyStopped,0.7,0.8,,0.03,adam,,8,1\n"
                            "c,Failed,,,,0.03,adam,,8,1\n"
                            "d,Succeeded,0.1,0.9,1,0.2,adam,,8,1\n"
                            "e,Succeeded,0.1,0.9,1,0.001,adam,,8,1\n"
                            "f,Succeeded,0.1,0.9,1,0.02,\"li\"\"on, x\",,8,1\n"
                            "g,Succeeded,0.1,0.9,1,0.02,adam,,9,1\n"
                            "h,Succeeded,0.1,nan,1,0.02,adam,,8,1\n"
                            "i,Succeeded,0.1,0.9,1,0.02,sgd,,8,1\n";

static void warm_start_add_csv__every_row__is_taken_or_counted_with_its_reason(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, NEW_HEAD NEW_HONE);
    struct warm_start warm = { 0 };
    struct warm_count count = { 0 };
    struct warm_row row;

    (void)state;
    assert_int_equal(warm_start_add_csv(&warm, spec, table, strlen(table), &count), 0);
    assert_told(&count, "warm start: 2 of 9 trials of old.csv used; 7 ignored: 1 that did not succeed, 2 lr out of "
                        "[0.01, 0.1], 1 optimizer not one of its values, 1 width off its steps, 1 without accuracy, 1 "
                        "without momentum");
    assert_int_equal(warm.n, 2);
    row = warm_start_row(&warm, spec, 0);
    assert_int_equal(row.outcome, OUTCOME_SUCCEEDED);
    assert_close(row.values[RATE], 0.02, 0);
    assert_close(row.values[MOMENTUM], 0.9, 0);
    assert_close(row.values[WIDTH], 16, 0);
    assert_close(row.values[EPOCHS], 5, 0);
    assert_close(row.losses[0], 0.5, 0);
    assert_close(row.losses[1], -0.9, 0);
    assert_close(row.violations[0], 20, 0);
    assert_true(isnan(row.resource));
    row = warm_start_row(&warm, spec, 1);
    assert_int_equal(row.outcome, OUTCOME_EARLY_STOPPED);
    assert_close(row.values[OPTIMIZER], 1, 0);
    assert_true(isnan(row.values[MOMENTUM]));
    assert_true(isnan(row.violations[0]));
    warm_count_release(&count);
    warm_start_release(&warm);
    reading_release(&reading);
}

static void warm_start_pack__and_unpack__gives_the_same_rows(void **state)
{
    struct reading reading;
    const struct spec *spec = reading_spec(&reading, NEW_HEAD NEW_HONE);
    struct warm_start warm = { 0 }, again = { 0 };
    struct warm_count count = { 0 };
    struct text packed = { 0 };

    (void)state;
    warm_start_add_csv(&warm, spec, table, strlen(table), &count);
    warm_start_pack(&warm, &packed);
    assert_int_equal(warm_start_unpack(&again, spec, packed.data, packed.length), 0);
    assert_int_equal(again.n, warm.n);
    for (size_t i = 0; i < warm.n * warm.width; i++)
        assert_true(again.numbers[i] == warm.numbers[i] || (isnan(again.numbers[i]) && isnan(warm.numbers[i])));
    assert_int_equal(warm_start_unpack(&again, spec, packed.data, packed.length - 3), ERR_CORRUPT);
    packed.length = 0;
    text_add(&packed, "\x82\xa5width\x03\xa7numbers\x91\x01");
    assert_int_equal(warm_start_unpack(&again, spec, packed.data, packed.length), ERR_CORRUPT);
    text_release(&packed);
    warm_count_release(&count);
    warm_start_release(&warm);
    warm_start_release(&again);
    reading_release(&reading);
}

static void report(struct trial *trial, size_t metric, const char *first, const char *second)
{
    observation_add(&trial->observation, metric, 1, first);
    observation_add(&trial->observation, metric, 2, second);
}

static struct trial *add_old(struct experiment *old, enum trial_state state, double rate, int64_t finish_order)
{
    struct trial *trial = trial_create(old, (int64_t)old->n_trials + 1);

    trial->state = state;
    trial->values[0] = rate;
    trial->finish_order = finish_order;
    trial->resource = 3;
    experiment_add_trial(old, trial);
    return trial;
}

static void warm_start_add_experiment__by_name__judges_metrics_by_the_new_strategies(void **state)
{
    static const uint8_t uid[16] = { 1 };
    struct reading old_reading, reading;
    const struct spec *old_spec = reading_spec(
        &old_reading, HEAD "  objective: {type: maximize, objectiveMetricName: accuracy, "
                           "additionalMetricNames: [loss]}\n" ALGORITHM PARAMETERS TEMPLATE_HEAD JOB_HEAD COMMAND);
    const struct spec *spec = reading_spec(&reading,
                                           HEAD OBJECTIVE ALGORITHM PARAMETERS TEMPLATE_HEAD JOB_HEAD COMMAND);
    struct experiment *old = experiment_create(old_spec, uid, 1);
    struct warm_start warm = { 0 };
    struct warm_count count = { 0 };

    (void)state;
    report(add_old(old, TRIAL_SUCCEEDED, 0.02, 2), 1, "0.3", "0.4"); /* its strategy there is latest, here min */
    report(add_old(old, TRIAL_SUCCEEDED, 0.04, 1), 1, "0.6", "0.5");
    report(add_old(old, TRIAL_KILLED, 0.03, 3), 1, "0.1", "0.1");
    add_old(old, TRIAL_RUNNING, 0.03, 0);
    add_old(old, TRIAL_SUCCEEDED, 0.03, 4);
    warm_start_add_experiment(&warm, spec, old, &count);
    assert_told(&count, "warm start: 2 of 4 trials of old.csv used; 2 ignored: 1 that did not succeed, 1 without loss");
    assert_close(warm_start_row(&warm, spec, 0).losses[0], 0.5, 0);
    assert_close(warm_start_row(&warm, spec, 1).losses[0], 0.3, 0);
    assert_close(warm_start_row(&warm, spec, 1).values[0], 0.02, 0);
    assert_true(isnan(warm_start_row(&warm, spec, 0).resource)); /* random knows no resources */
    warm_count_release(&count);
    warm_start_release(&warm);
    experiment_destroy(old);
    reading_release(&reading);
    reading_release(&old_reading);
}

static void csv_read__quotes_and_both_line_ends__are_undone(void **state)
{
    static const char text[] = "a,\"b\"\r\n\"x, \"\"y\"\"\n\",\nlast,2";
    static const char *const want[] = { "a", "b", "x, \"y\"\n", "", "last", "2" };
    struct arena arena = { 0 };
    struct csv csv;

    (void)state;
    assert_int_equal(csv_read(text, strlen(text), &arena, &csv), 0);
    assert_int_equal(csv.n_rows, 3);
    assert_int_equal(csv.n_columns, 2);
    for (size_t i = 0; i < 6; i++)
        assert_string_equal(csv.cells[i], want[i]);
    arena_release(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(warm_start_add_csv__every_row__is_taken_or_counted_with_its_reason),
        cmocka_unit_test(warm_start_pack__and_unpack__gives_the_same_rows),
        cmocka_unit_test(warm_start_add_experiment__by_name__judges_metrics_by_the_new_strategies),
        cmocka_unit_test(csv_read__quotes_and_both_line_ends__are_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
