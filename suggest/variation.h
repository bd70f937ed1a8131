/*
 * Offspring of two points of a search space: simulated binary crossover and polynomial mutation for numbers, exchange and
 * another choice for categoricals. Deb and Agrawal, Simulated Binary Crossover (1995); Deb and Deb, Analysing mutation
 * schemes (2014).
 */
#ifndef HONE_SUGGEST_VARIATION_H
#define HONE_SUGGEST_VARIATION_H

#include "suggest/space.h"

struct variation {
    double crossover;     /* probability that two parents mix at all */
    double crossover_eta; /* the larger, the closer a child stays to its parents */
    double mutation;      /* expected number of mutated parameters */
    double mutation_eta;
};

/* Coordinates (space->n) of a child of a and b, none NAN: a parameter that one parent lacks comes from the other, that both
   lack from a random draw. At least one parameter is mutated where the child would be its parent. */
void variation_child(const struct variation *variation, const struct space *space, const double *a, const double *b,
                     struct rng *rng, double *child);

#endif
