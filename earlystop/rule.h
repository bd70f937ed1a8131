/*
 * Early-stopping rules: the table of them all.
 *
 * A rule is a pure function of learning curves: this trial's and the others' in, keep or stop and why out. It is asked at
 * every report of the trial, and compares at the step of that report. With several objectives it is asked for each, and a
 * trial stops when it is hopeless in all of them.
 */
#ifndef HONE_EARLYSTOP_RULE_H
#define HONE_EARLYSTOP_RULE_H

#include "base/setting.h"
#include "earlystop/curve.h"

enum { EARLYSTOP_WHY_SIZE = 160 };

struct earlystop_question {
    const struct curve *own;    /* of the running trial, one report or more */
    const struct curve *others; /* (n_others) of all other trials that have reported, by number */
    size_t n_others;
    bool is_maximized; /* losses are the negated values of the metric */
    uint64_t seed;     /* of the experiment */
};

struct earlystop_rule {
    const char *name; /* as written in earlyStopping.algorithmName */
    const char *summary;
    const struct setting *settings;
    /* What these settings cannot be together: one line; NULL: nothing. May be absent. */
    const char *(*check)(const struct setting_value *values);
    /* Stop? Then why (one line a person can read) is filled. values[i] belongs to settings[i]. */
    bool (*judge)(const struct setting_value *values, const struct earlystop_question *question, char *why);
};

/* All rules, ended by NULL. To add one: write its file, add one line in rules.c. */
extern const struct earlystop_rule *const earlystop_rules[];

const struct earlystop_rule *earlystop_rule_find(const char *name, const char **nearest);

#endif
