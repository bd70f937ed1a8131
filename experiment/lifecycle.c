/*
 * One step of an experiment's life: take the fact in, then see what follows from the state as it is now.
 *
 * What follows never depends on how the state came to be, so an experiment rebuilt from the database goes on like the one that was
 * lost: everything that matters later (a stop under way, a repetition, a back-off) stands in fields that are stored.
 */
#include "experiment/lifecycle.h"

#include <stdlib.h>
#include <string.h>

#include "experiment/completion.h"
#include "experiment/step.h"

/* What a crash may forget of the running time that timeoutSeconds counts. */
static const int64_t account_every_us = 60 * INT64_C(1000000);

/* --- actions --- */

struct action *step_act(struct step *step, enum action_kind kind, struct trial *trial)
{
    struct actions *out = step->out;
    struct action *action;

    out->items = grow(out->items, out->n, &out->capacity, sizeof *out->items);
    action = &out->items[out->n++];
    *action = (struct action){ .kind = kind, .trial = trial, .number = trial != NULL ? trial->number : 0 };
    return action;
}

/* Rows are written as they are when the step is over, so storing twice is storing once. */
static void store(struct step *step, enum action_kind kind, struct trial *trial)
{
    for (size_t i = step->first; i < step->out->n; i++)
        if (step->out->items[i].kind == kind && step->out->items[i].trial == trial)
            return;
    step_act(step, kind, trial);
}

void step_store_trial(struct step *step, struct trial *trial)
{
    store(step, ACTION_STORE_TRIAL, trial);
}

static void store_experiment(struct step *step)
{
    store(step, ACTION_STORE_EXPERIMENT, NULL);
}

void actions_release(struct actions *actions)
{
    free(actions->items);
    *actions = (struct actions){ 0 };
}

/* --- conditions --- */

static void set_condition(struct step *step, const char *type, bool status, const char *reason, const char *message)
{
    experiment_set_condition(step->experiment, type, status, reason, message, step->fact->now_us);
    store_experiment(step);
}

/* A condition that holds no longer stays in the list, as in Katib. */
static void end_condition(struct step *step, const char *type)
{
    const struct condition *condition = experiment_find_condition(step->experiment, type);

    if (condition != NULL && condition->status)
        set_condition(step, type, false, condition->reason, condition->message);
}

static void mark_running(struct step *step)
{
    if (strcmp(experiment_condition(step->experiment)->type, "Running") == 0)
        return;
    end_condition(step, "Stopped");
    end_condition(step, "Restarting");
    set_condition(step, "Running", true, "ExperimentRunning", "Experiment is running");
}

static void finish_experiment(struct step *step, const char *type, const char *reason, const char *message)
{
    end_condition(step, "Running");
    set_condition(step, type, true, reason, message);
    step->experiment->completed_us = step->fact->now_us;
}

static bool is_open(const struct experiment *experiment)
{
    return !experiment_is_finished(experiment) && !experiment_is_stopped(experiment);
}

/* --- facts --- */

static void claimed(struct step *step)
{
    struct experiment *experiment = step->experiment;

    if (experiment->claimed_us != 0)
        return;
    experiment->claimed_us = step->fact->now_us;
    experiment->is_done_told = false;
    if (experiment->started_us == 0)
        experiment->started_us = step->fact->now_us;
    store_experiment(step);
    for (size_t i = experiment->n_settled; i < experiment->n_trials; i++) {
        struct trial *trial = experiment->trials[i];

        if (trial->state == TRIAL_PENDING && trial_is_begun(trial) && !trial->is_stopping && trial->reason == NULL)
            step_act(step, ACTION_START, trial);
    }
}

static void released(struct step *step)
{
    struct experiment *experiment = step->experiment;

    if (experiment->claimed_us == 0)
        return;
    experiment->claimed_us = 0;
    experiment->wake_us = 0;
    store_experiment(step);
    for (size_t i = experiment->n_settled; i < experiment->n_trials; i++) {
        struct trial *trial = experiment->trials[i];

        if (!experiment->spec->by_clients && !trial_is_finished(trial) && trial_is_begun(trial) &&
            trial->reason == NULL)
            trial_stop_to_repeat(step, trial);
    }
}

