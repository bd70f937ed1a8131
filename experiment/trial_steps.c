/*
 * How attempts begin and end, and what becomes of their trial: katib.md 5.2 and 1.5.
 */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "experiment/completion.h"
#include "experiment/step.h"

enum { LOST_LIMIT = 5 }; /* attempts lost in a row: then it is not the weather, and the trial has failed */

/* Takes both texts; NULL: the state's own. */
static void set_words(struct trial *trial, char *reason, char *message)
{
    free(trial->reason);
    free(trial->message);
    trial->reason = reason;
    trial->message = message;
}

/* --- directories --- */

static void drop_directory(struct step *step, struct trial *trial)
{
    if (trial != NULL && trial->n_attempts > 0)
        step_act(step, ACTION_DROP_DIRECTORY, trial);
}

static bool stays(const struct experiment *experiment, const struct trial *trial)
{
    switch (experiment->spec->hone.keep) {
    case KEEP_ALL:
        return true;
    case KEEP_BEST:
        return experiment->best == trial->number;
    case KEEP_FAILED:
        return trial->state == TRIAL_FAILED || trial->state == TRIAL_METRICS_UNAVAILABLE;
    case KEEP_NONE:
        break;
    }
    return false;
}

/* May a later trial go on from one that has finished? */
static bool has_lineages(const struct experiment *experiment)
{
    return spec_checkpoint_path(experiment->spec) != NULL;
}

/* What spec.hone.keep says when a trial has finished. */
static void drop_directories(struct step *step, struct trial *trial, struct trial *former_best)
{
    const struct experiment *experiment = step->experiment;

    if (has_lineages(experiment))
        return;
    if (!stays(experiment, trial))
        drop_directory(step, trial);
    else if (experiment->spec->hone.keep == KEEP_BEST)
        drop_directory(step, former_best);
}

void trial_drop_what_was_kept_for_others(struct step *step)
{
    const struct experiment *experiment = step->experiment;

    if (!has_lineages(experiment) || !experiment_is_finished(experiment) || completion_can_restart(experiment))
        return;
    for (size_t i = 0; i < experiment->n_trials; i++)
        if (!stays(experiment, experiment->trials[i]))
            drop_directory(step, experiment->trials[i]);
}

/* --- the trial --- */

void trial_finish(struct step *step, struct trial *trial, enum trial_state state)
{
    struct experiment *experiment = step->experiment;
    struct trial *former_best = experiment_trial(experiment, experiment->best);

    trial->state = state;
    trial->ended_us = step->fact->now_us;
    trial->finish_order = ++experiment->n_finished;
    trial->retry_at_us = 0;
    trial->repeat_after_stop = false;
    experiment_consider(experiment, trial);
    step_store_trial(step, trial);
    step_act(step, ACTION_TELL, trial);
    drop_directories(step, trial, former_best);
}

/* What a trial becomes when the stop that is under way has been done. */
static enum trial_state state_of_stop(const struct trial *trial)
{
    return text_equal(trial->reason, trial_state_reason(TRIAL_EARLY_STOPPED)) ? TRIAL_EARLY_STOPPED : TRIAL_KILLED;
}

static void ask_to_stop(struct step *step, struct trial *trial)
{
    step_store_trial(step, trial);
    trial->is_stopping = true;
    step_act(step, ACTION_STOP, trial);
}

void trial_stop(struct step *step, struct trial *trial, const char *message)
{
    bool is_news = trial->reason == NULL || trial->repeat_after_stop;

    if (trial->reason == NULL)
        set_words(trial, xstrdup("TrialStopped"), xstrdup(message));
    trial->repeat_after_stop = false;
    if (!trial_is_begun(trial))
        trial_finish(step, trial, state_of_stop(trial));
    else if (!trial->is_stopping)
        ask_to_stop(step, trial);
    else if (is_news)
        step_store_trial(step, trial);
}

void trial_stop_to_repeat(struct step *step, struct trial *trial)
{
    trial->repeat_after_stop = true;
    if (!trial->is_stopping)
        ask_to_stop(step, trial);
}

