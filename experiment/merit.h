/*
 * What a finished trial is worth: losses to minimise, constraints kept or not, which of two is better, and which trials nobody
 * beats.
 *
 * Only Succeeded and EarlyStopped trials count. A constraint whose metric was not reported is not known to be kept, so such a
 * trial is as little acceptable as one that violates it. A trial whose objective is infinite stays Succeeded, but is never the
 * best, on the front or at a goal.
 */
#ifndef HONE_EXPERIMENT_MERIT_H
#define HONE_EXPERIMENT_MERIT_H

#include "experiment/experiment.h"

/* (OBJECTIVES_LIMIT) losses, the objective or its negation when it is maximised; NAN where the trial has none. */
void merit_losses(const struct experiment *experiment, const struct trial *trial, double *losses);
/* (CONSTRAINTS_LIMIT) max or min overstepped by so much, 0 or less: kept; NAN: unknown. */
void merit_violations(const struct experiment *experiment, const struct trial *trial, double *violations);
/* By how much a value oversteps its bounds. */
double constraint_violation(const struct constraint *constraint, double value);

/* Does it count, and keep every constraint? */
bool merit_is_acceptable(const struct experiment *experiment, const struct trial *trial);
/* Is it acceptable, and reaches every goal that is given (one at least)? */
bool merit_reaches_goals(const struct experiment *experiment, const struct trial *trial);

/* Numbers of the acceptable trials that no other dominates, by their first objective; *n of them, in the arena. */
const int64_t *merit_front(const struct experiment *experiment, struct arena *arena, size_t *n);
/* Volume that they dominate below the worst value seen of each objective; NAN when it takes too long to know: more than
   HYPERVOLUME_ROWS of them with more than two objectives. */
enum { HYPERVOLUME_ROWS = 200 };
double merit_hypervolume(const struct experiment *experiment, const int64_t *front, size_t n);

#endif