/* Is the answer to the oldest question that is open? Late ones, after an end, are none. */
static bool is_awaited(const struct step *step)
{
    const struct experiment *experiment = step->experiment;

    return step->fact->number == (int64_t)experiment->n_trials + 1 && step->fact->number <= experiment->n_asked;
}

static void suggested(struct step *step)
{
    struct experiment *experiment = step->experiment;
    const struct fact *fact = step->fact;
    struct trial *trial;

    if (!is_awaited(step))
        return;
    if (experiment_is_finished(experiment)) {
        experiment->n_asked = (int64_t)experiment->n_trials;
        return;
    }
    trial = trial_create(experiment, fact->number);
    if (experiment->spec->space.n > 0)
        memcpy(trial->values, fact->values, experiment->spec->space.n * sizeof *trial->values);
    trial->resource = fact->resource;
    trial->parent = fact->parent;
    trial->why = fact->why != NULL ? xstrdup(fact->why) : NULL;
    for (size_t i = 0; i < fact->n_labels; i++)
        trial_add_label(trial, fact->labels[i].name, fact->labels[i].value);
    trial->created_us = fact->now_us;
    experiment_add_trial(experiment, trial);
    step_store_trial(step, trial);
}

static void exhausted(struct step *step)
{
    struct experiment *experiment = step->experiment;

    if (!is_awaited(step))
        return;
    experiment->n_asked = (int64_t)experiment->n_trials;
    if (experiment_is_finished(experiment))
        return;
    experiment->is_exhausted = true;
    store_experiment(step);
}

static void suggest_failed(struct step *step)
{
    struct experiment *experiment = step->experiment;
    const char *why = step->fact->message;
    char *message;

    if (!is_awaited(step))
        return;
    experiment->n_asked = (int64_t)experiment->n_trials;
    if (!is_open(experiment))
        return;
    message = xasprintf("Suggestion has failed: %s", why != NULL ? why : "no reason was given");
    finish_experiment(step, "Failed", "ExperimentFailed", message);
    free(message);
}

static void stalled(struct step *step)
{
    char *message;

    if (!is_open(step->experiment))
        return;
    message = xasprintf("Experiment has succeeded because there is little left to gain: %s",
                        step->fact->message != NULL ? step->fact->message : "no progress");
    finish_experiment(step, "Succeeded", "ExperimentNoProgress", message);
    free(message);
}

static void stop_one(struct step *step)
{
    struct trial *trial = experiment_trial(step->experiment, step->fact->number);

    if (trial != NULL && !trial_is_finished(trial))
        trial_stop(step, trial, step->fact->message != NULL ? step->fact->message : "Trial is stopped by hand");
}

static void stop_all(struct step *step)
{
    if (!is_open(step->experiment))
        return;
    end_condition(step, "Running");
    set_condition(step, "Stopped", true, "ExperimentStopped", "Experiment is stopped");
}

static void resume(struct step *step)
{
    if (!experiment_is_stopped(step->experiment))
        return;
    step->experiment->is_done_told = false;
    mark_running(step);
}

/* When parallelTrialCount is lowered, Katib deletes the newest trials, even finished ones; here the surplus runs to its end, and no
   further trial begins before there is room. */
static void edited(struct step *step)
{
    struct experiment *experiment = step->experiment;
    const struct fact *fact = step->fact;

    if (lifecycle_check_edit(experiment, fact->parallel_trial_count, fact->max_trial_count,
                             fact->max_failed_trial_count) < 0)
        return;
    if (experiment_is_finished(experiment) && completion_can_restart(experiment) &&
        (fact->max_trial_count == 0 || fact->max_trial_count > experiment->n_asked)) {
        experiment_remove_condition(experiment, "Succeeded");
        set_condition(step, "Restarting", true, "ExperimentRestarting", "Experiment is restarted");
        experiment->completed_us = 0;
        experiment->is_done_told = false;
    }
    experiment->parallel_trial_count = fact->parallel_trial_count;
    experiment->max_trial_count = fact->max_trial_count;
    experiment->max_failed_trial_count = fact->max_failed_trial_count;
    store_experiment(step);
}