/* Another attempt after that time. Never in the step in which the last one ended, so that each is the last one when it is stored. */
static void repeat(struct step *step, struct trial *trial, double delay_s)
{
    int64_t delay_us = (int64_t)fmin(delay_s * 1e6, 1e15);

    trial->state = TRIAL_PENDING;
    trial->retry_at_us = step->fact->now_us + (delay_us > 1 ? delay_us : 1);
    trial->repeat_after_stop = false;
    step_store_trial(step, trial);
}

/* --- attempts --- */

void trial_begin(struct step *step, struct trial *trial)
{
    if (trial->n_attempts > 0) {
        observation_release(&trial->observation);
        observation_init(&trial->observation, step->experiment->spec->objective.n_metrics);
    }
    trial_add_attempt(trial);
    trial->retry_at_us = 0;
    set_words(trial, NULL, NULL);
    step_store_trial(step, trial);
    step_act(step, ACTION_START, trial);
}

/* The attempt that the fact is about, if it is a trial's last one and has not ended. */
static struct attempt *attempt_of(const struct step *step, struct trial **trial)
{
    struct attempt *attempt;

    *trial = experiment_trial(step->experiment, step->fact->number);
    attempt = *trial != NULL ? trial_attempt(*trial) : NULL;
    if (attempt == NULL || attempt->number != step->fact->attempt || attempt->end != ATTEMPT_RUNNING)
        return NULL;
    return attempt;
}

void trial_started(struct step *step)
{
    struct trial *trial;
    struct attempt *attempt = attempt_of(step, &trial);

    if (attempt == NULL || attempt->started_us != 0)
        return;
    attempt->started_us = step->fact->now_us;
    if (trial->started_us == 0)
        trial->started_us = step->fact->now_us;
    trial->state = TRIAL_RUNNING;
    step_store_trial(step, trial);
}

/* What it had reported counts again. */
void trial_back(struct step *step)
{
    struct trial *trial = experiment_trial(step->experiment, step->fact->number);
    struct attempt *attempt = trial != NULL ? trial_attempt(trial) : NULL;

    if (attempt == NULL || attempt->number != step->fact->attempt || attempt->end != ATTEMPT_LOST ||
        trial->state != TRIAL_PENDING)
        return;
    attempt->end = ATTEMPT_RUNNING;
    attempt->ended_us = 0;
    free(attempt->message);
    attempt->message = NULL;
    trial->retry_at_us = 0;
    trial->state = TRIAL_RUNNING;
    set_words(trial, NULL, NULL);
    step_store_trial(step, trial);
}

/* Its observations stay, and count as Katib counts them. */
void trial_stop_early(struct step *step)
{
    const char *why = step->fact->message;
    struct trial *trial;

    if (attempt_of(step, &trial) == NULL || trial->reason != NULL || trial->repeat_after_stop)
        return;
    set_words(trial, xstrdup(trial_state_reason(TRIAL_EARLY_STOPPED)),
              xasprintf("Trial is early stopped: %s", why != NULL ? why : "it is hopeless"));
    ask_to_stop(step, trial);
}

/* Attempts that ran to an end of their own. */
static int64_t count_failures(const struct trial *trial)
{
    int64_t n = 0;

    for (size_t i = 0; i < trial->n_attempts; i++) {
        enum attempt_end end = trial->attempts[i].end;

        n += end == ATTEMPT_SUCCEEDED || end == ATTEMPT_FAILED || end == ATTEMPT_DEADLINE;
    }
    return n;
}

static int count_lost_in_a_row(const struct trial *trial)
{
    int n = 0;

    while (n < (int)trial->n_attempts && trial->attempts[trial->n_attempts - 1 - n].end == ATTEMPT_LOST)
        n++;
    return n;
}

/* "TrialFailed. Job reason: BackoffLimitExceeded", as in Katib; NULL without one. */
static char *job_reason(const struct step *step, const char *reason)
{
    return step->fact->job_reason != NULL ? xasprintf("%s. Job reason: %s", reason, step->fact->job_reason) : NULL;
}

