/*
 * Inside a Gaussian process: for gp*.c and their tests.
 *
 * Hyperparameters are one vector of logarithms, theta (d + 2): w_1 .. w_d, then the scale a, then the noise variance.
 */
#ifndef HONE_SUGGEST_GP_PARTS_H
#define HONE_SUGGEST_GP_PARTS_H

#include "suggest/gp.h"

struct gp {
    const struct space *space;
    bool is_noisy;
    size_t d;
    size_t *parameters; /* (d) which of the space's are modelled */
    double *theta;      /* (d + 2) */
    double *weights;    /* (d) exp of theta */
    double scale, noise;
    double jitter; /* added to the diagonal so that it could be factored; 0 nearly always */

    size_t n, stride;          /* rows; room for rows */
    double *rows;              /* the block of all that follows */
    double *columns;           /* (d, stride) */
    double *y, *white, *alpha; /* (stride) y, L^-1 y, K^-1 y */
    double *doubt;             /* (stride) noise variance of a row beyond that of all */
    double *factor;            /* (stride, stride) L, lower triangle */
};

/* Coordinates as the kernel takes them: point (d) of x (space->n), rounded as the space rounds, or not. */
void gp_point(const struct gp *gp, const double *x, double *point);
void gp_smooth_point(const struct gp *gp, const double *x, double *point);
/* Take on theta. */
void gp_set(struct gp *gp, const double *theta);

/* Prior of theta with its gradient added to gradient (d + 2), and the box it lives in. */
double gp_log_prior(const struct gp *gp, const double *theta, double *gradient);
void gp_bounds(const struct gp *gp, double *lower, double *upper);
/* The k-th of GP_STARTS_LIMIT fixed starts; 0 is the default. */
void gp_start(const struct gp *gp, unsigned k, double *theta);

/* -(log likelihood + log prior) and its gradient at theta, for the rows the process holds. It spoils the factor; slopes
   (stride, stride) is room. INFINITY when the covariance cannot be factored. */
struct gp_objective {
    struct gp *gp;
    double *slopes;
};
double gp_objective(void *objective, const double *theta, double *gradient);

/* Move theta to the best end of n_starts climbs. */
void gp_climb(struct gp *gp, unsigned n_starts);

#endif
