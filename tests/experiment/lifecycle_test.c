/* What follows from which fact, one script a behaviour. Random lives: lifecycle_random_test.c. */
#include "experiment/lifecycle.h"

#include "base/status.h"
#include "base/text.h"
#include "tests/experiment/fixture.h"

enum { SECOND = 1000000 };

struct life {
    struct fixture fixture;
    struct experiment *experiment;
    int64_t now_us;
    struct text did;  /* actions of the last fact: "ask 1, store 1, start 1/1" */
    int64_t woken_us; /* at_us of the last ACTION_WAKE */
};

static struct life *life_create(void)
{
    struct life *life = calloc(1, sizeof *life);

    fixture_init(&life->fixture);
    life->now_us = 1000 * SECOND;
    return life;
}

static int setup(void **state)
{
    *state = life_create();
    return 0;
}

static int teardown(void **state)
{
    struct life *life = *state;

    experiment_destroy(life->experiment);
    text_release(&life->did);
    free(life);
    return 0;
}

static void note(struct life *life, const struct action *action)
{
    static const char *const verbs[] = {
        [ACTION_ASK] = "ask",   [ACTION_START] = "start",         [ACTION_STOP] = "stop",
        [ACTION_TELL] = "tell", [ACTION_STORE_TRIAL] = "store",   [ACTION_STORE_EXPERIMENT] = "save",
        [ACTION_WAKE] = "wake", [ACTION_DROP_DIRECTORY] = "drop", [ACTION_COMPLETED] = "completed",
    };

    text_printf(&life->did, "%s%s", life->did.length > 0 ? ", " : "", verbs[action->kind]);
    if (action->number > 0)
        text_printf(&life->did, " %lld", (long long)action->number);
    if (action->kind == ACTION_START)
        text_printf(&life->did, "/%lld", (long long)trial_attempt(action->trial)->number);
    if (action->kind == ACTION_WAKE)
        life->woken_us = action->at_us;
}

/* Tell a fact one second after the last. */
static const char *tell(struct life *life, struct fact fact)
{
    struct actions actions = { 0 };

    if (life->experiment == NULL)
        life->experiment = experiment_create(&life->fixture.spec, fixture_uid, life->now_us);
    fact.now_us = life->now_us += SECOND;
    text_clear(&life->did);
    lifecycle_step(life->experiment, &fact, &actions);
    for (size_t i = 0; i < actions.n; i++)
        note(life, &actions.items[i]);
    actions_release(&actions);
    return text_string(&life->did);
}

static const char *claim(struct life *life)
{
    return tell(life, (struct fact){ .kind = FACT_CLAIMED });
}

static const char *suggest(struct life *life, int64_t number)
{
    const double values[] = { 0.25, 3 };

    return tell(
        life,
        (struct fact){ .kind = FACT_SUGGESTED, .number = number, .values = values, .resource = NAN, .why = "why not" });
}

static const char *start(struct life *life, int64_t number, int64_t attempt)
{
    return tell(life, (struct fact){ .kind = FACT_STARTED, .number = number, .attempt = attempt });
}

static const char *end(struct life *life, int64_t number, int64_t attempt, enum attempt_end how, const char *message)
{
    return tell(life, (struct fact){ .kind = FACT_ENDED,
                                     .number = number,
                                     .attempt = attempt,
                                     .end = how,
                                     .message = message,
                                     .success = how == ATTEMPT_SUCCEEDED,
                                     .failure = how == ATTEMPT_FAILED || how == ATTEMPT_DEADLINE });
}

static void report(struct life *life, int64_t number, const char *loss)
{
    observation_add(&experiment_trial(life->experiment, number)->observation, 0, life->now_us, loss);
}

static const char *succeed(struct life *life, int64_t number, const char *loss)
{
    report(life, number, loss);
    return end(life, number, trial_attempt(experiment_trial(life->experiment, number))->number, ATTEMPT_SUCCEEDED,
               NULL);
}

static const char *at_wake(struct life *life)
{
    life->now_us = life->woken_us - SECOND;
    return tell(life, (struct fact){ .kind = FACT_TIME });
}

static void expect_trial(const struct life *life, int64_t number, enum trial_state wanted, const char *reason,
                         const char *message)
{
    const struct trial *trial = experiment_trial(life->experiment, number);

    assert_string_equal(trial_state_names[trial->state], trial_state_names[wanted]);
    assert_string_equal(trial_reason(trial), reason);
    assert_string_equal(trial_message(trial), message);
}

static void expect_condition(const struct life *life, const char *type, const char *reason)
{
    const struct condition *condition = experiment_condition(life->experiment);

    assert_string_equal(condition->type, type);
    assert_string_equal(condition->reason, reason);
    assert_true(condition->status);
    assert_int_equal(condition->changed_us, life->now_us);
}

