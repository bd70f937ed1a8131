/*
 * A live experiment: its spec, its conditions, its trials. The state that lifecycle.h moves and that the service keeps, stores and
 * shows.
 */
#ifndef HONE_EXPERIMENT_EXPERIMENT_H
#define HONE_EXPERIMENT_EXPERIMENT_H

#include "experiment/observation.h"
#include "experiment/spec.h"

enum trial_state {
    TRIAL_PENDING,
    TRIAL_RUNNING,
    TRIAL_SUCCEEDED,
    TRIAL_FAILED,
    TRIAL_KILLED,
    TRIAL_EARLY_STOPPED,
    TRIAL_METRICS_UNAVAILABLE,
    N_TRIAL_STATES
};
extern const char
    *const trial_state_names[]; /* Pending, Running, ..., MetricsUnavailable: Katib's condition types; ended by NULL */

/* How one attempt ended; the names are on the wire and in the database. */
enum attempt_end {
    ATTEMPT_RUNNING,   /* it has not */
    ATTEMPT_SUCCEEDED, /* the job's own rules say so */
    ATTEMPT_FAILED,    /* exit code, signal, could not start, out of memory */
    ATTEMPT_DEADLINE,  /* activeDeadlineSeconds passed */
    ATTEMPT_STOPPED,   /* we asked for it (a stop that nobody here asked for becomes lost) */
    ATTEMPT_LOST,      /* its agent vanished: does not count as failed */
};
extern const char *const attempt_end_names[]; /* running, succeeded, failed, deadline, stopped, lost; ended by NULL */

struct usage {
    double wall_s, cpu_s;
    int64_t peak_memory; /* bytes */
};

struct attempt {
    int64_t number; /* counted from 1 */
    enum attempt_end end;
    int64_t started_us, ended_us; /* 0: not yet */
    struct usage usage;
    char *gpus;    /* "0,2" as given in CUDA_VISIBLE_DEVICES; NULL: none were asked for */
    char *message; /* one line: `exit code 3`, `signal 9 (Killed)`, ...; NULL while running */
    char *tail;    /* last lines of output of what failed; NULL: none kept */
};

/* Both owned. */
struct trial_label {
    char *name, *value;
};

struct trial {
    int64_t number; /* counted from 1 */
    char *name;     /* <experiment>-<8 letters> */
    enum trial_state state;
    char *reason,
        *message; /* NULL: the state's own, see trial_reason. Of an alive trial, a reason of its own is that of the
                                   stop which is under way: it becomes Killed with it, or EarlyStopped when it is
                                   that state's own, also after a crash */
    int64_t created_us, started_us, ended_us; /* 0: not yet */
    int64_t finish_order;                     /* 0: not finished; else its place in the history, counted from 1 */
    double *values;                           /* (space.n), see space.h */
    double resource;                          /* NAN */
    int64_t parent;                           /* 0 */
    char *why;                                /* of the suggestion */
    size_t n_labels;
    struct trial_label *labels;     /* of the suggestion */
    struct observation observation; /* of the last attempt; Failed and Killed trials keep what they had reported */
    size_t n_attempts, attempts_capacity;
    struct attempt *attempts;
    int64_t retry_at_us;    /* pending until then; 0: at once */
    bool is_stopping;       /* ACTION_STOP was given for its last attempt */
    bool repeat_after_stop; /* its stop is the service's wish, not the trial's fate: Pending once it has ended */
};

struct condition {
    char *type, *reason, *message; /* owned: see experiment_set_condition */
    bool status;                   /* true: holds; false: it did */
    int64_t changed_us;
};

struct trial_counts {
    int64_t total, by_state[N_TRIAL_STATES];
    int64_t completed;  /* Succeeded, Failed, Killed, EarlyStopped, MetricsUnavailable */
    int64_t failed;     /* Failed, MetricsUnavailable */
    int64_t infeasible; /* Succeeded, EarlyStopped, and not known to keep every constraint */
};

struct experiment {
    const struct spec *spec;
    uint8_t uid[16];
    int64_t parallel_trial_count, max_trial_count, max_failed_trial_count; /* as edited */
    int64_t created_us, started_us, completed_us;                          /* 0: not yet */
    double spent_s;     /* running time up to claimed_us, for timeoutSeconds */
    int64_t claimed_us; /* somebody conducts it, and spent_s counts up to here; 0: nobody does */
    int64_t wake_us;    /* time of the ACTION_WAKE that is outstanding; 0: none */
    bool is_done_told;  /* ACTION_COMPLETED was given */
    size_t n_conditions, conditions_capacity;
    struct condition *conditions; /* newest last */
    size_t n_trials, trials_capacity;
    struct trial **trials; /* by number: trials[number - 1] */
    int64_t n_finished;    /* highest finish_order given */
    int64_t n_asked;       /* highest number handed to the study; numbers above n_trials are being asked for */
    int64_t
        n_wanted; /* by clients: that wait for a trial, and none has begun for them yet; forgotten in a crash, as they are */
    bool is_exhausted, is_deleted;
    bool
        is_held; /* no more points are asked for until trials that wait to be added are; forgotten in a crash, as they are */
    int64_t best;    /* number of the best trial; 0: none */
    int64_t reached; /* number of the first trial that reached every goal; 0: none */
    size_t
        n_settled; /* this many first trials have finished and are counted in settled: a cache, see experiment_counts */
    struct trial_counts settled;
};

