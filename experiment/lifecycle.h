/*
 * The life of an experiment as a pure state machine: facts in, actions out. No clock, no disk, no process.
 *
 * Whoever conducts an experiment (service/conductor) tells what happened, carries out what is asked, and stores what has
 * changed. Rules and reasons are Katib's (katib.md 5) with its defects fixed: running trials stop when the experiment completes,
 * an unavailable objective never becomes best, no more than maxTrialCount trials are begun.
 */
#ifndef HONE_EXPERIMENT_LIFECYCLE_H
#define HONE_EXPERIMENT_LIFECYCLE_H

#include "experiment/experiment.h"

enum fact_kind {
    FACT_CLAIMED,  /* somebody conducts it from now on (first run, after a crash, after a release) */
    FACT_RELEASED, /* nobody does any more: no new trials; begun ones are stopped and repeated at the next claim */
    FACT_SUGGESTED, /* number, values, resource, parent, why, labels: what ACTION_ASK asked for; in the order of asking */
    FACT_EXHAUSTED,      /* number: the space has no point left */
    FACT_SUGGEST_FAILED, /* number, message */
    FACT_STALLED,        /* message: stopAfterNoProgress says that there is little left to gain */
    FACT_STARTED,        /* number, attempt: the agent runs its roles */
    FACT_ENDED, /* number, attempt, end, message, tail, usage, job_reason; the observation has been added already */
    FACT_STOP_TRIAL, /* number, message: a person kills one trial */
    FACT_STOP_EARLY, /* number, attempt, message: the early-stopping rule gives it up, and why */
    FACT_STOP,       /* a person stops the experiment (condition Stopped) */
    FACT_RESUME,     /* undoes it */
    FACT_EDITED,     /* parallel, max, max_failed: new budget, checked by lifecycle_check_edit */
    FACT_TIME,       /* time has passed: timeouts, back-off */
    FACT_WANTED,     /* number: so many more clients wait for a trial of theirs; below 0: they have gone again */
    FACT_ADDED, /* trial: a client gives one with its values, Pending or finished; only while nothing is being asked for */
    FACT_BACK, /* number, attempt: whoever held it is there again after it was lost, before another attempt began */
};

struct fact {
    enum fact_kind kind;
    int64_t now_us;
    int64_t number, attempt;
    struct trial *trial; /* FACT_ADDED: taken, numbered by the step */
    const double *values;
    double resource;
    int64_t parent;
    const char *why;
    size_t n_labels;
    const struct name_value *labels;
    enum attempt_end end;
    bool success,
        failure; /* FACT_ENDED with ATTEMPT_SUCCEEDED or ATTEMPT_FAILED: what successCondition and failureCondition say */
    const char *message, *tail, *job_reason;
    struct usage usage;
    int64_t parallel_trial_count, max_trial_count, max_failed_trial_count;
};

enum action_kind {
    ACTION_ASK,   /* number: ask the study for this trial */
    ACTION_START, /* trial: begin its last attempt. After a crash it may have begun already: starting is safe to repeat */
    ACTION_STOP, /* trial: end its last attempt, or if it is not started yet, answer with FACT_ENDED (ATTEMPT_STOPPED) */
    ACTION_TELL,        /* trial: it has finished; tell the study */
    ACTION_STORE_TRIAL, /* trial (and its last attempt) has changed; no step ends one attempt and begins the next */
    ACTION_STORE_EXPERIMENT, /* conditions, times, budgets or exhaustion have changed */
    ACTION_WAKE,             /* at_us: send FACT_TIME then; takes the place of one that was asked for later */
    ACTION_DROP_DIRECTORY, /* trial: spec.hone.keep says that its directory may go, and no trial can go on from it any more */
    ACTION_COMPLETED, /* the experiment is Succeeded, Failed or Stopped and none of its trials is alive */
};

struct action {
    enum action_kind kind;
    int64_t number;      /* of the trial */
    struct trial *trial; /* NULL for ASK, STORE_EXPERIMENT, WAKE, COMPLETED */
    int64_t at_us;
};

struct actions {
    size_t n, capacity;
    struct action *items;
};
void actions_release(struct actions *actions);

/* Move the experiment by one fact and append what follows to out, in the order in which it must be done. Facts about attempts
   other than a trial's last one, or about finished trials, are ignored. */
void lifecycle_step(struct experiment *experiment, const struct fact *fact, struct actions *out);

/* May the budget be edited so (Katib's rules: 1.1 and 5.4 of katib.md)? ERR_INVALID or ERR_CONFLICT with Katib's text and what to do. */
int lifecycle_check_edit(const struct experiment *experiment, int64_t parallel, int64_t max, int64_t max_failed);

#endif