/* One trial at a time, the first one running. */
static struct life *one_running(void **state)
{
    struct life *life = *state;

    life->fixture.spec.parallel_trial_count = 1;
    claim(life);
    suggest(life, 1);
    start(life, 1, 1);
    return life;
}

/* --- the plain way --- */

static void experiment__from_claim_to_last_trial__asks_starts_tells_and_completes(void **state)
{
    struct life *life = *state;

    life->fixture.spec.parallel_trial_count = 2;
    life->fixture.spec.max_trial_count = 3;
    assert_string_equal(claim(life), "save, ask 1, ask 2");
    assert_string_equal(experiment_condition(life->experiment)->type, "Created");
    assert_string_equal(suggest(life, 1), "store 1, save, start 1/1");
    expect_condition(life, "Running", "ExperimentRunning");
    assert_string_equal(suggest(life, 2), "store 2, start 2/1");
    expect_trial(life, 2, TRIAL_PENDING, "TrialCreated", "Trial is created");
    assert_string_equal(start(life, 1, 1), "store 1");
    expect_trial(life, 1, TRIAL_RUNNING, "TrialRunning", "Trial is running");
    assert_string_equal(succeed(life, 1, "0.5"), "store 1, tell 1, ask 3");
    expect_trial(life, 1, TRIAL_SUCCEEDED, "TrialSucceeded", "Trial has succeeded");
    assert_string_equal(suggest(life, 3), "store 3, start 3/1");
    assert_string_equal(succeed(life, 2, "0.4"), "store 2, tell 2");
    assert_string_equal(succeed(life, 3, "0.6"), "store 3, tell 3, save, completed");
    expect_condition(life, "Succeeded", "ExperimentMaxTrialsReached");
    assert_int_equal(life->experiment->best, 2);
    assert_int_equal(life->experiment->completed_us, life->now_us);
    assert_false(experiment_find_condition(life->experiment, "Running")->status);
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_TIME }), "");
}

static void experiment__facts_of_others__change_nothing(void **state)
{
    struct life *life = one_running(state);

    assert_string_equal(claim(life), "");
    assert_string_equal(start(life, 1, 1), "");
    assert_string_equal(start(life, 9, 1), "");
    assert_string_equal(end(life, 1, 2, ATTEMPT_FAILED, "x"), "");
    assert_string_equal(end(life, 1, 0, ATTEMPT_FAILED, "x"), "");
    assert_string_equal(end(life, 1, 1, ATTEMPT_RUNNING, "x"), "");
    assert_string_equal(suggest(life, 1), "");
    assert_string_equal(suggest(life, 2), ""); /* nobody asked */
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_EXHAUSTED, .number = 2 }), "");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_RESUME }), "");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 7 }), "");
    assert_string_equal(succeed(life, 1, "1"), "store 1, tell 1, ask 2");
    assert_string_equal(end(life, 1, 1, ATTEMPT_FAILED, "x"), "");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 1 }), "");
    assert_int_equal(experiment_trial(life->experiment, 1)->n_attempts, 1);
}

/* --- how a trial ends --- */

static void trial__failed__says_what_happened(void **state)
{
    struct life *life = one_running(state);

    tell(life, (struct fact){ .kind = FACT_ENDED,
                              .number = 1,
                              .attempt = 1,
                              .end = ATTEMPT_FAILED,
                              .failure = true,
                              .message = "exit code 3",
                              .tail = "KeyError: 'lr'",
                              .job_reason = "BackoffLimitExceeded",
                              .usage = { 1.5, 2.5, 77 } });
    expect_trial(life, 1, TRIAL_FAILED, "TrialFailed. Job reason: BackoffLimitExceeded",
                 "Trial has failed. Job message: exit code 3");
    assert_string_equal(trial_attempt(experiment_trial(life->experiment, 1))->tail, "KeyError: 'lr'");
    assert_string_equal(trial_attempt(experiment_trial(life->experiment, 1))->message, "exit code 3");
    assert_close(trial_attempt(experiment_trial(life->experiment, 1))->usage.cpu_s, 2.5, 0);
}

static void trial__both_conditions_hold__has_failed(void **state)
{
    struct life *life = one_running(state);

    report(life, 1, "0.5");
    tell(life, (struct fact){ .kind = FACT_ENDED,
                              .number = 1,
                              .attempt = 1,
                              .end = ATTEMPT_SUCCEEDED,
                              .success = true,
                              .failure = true });
    assert_int_equal(experiment_trial(life->experiment, 1)->state, TRIAL_FAILED);
    assert_int_equal(life->experiment->best, 0);
}

