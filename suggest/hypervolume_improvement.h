/*
 * What a point with several independent normal losses promises to add to the volume that a front dominates.
 *
 * The part of the space below the reference that no row of the front dominates is cut into disjoint boxes; the expected
 * gain inside a box is a product of one-dimensional terms, so the sum is exact: no sampling. Two or three losses.
 * Box decomposition as in Lacour, Klamroth, Fonseca, A box decomposition algorithm to compute the hypervolume indicator
 * (2017), by a sweep; the product form of Yang et al., Efficient computation of expected hypervolume improvement (2019).
 */
#ifndef HONE_SUGGEST_HYPERVOLUME_IMPROVEMENT_H
#define HONE_SUGGEST_HYPERVOLUME_IMPROVEMENT_H

#include <stddef.h>

#include "suggest/acquisition.h"

enum { IMPROVEMENT_OBJECTIVES_LIMIT = 3 };

struct improvement;

/* Rows of losses (n, m), 2 <= m <= 3; those that others dominate or that are not below reference (m) do no harm. At most 2 n + 1
   boxes for m = 3, n + 1 for m = 2. */
struct improvement *improvement_create(const double *losses, size_t n, size_t m, const double *reference);
void improvement_destroy(struct improvement *improvement); /* accepts NULL */

/* Logarithm of the expected gain; slopes (m), or NULL. O(boxes). */
double improvement_log_expected(const struct improvement *improvement, const double *mean, const double *variance,
                                struct slopes *slopes);

/* The boxes themselves, for tests: low and high (n, m); low may be -INFINITY. */
size_t improvement_boxes(const struct improvement *improvement, const double **low, const double **high);

#endif
