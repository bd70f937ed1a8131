/*
 * Which trial of a noisy search is most likely the best: not the one with the luckiest report, but the one where a model of all
 * reports expects the lowest loss.
 */
#ifndef HONE_SUGGEST_LIKELY_BEST_H
#define HONE_SUGGEST_LIKELY_BEST_H

#include "suggest/history.h"

enum { LIKELY_BEST_ROWS = 500 };

struct likely_best {
    int64_t number;   /* of the trial; 0: there is none */
    double loss;      /* expected there, without noise */
    double deviation; /* standard deviation of that expectation */
};

/*
 * One objective. Candidates are own trials that succeeded at the largest resource, with a finite loss and every constraint kept;
 * the model sees the infeasible and the imported ones too, of more than LIKELY_BEST_ROWS evenly many from the whole run: a choice
 * by loss would keep the lucky reports and leave out those that contradict them. number is 0 with several objectives, with less
 * than two such trials, or when no model can be fitted. O(LIKELY_BEST_ROWS^3 + n LIKELY_BEST_ROWS).
 */
void likely_best_find(const struct history *history, struct likely_best *likely);

#endif