static void trial__failed_job_that_success_condition_takes__has_succeeded(void **state)
{
    struct life *life = one_running(state);

    report(life, 1, "0.5");
    tell(life, (struct fact){ .kind = FACT_ENDED,
                              .number = 1,
                              .attempt = 1,
                              .end = ATTEMPT_FAILED,
                              .success = true,
                              .job_reason = "Half",
                              .message = "exit code 1" });
    expect_trial(life, 1, TRIAL_SUCCEEDED, "TrialSucceeded. Job reason: Half",
                 "Trial has succeeded. Job message: exit code 1");
}

static void trial__neither_condition_holds__has_failed_and_says_so(void **state)
{
    struct life *life = one_running(state);

    tell(life, (struct fact){ .kind = FACT_ENDED, .number = 1, .attempt = 1, .end = ATTEMPT_SUCCEEDED });
    assert_int_equal(experiment_trial(life->experiment, 1)->state, TRIAL_FAILED);
    assert_contains(experiment_trial(life->experiment, 1)->message, "neither successCondition nor failureCondition");
}

static void trial__without_an_objective__is_unavailable_and_never_best(void **state)
{
    struct life *life = one_running(state);

    end(life, 1, 1, ATTEMPT_SUCCEEDED, NULL);
    expect_trial(life, 1, TRIAL_METRICS_UNAVAILABLE, "MetricsUnavailable",
                 "Metrics are not available: \"loss\" was never reported");
    suggest(life, 2);
    succeed(life, 2, "nan");
    expect_trial(life, 2, TRIAL_METRICS_UNAVAILABLE, "MetricsUnavailable",
                 "Metrics are not available: the last report of \"loss\" is \"nan\"");
    assert_int_equal(life->experiment->best, 0);
    assert_int_equal(experiment_counts(life->experiment).failed, 2);
    assert_int_equal(experiment_counts(life->experiment).completed, 2);
}

static void trial__past_its_deadline__has_failed(void **state)
{
    struct life *life = one_running(state);

    end(life, 1, 1, ATTEMPT_DEADLINE, NULL);
    expect_trial(life, 1, TRIAL_FAILED, "TrialFailed",
                 "Trial has failed. Job message: activeDeadlineSeconds has passed");
}

static void trial__killed_by_hand__keeps_the_message_and_counts_as_completed(void **state)
{
    struct life *life = one_running(state);

    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 1, .message = "too slow" }),
                        "store 1, stop 1");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 1, .message = "again" }), "");
    assert_int_equal(experiment_trial(life->experiment, 1)->state, TRIAL_RUNNING);
    assert_string_equal(end(life, 1, 1, ATTEMPT_STOPPED, "stopped"), "store 1, tell 1, ask 2");
    expect_trial(life, 1, TRIAL_KILLED, "TrialStopped", "too slow");
    assert_int_equal(experiment_counts(life->experiment).completed, 1);
}

static void trial__ends_by_itself_while_being_stopped__keeps_its_own_end(void **state)
{
    struct life *life = one_running(state);

    tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 1 });
    succeed(life, 1, "0.5");
    expect_trial(life, 1, TRIAL_SUCCEEDED, "TrialSucceeded", "Trial has succeeded");
    assert_int_equal(life->experiment->best, 1);
}

static const char *const hopeless = "Trial is early stopped: worse than the median";

static const struct fact give_up = {
    .kind = FACT_STOP_EARLY, .number = 1, .attempt = 1, .message = "worse than the median"
};

static void trial__stopped_early__keeps_its_observation_and_says_why(void **state)
{
    struct life *life = one_running(state);

    report(life, 1, "0.5");
    assert_string_equal(tell(life, give_up), "store 1, stop 1");
    assert_string_equal(tell(life, give_up), "");
    assert_int_equal(experiment_trial(life->experiment, 1)->state, TRIAL_RUNNING);
    assert_string_equal(end(life, 1, 1, ATTEMPT_STOPPED, "stopped"), "store 1, tell 1, ask 2");
    expect_trial(life, 1, TRIAL_EARLY_STOPPED, "TrialEarlyStopped", hopeless);
    assert_int_equal(experiment_counts(life->experiment).completed, 1);
    assert_int_equal(experiment_counts(life->experiment).failed, 0);
    assert_int_equal(life->experiment->best, 1);
}

static void trial__agent_lost_while_it_is_stopped_early__is_not_repeated(void **state)
{
    struct life *life = one_running(state);

    tell(life, give_up);
    assert_string_equal(end(life, 1, 1, ATTEMPT_LOST, "its agent vanished"), "store 1, tell 1, ask 2");
    expect_trial(life, 1, TRIAL_EARLY_STOPPED, "TrialEarlyStopped", hopeless);
}

static void trial__succeeds_while_it_is_stopped_early__has_succeeded(void **state)
{
    struct life *life = one_running(state);

    tell(life, give_up);
    succeed(life, 1, "0.5");
    expect_trial(life, 1, TRIAL_SUCCEEDED, "TrialSucceeded", "Trial has succeeded");
}

