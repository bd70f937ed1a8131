/*
 * The contract every suggestion method implements, and the table of them all.
 *
 * A method sees model coordinates (space.h). It reads the history, which is append-only; whatever it keeps is a cache of
 * it, so replaying the history gives the same state. A setting named random_state, when given, takes the place of the
 * study's seed before the method is asked (study.h), so methods only declare its row.
 */
#ifndef HONE_SUGGEST_METHOD_H
#define HONE_SUGGEST_METHOD_H

#include <stdint.h>

#include "base/rng.h"
#include "base/setting.h"
#include "suggest/history.h"

enum { SUGGEST_EXHAUSTED = 1 }; /* every point has been handed out */
enum { SUGGEST_WHY_SIZE = 160, SUGGEST_LABEL_SIZE = 64, SUGGEST_LABELS_LIMIT = 4 };

struct suggest_request {
    uint64_t seed;  /* of the study */
    int64_t number; /* of the trial, counted from 1 */
    unsigned draw;  /* 0; 1, 2, ... when the answer before was a point already taken */
    struct rng rng; /* stream of (seed, number, method and draw) */
};

/* A label of the trial, as Katib's services give them. */
struct suggestion_label {
    const char *name; /* a constant */
    char value[SUGGEST_LABEL_SIZE];
};

struct suggestion {
    double *x;                  /* (n) coordinates, room made by the caller */
    double resource;            /* NAN: the full one */
    int64_t parent;             /* trial number this one goes on from; 0: none */
    char why[SUGGEST_WHY_SIZE]; /* one line a person can read */
    size_t n_labels;
    struct suggestion_label labels[SUGGEST_LABELS_LIMIT];
};

/* What is searched, and under what conditions. */
struct suggest_problem {
    const struct space *space;
    size_t n_objectives; /* 1 or more */
    size_t n_constraints;
    bool is_noisy;                                 /* the same point may give another loss: points may come again */
    int64_t parallel_trial_count, max_trial_count; /* max 0: unlimited */
    /* nasConfig instead of parameters: its layers, else 0. The space is then the operation of each layer (categorical, all
       alike), and behind them, if skips are searched, those of layer 1, of layer 2, ... to each layer before it (off, on);
       empty where the trial itself searches. */
    size_t n_layers;
};

struct suggest_method {
    const char *name;               /* as written in algorithmName; on the wire and in the database; never renamed */
    const char *summary;            /* one line for help */
    const struct setting *settings; /* rows ended by zeros */

    /* What this method cannot do with this experiment: one line, in the arena; NULL: it takes it. May be absent. */
    const char *(*check)(const struct suggest_problem *problem, const struct setting_value *values,
                         struct arena *arena);
    /* What it takes, but does otherwise than the settings say: one line, in the arena; NULL: nothing. May be absent. */
    const char *(*warn)(const struct suggest_problem *problem, const struct setting_value *values, struct arena *arena);
    /* State for one study; problem and values outlive it. values[i] belongs to settings[i]. NULL in the table: known by
       name, not in this build. */
    void *(*create)(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed);
    /* Fill out. The same request over the same history gives the same answer. 0, SUGGEST_EXHAUSTED, or ERR_NUMERIC. */
    int (*suggest)(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out);
    void (*destroy)(void *state); /* accepts NULL */
    bool repeats;                 /* may hand out a point again (pbt, darts): no search for duplicates */
    bool is_nas;                  /* searches architectures (nasConfig), not parameters */
    bool any_setting;             /* a setting without a row is no fault: Katib's service lets it pass */
};

/* All methods, ended by NULL. To add one: write its file, add one line in methods.c. */
extern const struct suggest_method *const suggest_methods[];

/* The method of that name, NULL if unknown; *nearest (may be NULL) is then a name close to it, or NULL. */
const struct suggest_method *suggest_method_find(const char *name, const char **nearest);

#endif
