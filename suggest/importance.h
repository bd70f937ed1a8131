/*
 * Which parameters the objective depends on.
 *
 * ped-anova: what sets the best tenth of the trials apart, parameter by parameter. Watanabe, Bansal and Hutter, PED-ANOVA
 * (2023); conditional parameters by regime, as in its extension of 2026. fanova: what explains the variance of the whole
 * objective over the space, by a random forest. Both work in model coordinates: log parameters in their log.
 */
#ifndef HONE_SUGGEST_IMPORTANCE_H
#define HONE_SUGGEST_IMPORTANCE_H

#include "suggest/history.h"

enum { IMPORTANCE_ROWS_LEAST = 10, IMPORTANCE_FOREST_ROWS = 10000 };

enum importance_evaluator { IMPORTANCE_PED_ANOVA, IMPORTANCE_FANOVA };
extern const char *const importance_evaluator_names[]; /* ped-anova, fanova; ended by NULL */

/* Shares (space->n) that sum to 1; 0 for parameters with one value. objective SIZE_MAX: all together (the way to the front;
   fanova: the mean of their shares). *n_rows: trials they come from; fanova takes at most IMPORTANCE_FOREST_ROWS, evenly.
   ERR_NOT_FOUND: fewer than IMPORTANCE_ROWS_LEAST trials succeeded, or nothing depends on anything. O(n) a parameter for
   ped-anova, O(n log n) a parameter for each tree of fanova. */
int importance_compute(const struct history *history, enum importance_evaluator evaluator, size_t objective,
                       uint64_t seed, double *share, size_t *n_rows);

#endif
