/*
 * A distribution over several independent choices that learns from ranked samples: adaptive stochastic natural gradient
 * (Akimoto et al., ASNG, ICML 2019) with the least probability of CatCMA (Hamano et al., 2024), so that no choice dies out.
 */
#ifndef HONE_SUGGEST_CHOICE_DISTRIBUTION_H
#define HONE_SUGGEST_CHOICE_DISTRIBUTION_H

#include <stddef.h>

struct choice_distribution {
    size_t n;                    /* choices made */
    size_t n_q;                  /* probabilities in all */
    size_t *first;               /* (n + 1) where those of each choice begin */
    double *q;                   /* (n_q) */
    double *q_min;               /* (n) */
    double trust, gamma;         /* Delta, which divides the step; expected square of the path */
    double *path;                /* (n_q) s */
    double *gradient, *whitened; /* (n_q) scratch */
};

/* sizes (n): options of each choice, at least 2. n_discrete: choices and other discrete parameters searched beside them. */
struct choice_distribution *choice_distribution_create(size_t n, const size_t *sizes, size_t n_discrete);
void choice_distribution_destroy(struct choice_distribution *choices); /* accepts NULL */

/* Option of choice i for a uniform number u in [0, 1), by probabilities q (n_q). */
size_t choice_distribution_pick(const struct choice_distribution *choices, const double *q, size_t i, double u);
/* One generation: picked (lambda, n), SIZE_MAX where it says nothing; weights (lambda) sum to 1. */
void choice_distribution_update(struct choice_distribution *choices, const size_t *picked, const double *weights,
                                size_t lambda);
/* Bring probabilities q (n_q) to sum to 1 each, none below the least. */
void choice_distribution_repair(const struct choice_distribution *choices, double *q);

#endif
