/*
 * The Pearson divergence between a parameter's distribution among some trials and among all. For importance.c.
 */
#ifndef HONE_SUGGEST_PED_ANOVA_H
#define HONE_SUGGEST_PED_ANOVA_H

#include "suggest/history.h"

/* For each parameter (space->n), how far the rows that are top are from all rows (n): 0 when they are no further than a random
   choice of as many would be. Rows in which it is inactive are a regime of their own, in which it cannot matter. */
void ped_anova_divergences(const struct history *history, const size_t *rows, const bool *is_top, size_t n,
                           double *divergences);

#endif
