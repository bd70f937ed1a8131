/*
 * A random forest over a search space: regression trees on bootstrap samples, and how the variance of their prediction
 * divides among the parameters when points are drawn from the space (functional ANOVA).
 *
 * Volumes are those of model coordinates, so a log parameter counts in its log. An inactive parameter (NAN) may have any
 * value: training draws one, prediction weighs both sides of a split. O(n d log n) to fit a tree of n rows.
 */
#ifndef HONE_SUGGEST_FOREST_H
#define HONE_SUGGEST_FOREST_H

#include <stddef.h>
#include <stdint.h>

#include "suggest/space.h"

enum { FOREST_TREES = 64, FOREST_DEPTH_LIMIT = 64 };

struct forest;

/* Fit to x (n, space->n) coordinates and y (n), finite, n >= 1. space must outlive it; x and y need not. */
struct forest *forest_create(const struct space *space, const double *x, const double *y, size_t n, uint64_t seed);
void forest_destroy(struct forest *forest); /* accepts NULL */

/* Mean of the trees, and variance between them, at n points x (n, space->n); variance may be NULL. */
void forest_predict(const struct forest *forest, const double *x, size_t n, double *mean, double *variance);

/* Share of the variance that each parameter explains by itself, into share (space->n), mean over the trees; interactions are
   what is missing to 1. All 0 when every tree is constant. */
void forest_main_effects(const struct forest *forest, double *share);

#endif