static void time_passed(struct step *step)
{
    step->experiment->wake_us = 0;
    if (step->experiment->spec->hone.timeout_s > 0 && step->experiment->claimed_us != 0 && is_open(step->experiment))
        store_experiment(step);
}

static void added(struct step *step)
{
    struct experiment *experiment = step->experiment;
    struct trial *trial = step->fact->trial;

    trial_set_number(experiment, trial, ++experiment->n_asked);
    experiment_add_trial(experiment, trial);
    if (trial_is_finished(trial))
        trial_finish(step, trial, trial->state);
    else
        step_store_trial(step, trial);
}

static void wanted(struct step *step)
{
    step->experiment->n_wanted += step->fact->number;
}

static void (*const takers[])(struct step *step) = {
    [FACT_CLAIMED] = claimed,
    [FACT_RELEASED] = released,
    [FACT_SUGGESTED] = suggested,
    [FACT_EXHAUSTED] = exhausted,
    [FACT_SUGGEST_FAILED] = suggest_failed,
    [FACT_STALLED] = stalled,
    [FACT_STARTED] = trial_started,
    [FACT_ENDED] = trial_ended,
    [FACT_STOP_TRIAL] = stop_one,
    [FACT_STOP_EARLY] = trial_stop_early,
    [FACT_STOP] = stop_all,
    [FACT_RESUME] = resume,
    [FACT_EDITED] = edited,
    [FACT_TIME] = time_passed,
    [FACT_WANTED] = wanted,
    [FACT_BACK] = trial_back,
    [FACT_ADDED] = added,
};

/* --- what follows --- */

/* Running time counts while somebody conducts the experiment and it is open. A clock that was set back takes nothing away. */
static void account(struct experiment *experiment, int64_t now_us)
{
    if (experiment->claimed_us == 0)
        return;
    if (is_open(experiment) && now_us > experiment->claimed_us)
        experiment->spent_s += (double)(now_us - experiment->claimed_us) / 1e6;
    experiment->claimed_us = now_us;
}

/* Finished trials never change again: the first ones are counted once. */
static void settle(struct experiment *experiment)
{
    while (experiment->n_settled < experiment->n_trials && trial_is_finished(experiment->trials[experiment->n_settled]))
        trial_counts_add(&experiment->settled, experiment, experiment->trials[experiment->n_settled++]);
}

/* Alive trials of an experiment that is over are stopped; stops that a crash has interrupted are asked for again. */
static void stop_what_must_end(struct step *step)
{
    struct experiment *experiment = step->experiment;
    bool all = !is_open(experiment);
    char *message = all ? xasprintf("Trial is stopped: %s", experiment_condition(experiment)->message) : NULL;

    for (size_t i = experiment->n_settled; i < experiment->n_trials; i++) {
        struct trial *trial = experiment->trials[i];

        if (!trial_is_finished(trial) && (all || trial->reason != NULL))
            trial_stop(step, trial, message);
    }
    free(message);
}

/* Trials that may be alive at the same time: of clients, what they hold and what they wait for. */
static int64_t places_for(const struct experiment *experiment, int64_t n_begun)
{
    int64_t wanted = n_begun + experiment->n_wanted;

    if (!experiment->spec->by_clients)
        return experiment->parallel_trial_count;
    return experiment->parallel_trial_count > 0 && experiment->parallel_trial_count < wanted
               ? experiment->parallel_trial_count
               : wanted;
}

