/*
 * The trial's part of a lifecycle step: its attempts begin and end, and in the end it does. Of this room only.
 */
#ifndef HONE_EXPERIMENT_STEP_H
#define HONE_EXPERIMENT_STEP_H

#include "experiment/lifecycle.h"

struct step {
    struct experiment *experiment;
    const struct fact *fact;
    struct actions *out;
    size_t first; /* of this step's actions in out */
};

/* lifecycle.c */
struct action *step_act(struct step *step, enum action_kind kind, struct trial *trial);
void step_store_trial(struct step *step, struct trial *trial);

/* FACT_STARTED, FACT_ENDED, FACT_BACK, FACT_STOP_EARLY */
void trial_started(struct step *step);
void trial_ended(struct step *step);
void trial_back(struct step *step);
void trial_stop_early(struct step *step);

/* The trial is over, as of now. */
void trial_finish(struct step *step, struct trial *trial, enum trial_state state);
/* The next attempt of a trial that is pending. */
void trial_begin(struct step *step, struct trial *trial);
/* End a trial that is alive, now or when its attempt has ended: Killed, reason TrialStopped. The first message stays. */
void trial_stop(struct step *step, struct trial *trial, const char *message);
/* The experiment is over: directories that stayed because another trial might have gone on from them go as keep says. */
void trial_drop_what_was_kept_for_others(struct step *step);
/* End its attempt; another one follows when the experiment is conducted again. */
void trial_stop_to_repeat(struct step *step, struct trial *trial);

#endif