/* With the condition Created. */
struct experiment *experiment_create(const struct spec *spec, const uint8_t uid[16], int64_t now_us);
void experiment_destroy(struct experiment *experiment); /* not the spec */
/* Call once after loading trials from the database: n_finished, n_asked and best follow from them. */
void experiment_restore(struct experiment *experiment);

/* The condition of that type becomes the newest. Texts are copied; reason and message may be NULL. Nothing happens when status
   and reason are what they were. Setting the stored ones in their order gives the stored list. */
void experiment_set_condition(struct experiment *experiment, const char *type, bool status, const char *reason,
                              const char *message, int64_t now_us);
void experiment_remove_condition(struct experiment *experiment, const char *type);
/* The condition of that type, NULL if there is none. */
const struct condition *experiment_find_condition(const struct experiment *experiment, const char *type);

struct trial *experiment_trial(const struct experiment *experiment, int64_t number); /* NULL: no such */
/* Takes the trial; its number is the one after the last. */
void experiment_add_trial(struct experiment *experiment, struct trial *trial);
/* Pending, with its name, room for its values (NAN) and for the objective's metrics; the rest is zero. Not yet of the experiment. */
struct trial *trial_create(const struct experiment *experiment, int64_t number);
/* Another number, and the name that goes with it. */
void trial_set_number(const struct experiment *experiment, struct trial *trial, int64_t number);
/* Values of n_new parameters: the further ones are inactive. */
void trial_widen(struct trial *trial, size_t n_old, size_t n_new);
void trial_destroy(struct trial *trial);
void trial_add_label(struct trial *trial, const char *name, const char *value); /* copied */
/* One of that name, in place of a former one. */
void trial_set_label(struct trial *trial, const char *name, const char *value);
const char *trial_find_label(const struct trial *trial, const char *name); /* its value; NULL: none */
/* Labels that are kept for clients: what they noted about the trial (JSON), what of its point awaits a parameter that is not known
   yet (text), and what it was added by. Not shown among the others. */
#define NOTE_PREFIX  "note:"
#define FIXED_PREFIX "fixed:"
#define ADDED_LABEL  "added:"
bool trial_label_is_kept(const struct trial_label *label);
/* Its labels as compact bytes for the database (nothing when there are none), and back: ERR_CORRUPT. */
void trial_pack_labels(const struct trial *trial, struct text *out);
int trial_unpack_labels(struct trial *trial, const void *bytes, size_t length);
struct attempt *trial_attempt(const struct trial *trial); /* the last one; NULL: none yet */

/* Append an attempt, running, numbered after the last. */
struct attempt *trial_add_attempt(struct trial *trial);

bool trial_is_finished(const struct trial *trial);
/* Has it an attempt that was begun and not ended? */
bool trial_is_begun(const struct trial *trial);
/* Its own, or Katib's for its state: TrialCreated, TrialRunning, TrialSucceeded, TrialFailed, TrialStopped, TrialEarlyStopped,
   MetricsUnavailable. */
const char *trial_reason(const struct trial *trial);
const char *trial_state_reason(enum trial_state state); /* Katib's */
const char *trial_message(const struct trial *trial);
/* Value of the objective as text and number (NAN for text); NULL when unavailable. */
const char *trial_objective(const struct experiment *experiment, const struct trial *trial, double *number);
struct trial_counts experiment_counts(const struct experiment *experiment);
/* The newest condition: its type is the experiment's state (Created, Running, Succeeded, Failed, Restarting, Stopped). */
const struct condition *experiment_condition(const struct experiment *experiment);
bool experiment_is_finished(const struct experiment *experiment); /* Succeeded or Failed */
bool experiment_is_stopped(const struct experiment *experiment);
/* One more of these trials. */
void trial_counts_add(struct trial_counts *counts, const struct experiment *experiment, const struct trial *trial);
/* A trial has finished: is it the best, or the first to reach the goals? */
void experiment_consider(struct experiment *experiment, const struct trial *trial);
/* Is a better than b (NULL: none) by the objective? As in Katib only Succeeded and EarlyStopped trials count, and of objectives
   that are text the one that finished last is best. Ours: no trial without an available objective is ever better, any number
   is better than text, and of equal numbers the one that finished first is better. No trial that is not known
   to keep every constraint is ever better; with several objectives only one with a number for each is, by the first in which
   they differ. */
bool experiment_is_better(const struct experiment *experiment, const struct trial *a, const struct trial *b);

enum { TRIAL_NAME_SIZE = 64, UID_TEXT_SIZE = 37 };
/* <experiment>-<8 of bcdfghjklmnpqrstvwxz2456789>, a fixed function of (uid bytes, number): always the same, and within an
   experiment never the same for two numbers. */
void trial_name(const char *experiment, const uint8_t uid[16], int64_t number, char out[TRIAL_NAME_SIZE]);
/* 01234567-89ab-cdef-0123-456789abcdef. Returns out. */
const char *uid_format(const uint8_t uid[16], char out[UID_TEXT_SIZE]);

#endif
