/*
 * The rows of a history that show what the objective is like over the space: for importance, response and regret.
 */
#ifndef HONE_SUGGEST_SAMPLE_H
#define HONE_SUGGEST_SAMPLE_H

#include "suggest/history.h"

/* Rows that succeeded with a finite loss (objective SIZE_MAX: all losses finite), all at one resource: the largest that has
   `least` rows, else the one with most. Into rows (n_finished), ascending; returns how many. O(n log n). */
size_t sample_rows(const struct history *history, size_t objective, size_t least, size_t *rows);

#endif
