/*
 * Early-stopping rules: the table of them all.
 *
 * A rule is a pure function of learning curves: this trial's and the others' in, keep or stop and why out.
 */
#ifndef HONE_EARLYSTOP_RULE_H
#define HONE_EARLYSTOP_RULE_H

#include "base/setting.h"

struct curve; /* reports of one trial by step */

struct earlystop_rule {
    const char *name; /* as written in earlyStopping.algorithmName */
    const char *summary;
    const struct setting *settings;
    /* 1: stop, why (one line) filled; 0: keep. NULL in the table: known by name, not in this build. */
    int (*judge)(const struct setting_value *values, const struct curve *own, const struct curve *const *others,
                 size_t n_others, char why[160]);
};

/* All rules, ended by NULL. To add one: write its file, add one line in rules.c. */
extern const struct earlystop_rule *const earlystop_rules[];

const struct earlystop_rule *earlystop_rule_find(const char *name, const char **nearest);

#endif