static void trial__killed_while_it_is_stopped_early__keeps_the_first_reason(void **state)
{
    struct life *life = one_running(state);

    tell(life, give_up);
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 1, .message = "too slow" }), "");
    end(life, 1, 1, ATTEMPT_STOPPED, "stopped");
    expect_trial(life, 1, TRIAL_EARLY_STOPPED, "TrialEarlyStopped", hopeless);
}

static void verdict__of_another_attempt_or_one_that_ends_anyway__changes_nothing(void **state)
{
    struct life *life = one_running(state);

    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_EARLY, .number = 1, .attempt = 2 }), "");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP_EARLY, .number = 9, .attempt = 1 }), "");
    tell(life, (struct fact){ .kind = FACT_RELEASED });
    assert_string_equal(tell(life, give_up), "");
    end(life, 1, 1, ATTEMPT_STOPPED, "stopped");
    assert_int_equal(experiment_trial(life->experiment, 1)->state, TRIAL_PENDING);
}

/* --- further attempts --- */

static void retries__after_a_failure__come_after_the_back_off_and_then_end(void **state)
{
    struct life *life = *state;
    const struct trial *trial;

    life->fixture.spec.hone.retries = 1;
    life->fixture.spec.hone.backoff_s = 30;
    one_running(state);
    trial = experiment_trial(life->experiment, 1);
    report(life, 1, "0.1");
    assert_string_equal(end(life, 1, 1, ATTEMPT_FAILED, "exit code 3"), "store 1, wake");
    expect_trial(life, 1, TRIAL_PENDING, "TrialCreated", "Attempt 1 has failed: exit code 3; retry 1 of 1 follows");
    assert_int_equal(life->woken_us, life->now_us + 30 * SECOND);
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_TIME }), "wake");
    assert_string_equal(at_wake(life), "store 1, start 1/2");
    assert_string_equal(trial_message(trial), "Trial is created");
    assert_int_equal(trial->observation.metrics[0].n_reports, 0); /* the objective comes from the last attempt */
    end(life, 1, 1, ATTEMPT_SUCCEEDED, NULL);                     /* the first attempt is over */
    assert_int_equal(trial->state, TRIAL_PENDING);
    assert_string_equal(end(life, 1, 2, ATTEMPT_FAILED, "signal 9 (Killed)"), "store 1, tell 1, ask 2");
    expect_trial(life, 1, TRIAL_FAILED, "TrialFailed", "Trial has failed. Job message: signal 9 (Killed)");
    assert_int_equal(trial->n_attempts, 2);
    assert_string_equal(trial->attempts[0].message, "exit code 3");
}

static void retries__without_back_off__begin_in_a_step_of_their_own(void **state)
{
    struct life *life = *state;

    life->fixture.spec.hone.retries = 1;
    one_running(state);
    assert_string_equal(end(life, 1, 1, ATTEMPT_FAILED, "x"), "store 1, wake");
    assert_int_equal(life->woken_us, life->now_us + 1);
    assert_string_equal(at_wake(life), "store 1, start 1/2");
}

static void lost_attempts__are_repeated_and_do_not_count_until_five_in_a_row(void **state)
{
    struct life *life = one_running(state);

    for (int64_t attempt = 1; attempt <= 4; attempt++) {
        assert_string_equal(end(life, 1, attempt, ATTEMPT_LOST, NULL), "store 1, wake");
        assert_int_equal(experiment_trial(life->experiment, 1)->state, TRIAL_PENDING);
        at_wake(life);
    }
    end(life, 1, 5, ATTEMPT_LOST, NULL);
    expect_trial(life, 1, TRIAL_FAILED, "TrialFailed",
                 "Trial has failed. Job message: 5 attempts in a row were lost with their agents");
}

static void a_stop_that_nobody_asked_for__is_a_loss(void **state)
{
    struct life *life = one_running(state);

    assert_string_equal(end(life, 1, 1, ATTEMPT_STOPPED, "signal 15 (Terminated)"), "store 1, wake");
    assert_int_equal(trial_attempt(experiment_trial(life->experiment, 1))->end, ATTEMPT_LOST);
    assert_string_equal(at_wake(life), "store 1, start 1/2");
}

/* --- how an experiment ends --- */

