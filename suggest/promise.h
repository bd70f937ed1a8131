/*
 * What a point promises by all models of a study together: an acquisition of its losses, plus the logarithm of the probability
 * that it meets the constraints and does not fail. Before any feasible point is known, that probability alone.
 * Gardner et al., Bayesian optimization with inequality constraints (2014).
 */
#ifndef HONE_SUGGEST_PROMISE_H
#define HONE_SUGGEST_PROMISE_H

#include "suggest/acquisition.h"
#include "suggest/chebyshev.h"
#include "suggest/gp.h"
#include "suggest/hypervolume_improvement.h"
#include "suggest/maximize.h"

enum { PROMISE_BATCH = 256 };

/* A model, and the value it must stay below. */
struct condition {
    const struct gp *gp;
    double threshold;
};

/* Filled by its owner; everything is borrowed. */
struct promise {
    const struct space *space;
    size_t n_losses; /* 0: no feasible point is known */
    const struct gp *const *losses;
    size_t n_conditions;
    const struct condition *conditions;

    enum acquisition acquisition; /* of one loss */
    double best;
    struct improvement *improvement; /* of two or three */
    struct chebyshev *chebyshev;     /* of more */

    double *room; /* (promise_room()) */
};

/* Numbers of room that so many losses need. */
size_t promise_room(const struct space *space, size_t n_losses);
/* The promise as a utility; it must stay where it is while that is used. */
struct utility promise_utility(const struct promise *promise);

#endif
