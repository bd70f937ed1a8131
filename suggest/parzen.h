/*
 * A Parzen estimator over mixed parameters: a density as a sum of kernels, one about each observed point, and a broad one.
 *
 * A kernel is a product over axes: a normal cut to [0, 1] for a number, whose bandwidth follows from the gaps to its
 * neighbours (Optuna 5: the wider one, clipped to [1 / min(100, 2 + n), 1]); its mass over the cell for a stepped number; a
 * mixture of "the same choice" and "any choice" for a categorical. Densities are relative to the uniform one, so a kernel
 * whose point lacks an axis (NAN) contributes the factor 1, and so does every kernel at a point that lacks it.
 */
#ifndef HONE_SUGGEST_PARZEN_H
#define HONE_SUGGEST_PARZEN_H

#include "base/rng.h"
#include "suggest/cells.h"

struct parzen_axis {
    size_t parameter;    /* index into a point */
    size_t n_choices;    /* of a categorical; 0: a number */
    struct cells cells;  /* of a stepped number */
    bool is_conditional; /* may be absent */
};

struct parzen_options {
    double prior_weight; /* of the broad kernel, beside 1 for an average point */
    double own_share; /* of a categorical kernel that is sure of its choice; 0: as in Optuna, by the number of points */
};

struct parzen;

/* axes must outlive it. */
struct parzen *parzen_create(const struct parzen_axis *axes, size_t n_axes);
void parzen_destroy(struct parzen *parzen); /* accepts NULL */

/* Take these points (n; each a row of coordinates), weights (n) or NULL for all 1. O(n_axes n log n). */
void parzen_fit(struct parzen *parzen, const double *const *points, const double *weights, size_t n,
                const struct parzen_options *options);

/* Log density at points (n, stride), row-major, NAN where inactive, into log_density (n). O(n kernels n_axes). */
void parzen_log_density(struct parzen *parzen, const double *points, size_t n, size_t stride, float *log_density);

/* A kernel by its weight; of those that have the axis, unless it is SIZE_MAX. */
size_t parzen_pick(const struct parzen *parzen, size_t axis, struct rng *rng);
/* A kernel by its weight and its density at the categorical coordinates of x. */
size_t parzen_pick_given_choices(const struct parzen *parzen, const double *x, struct rng *rng);
/* Has its point that axis? The broad kernel, the last, has all. */
bool parzen_has(const struct parzen *parzen, size_t kernel, size_t axis);
/* A coordinate from one kernel. */
double parzen_draw(const struct parzen *parzen, size_t kernel, size_t axis, struct rng *rng);

size_t parzen_size(const struct parzen *parzen); /* kernels */
double parzen_bandwidth(const struct parzen *parzen, size_t kernel, size_t axis);

#endif