static void goal__reached__stops_what_runs_and_then_completes(void **state)
{
    struct life *life = *state;

    life->fixture.spec.objective.has_goal = true;
    life->fixture.spec.objective.goal = 0.1;
    claim(life);
    suggest(life, 1);
    suggest(life, 2);
    start(life, 2, 1);
    assert_string_equal(succeed(life, 1, "0.1"), "store 1, tell 1, save, store 2, stop 2");
    expect_condition(life, "Succeeded", "ExperimentGoalReached");
    assert_string_equal(suggest(life, 3), ""); /* too late */
    assert_string_equal(end(life, 2, 1, ATTEMPT_STOPPED, NULL), "store 2, tell 2, completed");
    expect_trial(life, 2, TRIAL_KILLED, "TrialStopped",
                 "Trial is stopped: Experiment has succeeded because Objective goal has reached");
}

static void goal__of_a_maximised_objective__is_reached_from_below(void **state)
{
    struct life *life = *state;

    life->fixture.spec.objective.type = OBJECTIVE_MAXIMIZE;
    life->fixture.metrics[0].strategy = STRATEGY_MAX;
    life->fixture.spec.objective.has_goal = true;
    life->fixture.spec.objective.goal = 0.9;
    one_running(state);
    succeed(life, 1, "0.89");
    assert_string_equal(experiment_condition(life->experiment)->type, "Running");
    suggest(life, 2);
    succeed(life, 2, "0.9");
    expect_condition(life, "Succeeded", "ExperimentGoalReached");
}

static void max_failed__zero_one_and_two__fail_at_the_first_first_and_second(void **state)
{
    (void)state;
    for (int64_t max_failed = 0; max_failed <= 2; max_failed++) {
        void *fresh = life_create();
        struct life *life = fresh;

        life->fixture.spec.max_failed_trial_count = max_failed;
        one_running(&fresh);
        end(life, 1, 1, ATTEMPT_SUCCEEDED, NULL); /* unavailable metrics count */
        if (max_failed == 2) {
            assert_string_equal(experiment_condition(life->experiment)->type, "Running");
            suggest(life, 2);
            end(life, 2, 1, ATTEMPT_FAILED, "x");
        }
        expect_condition(life, "Failed", "ExperimentFailed");
        teardown(&fresh);
    }
}

static void goal__reached_by_the_last_trial__comes_before_max_trials(void **state)
{
    struct life *life = *state;

    life->fixture.spec.max_trial_count = 1;
    life->fixture.spec.objective.has_goal = true;
    life->fixture.spec.objective.goal = 1;
    one_running(state);
    succeed(life, 1, "0.5");
    expect_condition(life, "Succeeded", "ExperimentGoalReached");
}

static void exhausted_space__lets_running_trials_end_and_succeeds(void **state)
{
    struct life *life = *state;

    claim(life);
    suggest(life, 1);
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_EXHAUSTED, .number = 2 }), "save");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_EXHAUSTED, .number = 3 }), "");
    assert_string_equal(succeed(life, 1, "0.5"), "store 1, tell 1, save, completed");
    expect_condition(life, "Succeeded", "ExperimentSuggestionEndReached");
}

static void failed_suggestion__fails_the_experiment(void **state)
{
    struct life *life = one_running(state);

    succeed(life, 1, "0.5");
    assert_string_equal(
        tell(life, (struct fact){ .kind = FACT_SUGGEST_FAILED, .number = 2, .message = "not positive definite" }),
        "save, completed");
    expect_condition(life, "Failed", "ExperimentFailed");
    assert_string_equal(experiment_condition(life->experiment)->message,
                        "Suggestion has failed: not positive definite");
}

static void timeout__counts_only_time_in_which_it_is_conducted(void **state)
{
    struct life *life = *state;

    life->fixture.spec.hone.timeout_s = 100;
    one_running(state);
    assert_int_equal(life->woken_us, life->now_us + 58 * SECOND); /* claimed two seconds ago; a minute at most */
    tell(life, (struct fact){ .kind = FACT_RELEASED });
    assert_close(life->experiment->spent_s, 3, 1e-9);
    end(life, 1, 1, ATTEMPT_STOPPED, NULL);
    life->now_us += 1000 * (int64_t)SECOND;
    claim(life);
    start(life, 1, 2);
    tell(life, (struct fact){ .kind = FACT_STOP });
    assert_close(life->experiment->spent_s, 5, 1e-9);
    life->now_us += 1000 * (int64_t)SECOND;
    tell(life, (struct fact){ .kind = FACT_RESUME });
    at_wake(life);
    assert_close(life->experiment->spent_s, 65, 1e-9);
    at_wake(life);
    expect_condition(life, "Succeeded", "ExperimentTimeoutReached");
}

/* --- stop, resume, release, claim --- */