/* A trial that must wait before it is repeated keeps no client waiting. */
static int64_t count_delayed(const struct step *step)
{
    const struct experiment *experiment = step->experiment;
    int64_t n = 0;

    for (size_t i = experiment->n_settled; i < experiment->n_trials && experiment->spec->by_clients; i++)
        n += experiment->trials[i]->retry_at_us > step->fact->now_us;
    return n;
}

/* Returns for how many trials there is room, with those that have begun. */
static int64_t begin_what_waits(struct step *step)
{
    struct experiment *experiment = step->experiment;
    int64_t n_begun = 0, places;

    for (size_t i = experiment->n_settled; i < experiment->n_trials; i++)
        n_begun += trial_is_begun(experiment->trials[i]);
    places = places_for(experiment, n_begun);
    for (size_t i = experiment->n_settled; i < experiment->n_trials && n_begun < places; i++) {
        struct trial *trial = experiment->trials[i];

        if (trial->state != TRIAL_PENDING || trial_is_begun(trial) || trial->retry_at_us > step->fact->now_us)
            continue;
        mark_running(step);
        trial_begin(step, trial);
        n_begun++;
        experiment->n_wanted -= experiment->spec->by_clients;
    }
    return places;
}

/* Trials that are waiting or being asked for fill places already, so that no more than maxTrialCount are ever begun. */
static void ask_for_more(struct step *step, int64_t places)
{
    struct experiment *experiment = step->experiment;
    struct trial_counts counts = experiment_counts(experiment);

    if (experiment->is_exhausted || experiment->is_held)
        return;
    places += count_delayed(step);
    if (experiment->max_trial_count > 0 && experiment->max_trial_count - counts.completed < places)
        places = experiment->max_trial_count - counts.completed;
    for (int64_t taken = experiment->n_asked - counts.completed; taken < places; taken++)
        step_act(step, ACTION_ASK, NULL)->number = ++experiment->n_asked;
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a == 0 || b < a ? b : a;
}

static void ask_to_be_woken(struct step *step)
{
    struct experiment *experiment = step->experiment;
    int64_t now_us = step->fact->now_us, next_us = 0;
    double left_s = experiment->spec->hone.timeout_s - experiment->spent_s;

    for (size_t i = experiment->n_settled; i < experiment->n_trials; i++) {
        const struct trial *trial = experiment->trials[i];

        if (trial->state == TRIAL_PENDING && trial->retry_at_us > now_us)
            next_us = earlier(next_us, trial->retry_at_us);
    }
    if (experiment->spec->hone.timeout_s > 0)
        next_us = earlier(next_us, left_s * 1e6 < (double)account_every_us ? now_us + (int64_t)(left_s * 1e6) + 1
                                                                           : now_us + account_every_us);
    if (next_us == 0 || (experiment->wake_us > now_us && experiment->wake_us <= next_us))
        return;
    experiment->wake_us = next_us;
    step_act(step, ACTION_WAKE, NULL)->at_us = next_us;
}

static void follow(struct step *step)
{
    struct experiment *experiment = step->experiment;
    const struct completion *completion = is_open(experiment) ? completion_judge(experiment) : NULL;

    if (completion != NULL)
        finish_experiment(step, completion->type, completion->reason, completion->message);
    stop_what_must_end(step);
    if (is_open(experiment) && experiment->claimed_us != 0) {
        ask_for_more(step, begin_what_waits(step));
        ask_to_be_woken(step);
    }
    settle(experiment);
    if (!is_open(experiment) && experiment->n_settled == experiment->n_trials && !experiment->is_done_told) {
        experiment->is_done_told = true;
        trial_drop_what_was_kept_for_others(step);
        step_act(step, ACTION_COMPLETED, NULL);
    }
}

void lifecycle_step(struct experiment *experiment, const struct fact *fact, struct actions *out)
{
    struct step step = { experiment, fact, out, out->n };

    account(experiment, fact->now_us);
    takers[fact->kind](&step);
    settle(experiment);
    follow(&step);
}
