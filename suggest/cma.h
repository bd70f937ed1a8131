/*
 * The covariance matrix adaptation evolution strategy: a normal distribution that learns from ranked samples.
 *
 * Hansen, The CMA Evolution Strategy: A Tutorial (2023), with negative weights (active CMA). Notation is the tutorial's:
 * lambda samples x a generation, mu of them parents; x = m + sigma A y, y from N(0, C), C = B D^2 B'. A is one factor a coordinate,
 * 1 unless the caller widens it (Hamano et al., CMA-ES with Margin, 2022). Diagonal: Ros and Hansen, sep-CMA-ES (2008).
 * O(d^2) a sample, O(lambda d^2) an update and O(d^3) an eigendecomposition, made only when C has moved enough; all O(d)
 * when diagonal.
 */
#ifndef HONE_SUGGEST_CMA_H
#define HONE_SUGGEST_CMA_H

#include <stdbool.h>
#include <stddef.h>

/* What samples are drawn from: x = mean + scale * (axes z), z from N(0, I). One block. */
struct cma_distribution {
    size_t d;
    bool is_diagonal;
    double *mean;  /* (d) */
    double *scale; /* (d) sigma A */
    double *axes;  /* B D: (d, d) row-major; (d) when diagonal */
};

struct cma_distribution *cma_distribution_create(size_t d, bool is_diagonal);
/* of may be of another create with the same d and is_diagonal. */
void cma_distribution_copy(struct cma_distribution *to, const struct cma_distribution *of);
void cma_distribution_sample(const struct cma_distribution *distribution, const double *z, double *x);

struct cma {
    size_t d, lambda, mu;
    unsigned generation, decomposed; /* updates so far; at the last decomposition */
    double mu_eff, c_1, c_mu, c_sigma, d_sigma, c_c, chi;
    double sigma;
    struct cma_distribution *now; /* owned */
    double *weights;              /* (lambda) the last lambda - mu at most 0 */
    double *widen;                /* A (d) */
    double *C;                    /* (d, d) row-major; (d) when diagonal */
    double *B, *D;         /* (d, d) columns; (d) ascending. As of the last decomposition; B unused when diagonal */
    double *p_sigma, *p_c; /* (d) */
    double *work;
};

struct cma_options {
    size_t d;      /* 1 or more */
    size_t lambda; /* 4 or more */
    bool is_diagonal;
    double
        haste; /* 0: 1. Covariance learns so many times faster than in the tutorial, and sigma is damped so much less */
};

/* covariance (d, d), positive definite; NULL: the identity. */
struct cma *cma_create(const struct cma_options *options, const double *mean, double sigma, const double *covariance);
void cma_destroy(struct cma *cma); /* accepts NULL */

/* One generation: x (lambda, d), best first. tie[k] is the first of the samples that are as good as k: they share their
   weights. */
void cma_update(struct cma *cma, const double *x, const size_t *tie);
/* Weights of the parents after ties (lambda), summing to 1; 0 for the others. */
void cma_parent_weights(const struct cma *cma, const size_t *tie, double *weights);
/* After mean, sigma or widen were set from outside. */
void cma_refresh(struct cma *cma);

/* Standard deviation of a coordinate. */
double cma_deviation(const struct cma *cma, size_t i);
/* Pull a sample of another distribution towards the mean until it is as near as most of this one's own: a Mahalanobis length of sqrt(d) +
   2 d / (d + 2) at most. Hansen, Injecting External Solutions Into CMA-ES (2011). */
void cma_clip(struct cma *cma, double *x);

#endif