/* The job failed with this message. Its other attempts, if spec.hone.retries leaves any, come first. */
static void failed(struct step *step, struct trial *trial, const char *message)
{
    const struct hone_options *options = &step->experiment->spec->hone;
    int64_t n_failures = count_failures(trial);

    if (trial->reason == NULL && n_failures <= options->retries) {
        set_words(trial, NULL,
                  xasprintf("Attempt %zu has failed: %s; retry %lld of %lld follows", trial->n_attempts, message,
                            (long long)n_failures, (long long)options->retries));
        repeat(step, trial, options->backoff_s);
        return;
    }
    set_words(trial, job_reason(step, "TrialFailed"), xasprintf("Trial has failed. Job message: %s", message));
    trial_finish(step, trial, TRIAL_FAILED);
}

static void succeeded(struct step *step, struct trial *trial)
{
    const struct metric_summary *metric = &trial->observation.metrics[0];
    const char *name = step->experiment->spec->objective.metrics[0].name;
    double number;

    if (trial_objective(step->experiment, trial, &number) != NULL) {
        char *reason = job_reason(step, "TrialSucceeded");

        set_words(trial, reason,
                  reason != NULL && step->fact->message != NULL
                      ? xasprintf("Trial has succeeded. Job message: %s", step->fact->message)
                      : NULL);
        trial_finish(step, trial, TRIAL_SUCCEEDED);
        return;
    }
    set_words(trial, job_reason(step, "MetricsUnavailable"),
              metric->n_reports == 0
                  ? xasprintf("Metrics are not available: \"%s\" was never reported", name)
                  : xasprintf("Metrics are not available: the last report of \"%s\" is \"%s\"", name, metric->latest));
    trial_finish(step, trial, TRIAL_METRICS_UNAVAILABLE);
}

/* The failure condition is looked at before the success condition, as in Katib. */
static void judge(struct step *step, struct trial *trial)
{
    const struct fact *fact = step->fact;

    if (fact->success && !fact->failure)
        succeeded(step, trial);
    else if (fact->end == ATTEMPT_SUCCEEDED && !fact->failure)
        failed(step, trial,
               "the job has ended, but neither successCondition nor failureCondition of the trialTemplate holds");
    else if (fact->message != NULL)
        failed(step, trial, fact->message);
    else if (fact->end == ATTEMPT_DEADLINE)
        failed(step, trial, "activeDeadlineSeconds has passed");
    else
        failed(step, trial, "no reason was given");
}

static void lost(struct step *step, struct trial *trial)
{
    int n_lost = count_lost_in_a_row(trial);

    if (trial->reason != NULL) {
        trial_finish(step, trial, state_of_stop(trial));
    } else if (n_lost >= LOST_LIMIT) {
        set_words(trial, NULL,
                  xasprintf("Trial has failed. Job message: %d attempts in a row were lost with their agents", n_lost));
        trial_finish(step, trial, TRIAL_FAILED);
    } else {
        set_words(trial, NULL,
                  xasprintf("Attempt %zu was lost with its agent; another one follows", trial->n_attempts));
        repeat(step, trial, 0);
    }
}

static void stopped(struct step *step, struct trial *trial)
{
    if (trial->repeat_after_stop)
        repeat(step, trial, 0);
    else
        trial_finish(step, trial, state_of_stop(trial));
}

void trial_ended(struct step *step)
{
    const struct fact *fact = step->fact;
    struct trial *trial;
    struct attempt *attempt = attempt_of(step, &trial);
    bool was_wished;

    if (attempt == NULL || fact->end == ATTEMPT_RUNNING)
        return;
    was_wished = trial->reason != NULL || trial->repeat_after_stop;
    attempt->end = fact->end == ATTEMPT_STOPPED && !was_wished ? ATTEMPT_LOST : fact->end;
    attempt->ended_us = fact->now_us;
    attempt->usage = fact->usage;
    attempt->message = fact->message != NULL ? xstrdup(fact->message) : NULL;
    attempt->tail = fact->tail != NULL ? xstrdup(fact->tail) : NULL;
    trial->is_stopping = false;
    if (attempt->end == ATTEMPT_STOPPED)
        stopped(step, trial);
    else if (attempt->end == ATTEMPT_LOST)
        lost(step, trial);
    else
        judge(step, trial);
}
