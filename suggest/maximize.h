/*
 * The point of a search space where a utility is highest: many cheap looks, then climbs from the most promising, which turn
 * between quasi-Newton steps in the continuous coordinates and jumps in those with few values.
 */
#ifndef HONE_SUGGEST_MAXIMIZE_H
#define HONE_SUGGEST_MAXIMIZE_H

#include "base/rng.h"
#include "suggest/point_set.h"
#include "suggest/space.h"

/* What is maximised, over coordinates x (space->n), NAN where inactive. May be -INFINITY, never NAN. */
struct utility {
    void (*values)(const void *context, const double *x, size_t n, double *values); /* of n points, row by row */
    double (*gradient)(const void *context, const double *x, double *gradient);     /* value, gradient (space->n) */
    const void *context;
};

struct maximize_effort {
    size_t n_candidates, n_starts;
    unsigned evaluations_limit; /* gradients a climb */
};

struct maximize_task {
    struct utility utility;
    struct maximize_effort effort;
    const double *lengthscales; /* (space->n) how far one must go in each to see a change */
    const double *incumbents;   /* (n_incumbents, space->n) points worth a start, the best first */
    size_t n_incumbents;
    const struct point_set *taken; /* coordinates never to return; NULL: none */
    uint64_t seed;                 /* of the candidates */
};

struct maximizer;

/* skip: a parameter that is left at its lowest, SIZE_MAX: none. */
struct maximizer *maximizer_create(const struct space *space, size_t skip, size_t candidates_limit);
void maximizer_destroy(struct maximizer *maximizer); /* accepts NULL */

/* Fill x (space->n); returns the utility there, -INFINITY when nothing that is free was found. */
double maximizer_run(struct maximizer *maximizer, const struct maximize_task *task, struct rng *rng, double *x);

#endif