static void stop__kills_its_trials_and_resume_goes_on(void **state)
{
    struct life *life = *state;

    life->fixture.spec.parallel_trial_count = 2;
    claim(life);
    suggest(life, 1);
    start(life, 1, 1);
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP }), "save, store 1, stop 1");
    expect_condition(life, "Stopped", "ExperimentStopped");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_STOP }), "");
    assert_string_equal(suggest(life, 2), "store 2, tell 2"); /* was on its way: killed before it began */
    assert_string_equal(end(life, 1, 1, ATTEMPT_STOPPED, NULL), "store 1, tell 1, completed");
    expect_trial(life, 1, TRIAL_KILLED, "TrialStopped", "Trial is stopped: Experiment is stopped");
    expect_trial(life, 2, TRIAL_KILLED, "TrialStopped", "Trial is stopped: Experiment is stopped");
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_RESUME }), "save, ask 3, ask 4");
    expect_condition(life, "Running", "ExperimentRunning");
    assert_false(experiment_find_condition(life->experiment, "Stopped")->status);
}

static void release__stops_to_repeat_and_counts_nothing_as_failed(void **state)
{
    struct life *life = one_running(state);
    const struct trial *trial = experiment_trial(life->experiment, 1);

    assert_string_equal(tell(life, (struct fact){ .kind = FACT_RELEASED }), "save, store 1, stop 1");
    assert_true(trial->repeat_after_stop);
    assert_string_equal(end(life, 1, 1, ATTEMPT_STOPPED, "stopped"), "store 1");
    expect_trial(life, 1, TRIAL_PENDING, "TrialCreated", "Trial is created");
    assert_int_equal(experiment_counts(life->experiment).completed, 0);
    assert_string_equal(claim(life), "save, store 1, start 1/2");
    assert_string_equal(experiment_condition(life->experiment)->type, "Running");
    start(life, 1, 2);
    assert_string_equal(tell(life, (struct fact){ .kind = FACT_RELEASED }), "save, store 1, stop 1");
}

static void release__while_a_suggestion_is_on_its_way__keeps_it_for_later(void **state)
{
    struct life *life = one_running(state);

    succeed(life, 1, "0.5");
    tell(life, (struct fact){ .kind = FACT_RELEASED });
    assert_string_equal(suggest(life, 2), "store 2");
    assert_string_equal(claim(life), "save, store 2, start 2/1");
}

static void claim__after_a_crash__starts_what_was_not_started_and_stops_what_was_being_stopped(void **state)
{
    struct life *life = *state;

    claim(life);
    suggest(life, 1);
    suggest(life, 2);
    suggest(life, 3);
    start(life, 2, 1);
    start(life, 3, 1);
    tell(life, (struct fact){ .kind = FACT_STOP_TRIAL, .number = 3, .message = "by hand" });
    life->experiment->claimed_us = 0; /* what no row holds */
    for (size_t i = 0; i < 3; i++)
        life->experiment->trials[i]->is_stopping = false;
    assert_string_equal(claim(life), "save, start 1/1, store 3, stop 3");
    end(life, 3, 1, ATTEMPT_STOPPED, NULL);
    expect_trial(life, 3, TRIAL_KILLED, "TrialStopped", "by hand");
}

/* --- edits --- */

static int check(struct life *life, int64_t parallel, int64_t max, int64_t max_failed)
{
    return lifecycle_check_edit(life->experiment, parallel, max, max_failed);
}

static const char *edit(struct life *life, int64_t parallel, int64_t max, int64_t max_failed)
{
    return tell(life, (struct fact){ .kind = FACT_EDITED,
                                     .parallel_trial_count = parallel,
                                     .max_trial_count = max,
                                     .max_failed_trial_count = max_failed });
}

static void edit__of_a_running_experiment__follows_katibs_rules(void **state)
{
    struct life *life = *state;

    claim(life);
    assert_int_equal(check(life, 3, 10, -1), 0);
    assert_int_equal(check(life, 3, 4, 2), 0);
    assert_int_equal(check(life, 3, 0, -1), 0);
    assert_int_equal(check(life, 0, 10, -1), ERR_INVALID);
    assert_contains(fail_message(), "spec.parallelTrialCount: must be greater than 0");
    assert_int_equal(check(life, 3, -1, -1), ERR_INVALID);
    assert_int_equal(check(life, 3, 10, -2), ERR_INVALID);
    assert_int_equal(check(life, 3, 10, 11), ERR_INVALID);
    assert_int_equal(check(life, 11, 10, -1), ERR_INVALID);
    assert_contains(fail_message(), "should be less than or equal to spec.maxTrialCount");
    assert_int_equal(check(life, 3, 3, -1), ERR_INVALID); /* three are being asked for */
    assert_contains(fail_message(), "must be greater than status.trials count (3), got 3: give 4 or more");
}

