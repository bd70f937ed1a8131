/*
 * Is there little left to gain? The rule behind stopAfterNoProgress.
 *
 * In the spirit of Makarova et al., Automatic Termination for Hyperparameter Optimization (2022): a search ends when what it may still
 * gain, by a model of the objective, is small beside what it has gained.
 */
#ifndef HONE_SUGGEST_REGRET_H
#define HONE_SUGGEST_REGRET_H

#include "suggest/method.h"

enum { REGRET_ROWS = 300, REGRET_PATIENCE = 3 };

struct regret {
    size_t n_rows;   /* of own trials at the full resource, but for abandoned ones */
    size_t n_since;  /* of these, how many finished since the last one that improved the best */
    double lead;     /* of the best over the median trial: what the search has gained; NAN: nothing to compare */
    double expected; /* gain of one more trial, where a Gaussian process expects it most; NAN: no model */
};

/* One objective. Trials that violate a constraint are never the best. O(REGRET_ROWS^3). */
void regret_estimate(const struct history *history, bool is_noisy, uint64_t seed, struct regret *regret);

/*
 * 1: stop, and why says so in one line; 0: go on. With one objective when n trials in a row have not improved the best, and n
 * more are expected to gain less than a hundredth of its lead over the median trial; or after REGRET_PATIENCE * n in a row,
 * whatever the model says. With several when the dominated volume has grown by less than a hundredth in the last n trials.
 * A function of the history and the seed; the model is only fitted when n trials were in vain.
 */
int regret_stops(const struct history *history, bool is_noisy, size_t n, uint64_t seed, char why[SUGGEST_WHY_SIZE]);

#endif