static void edit__more_and_fewer_in_parallel__asks_at_once_and_lets_the_surplus_end(void **state)
{
    struct life *life = *state;

    claim(life);
    suggest(life, 1);
    assert_string_equal(edit(life, 5, 10, -1), "save, ask 4, ask 5");
    suggest(life, 2);
    assert_string_equal(edit(life, 1, 10, -1), "save");
    assert_string_equal(suggest(life, 3), "store 3"); /* asked for already: waits for room */
    suggest(life, 4);
    suggest(life, 5);
    assert_string_equal(succeed(life, 1, "1"), "store 1, tell 1");
    assert_string_equal(succeed(life, 2, "1"), "store 2, tell 2, store 3, start 3/1");
}

static void edit__of_a_finished_experiment__needs_max_trials_reached_and_a_resume_policy(void **state)
{
    (void)state;
    for (int policy = RESUME_NEVER; policy <= RESUME_FROM_VOLUME; policy++) {
        void *fresh = life_create();
        struct life *life = fresh;

        life->fixture.spec.resume_policy = (enum resume_policy)policy;
        life->fixture.spec.max_trial_count = 1;
        one_running(&fresh);
        succeed(life, 1, "1");
        assert_int_equal(check(life, 1, 1, -1), 0); /* no change is no edit */
        if (policy == RESUME_NEVER) {
            assert_int_equal(check(life, 1, 2, -1), ERR_CONFLICT);
            assert_contains(fail_message(),
                            "Experiment can be restarted if it is in succeeded state by reaching max trials");
            assert_string_equal(edit(life, 1, 2, -1), "");
        } else {
            assert_int_equal(check(life, 1, 1, 1), ERR_INVALID);
            assert_int_equal(check(life, 1, 2, -1), 0);
            assert_string_equal(edit(life, 1, 2, -1), "save, ask 2");
            expect_condition(life, "Restarting", "ExperimentRestarting");
            assert_null(experiment_find_condition(life->experiment, "Succeeded"));
            assert_int_equal(life->experiment->completed_us, 0);
            suggest(life, 2);
            expect_condition(life, "Running", "ExperimentRunning");
            assert_string_equal(succeed(life, 2, "2"), "store 2, tell 2, save, completed");
        }
        teardown(&fresh);
    }
}

static void edit__of_a_failed_experiment__is_refused_whatever_the_policy(void **state)
{
    struct life *life = *state;

    life->fixture.spec.resume_policy = RESUME_LONG_RUNNING;
    life->fixture.spec.max_failed_trial_count = 1;
    one_running(state);
    end(life, 1, 1, ATTEMPT_FAILED, "x");
    assert_int_equal(check(life, 1, 20, -1), ERR_CONFLICT);
}

/* --- directories --- */

static void keep__each_policy__drops_what_it_says(void **state)
{
    static const struct {
        enum keep keep;
        const char *worse_first, *better, *worse, *failed;
    } cases[] = {
        { KEEP_ALL, "store 1, tell 1, ask 2", "store 2, tell 2, ask 3", "store 3, tell 3, ask 4",
          "store 4, tell 4, ask 5" },
        { KEEP_BEST, "store 1, tell 1, ask 2", "store 2, tell 2, drop 1, ask 3", "store 3, tell 3, drop 3, ask 4",
          "store 4, tell 4, drop 4, ask 5" },
        { KEEP_FAILED, "store 1, tell 1, drop 1, ask 2", "store 2, tell 2, drop 2, ask 3",
          "store 3, tell 3, drop 3, ask 4", "store 4, tell 4, ask 5" },
        { KEEP_NONE, "store 1, tell 1, drop 1, ask 2", "store 2, tell 2, drop 2, ask 3",
          "store 3, tell 3, drop 3, ask 4", "store 4, tell 4, drop 4, ask 5" },
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        void *fresh = life_create();
        struct life *life = fresh;

        life->fixture.spec.hone.keep = cases[c].keep;
        one_running(&fresh);
        assert_string_equal(succeed(life, 1, "2"), cases[c].worse_first);
        suggest(life, 2);
        assert_string_equal(succeed(life, 2, "1"), cases[c].better);
        suggest(life, 3);
        assert_string_equal(succeed(life, 3, "3"), cases[c].worse);
        suggest(life, 4);
        assert_string_equal(end(life, 4, 1, ATTEMPT_FAILED, "x"), cases[c].failed);
        teardown(&fresh);
    }
}

/* Any trial may become a parent, and its child begins with a copy of its checkpoint. */
static void keep__trials_that_go_on_from_others__drop_nothing_before_the_end(void **state)
{
    static const struct setting rungs[] = { { .name = "resource_name", .type = SETTING_TEXT }, { 0 } };
    static const struct {
        enum resume_policy policy;
        const char *last;
    } cases[] = {
        { RESUME_NEVER, "store 2, tell 2, save, drop 1, drop 2, completed" },
        { RESUME_LONG_RUNNING, "store 2, tell 2, save, completed" },
    };

    (void)state;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        void *fresh = life_create();
        struct life *life = fresh;

        life->fixture.method.settings = rungs;
        life->fixture.spec.hone.keep = KEEP_NONE;
        life->fixture.spec.resume_policy = cases[c].policy;
        life->fixture.spec.max_trial_count = 2;
        one_running(&fresh);
        life->experiment->max_trial_count = 2;
        assert_string_equal(succeed(life, 1, "2"), "store 1, tell 1, ask 2");
        suggest(life, 2);
        assert_string_equal(succeed(life, 2, "1"), cases[c].last);
        teardown(&fresh);
    }
}

static void experiment__little_left_to_gain__succeeds_with_its_own_reason(void **state)
{
    struct life *life = *state;
    const struct condition *condition;

    one_running(state);
    tell(life, (struct fact){ .kind = FACT_STALLED, .message = "9 trials in vain" });
    condition = experiment_condition(life->experiment);
    assert_string_equal(condition->type, "Succeeded");
    assert_string_equal(condition->reason, "ExperimentNoProgress");
    assert_string_equal(condition->message,
                        "Experiment has succeeded because there is little left to gain: 9 trials in vain");
    tell(life, (struct fact){ .kind = FACT_STALLED, .message = "again" });
    assert_ptr_equal(experiment_condition(life->experiment), condition);
}

#define LIFE_TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int main(void)
{
    static const struct CMUnitTest tests[] = {
        LIFE_TEST(experiment__from_claim_to_last_trial__asks_starts_tells_and_completes),
        LIFE_TEST(experiment__facts_of_others__change_nothing),
        LIFE_TEST(trial__failed__says_what_happened),
        LIFE_TEST(trial__both_conditions_hold__has_failed),
        LIFE_TEST(trial__failed_job_that_success_condition_takes__has_succeeded),
        LIFE_TEST(trial__neither_condition_holds__has_failed_and_says_so),
        LIFE_TEST(trial__without_an_objective__is_unavailable_and_never_best),
        LIFE_TEST(trial__past_its_deadline__has_failed),
        LIFE_TEST(trial__killed_by_hand__keeps_the_message_and_counts_as_completed),
        LIFE_TEST(trial__ends_by_itself_while_being_stopped__keeps_its_own_end),
        LIFE_TEST(trial__stopped_early__keeps_its_observation_and_says_why),
        LIFE_TEST(trial__agent_lost_while_it_is_stopped_early__is_not_repeated),
        LIFE_TEST(trial__succeeds_while_it_is_stopped_early__has_succeeded),
        LIFE_TEST(trial__killed_while_it_is_stopped_early__keeps_the_first_reason),
        LIFE_TEST(verdict__of_another_attempt_or_one_that_ends_anyway__changes_nothing),
        LIFE_TEST(retries__after_a_failure__come_after_the_back_off_and_then_end),
        LIFE_TEST(retries__without_back_off__begin_in_a_step_of_their_own),
        LIFE_TEST(lost_attempts__are_repeated_and_do_not_count_until_five_in_a_row),
        LIFE_TEST(a_stop_that_nobody_asked_for__is_a_loss),
        LIFE_TEST(goal__reached__stops_what_runs_and_then_completes),
        LIFE_TEST(goal__of_a_maximised_objective__is_reached_from_below),
        cmocka_unit_test(max_failed__zero_one_and_two__fail_at_the_first_first_and_second),
        LIFE_TEST(goal__reached_by_the_last_trial__comes_before_max_trials),
        LIFE_TEST(exhausted_space__lets_running_trials_end_and_succeeds),
        LIFE_TEST(failed_suggestion__fails_the_experiment),
        LIFE_TEST(timeout__counts_only_time_in_which_it_is_conducted),
        LIFE_TEST(stop__kills_its_trials_and_resume_goes_on),
        LIFE_TEST(release__stops_to_repeat_and_counts_nothing_as_failed),
        LIFE_TEST(release__while_a_suggestion_is_on_its_way__keeps_it_for_later),
        LIFE_TEST(claim__after_a_crash__starts_what_was_not_started_and_stops_what_was_being_stopped),
        LIFE_TEST(edit__of_a_running_experiment__follows_katibs_rules),
        LIFE_TEST(edit__more_and_fewer_in_parallel__asks_at_once_and_lets_the_surplus_end),
        cmocka_unit_test(edit__of_a_finished_experiment__needs_max_trials_reached_and_a_resume_policy),
        LIFE_TEST(edit__of_a_failed_experiment__is_refused_whatever_the_policy),
        LIFE_TEST(experiment__little_left_to_gain__succeeds_with_its_own_reason),
        cmocka_unit_test(keep__each_policy__drops_what_it_says),
        cmocka_unit_test(keep__trials_that_go_on_from_others__drop_nothing_before_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
