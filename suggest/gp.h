/*
 * A Gaussian process over a search space: Matern-5/2 with one lengthscale a parameter, over numbers, integers (rounded as the
 * space rounds them), choices (Hamming distance) and inactive parameters (two trials of which one alone has the
 * parameter are as far apart in it as two different choices).
 *
 *     k(x, x') = a exp(-r) (1 + r + r^2 / 3),   r = sqrt(5 s),   s = sum_i w_i d_i(x, x')^2,   w_i = 1 / l_i^2
 *
 * Hyperparameters maximise the posterior (likelihood times priors) by L-BFGS-B on analytic gradients. Exact: O(n^3) to fit,
 * O(n^2) to append, O(n d) a mean, O(n^2) a variance. GP_ROWS_LIMIT rows at most.
 */
#ifndef HONE_SUGGEST_GP_H
#define HONE_SUGGEST_GP_H

#include <stdbool.h>
#include <stddef.h>

#include "suggest/space.h"

enum { GP_ROWS_LIMIT = 1000, GP_STARTS_LIMIT = 4 };

struct gp;

/* skip: a parameter left out (one that takes the resource), SIZE_MAX: none. is_noisy: more noise is believed in
   beforehand. */
struct gp *gp_create(const struct space *space, size_t skip, bool is_noisy);
void gp_destroy(struct gp *gp);

/* Fit to x (n, space->n) coordinates and y (n), which the caller has standardised. n_starts: 0 keeps the hyperparameters as
   they are and only factors; 1 climbs from those of the last fit (at first from the defaults); each one more also climbs
   from a fixed start elsewhere, up to GP_STARTS_LIMIT, and the best end is kept. A function of what is passed and of the
   hyperparameters before. ERR_NUMERIC when y is not finite or no factorisation is found. */
int gp_fit(struct gp *gp, const double *x, const double *y, size_t n, unsigned n_starts);
/* The same, where some rows are less sure than others: doubt (n) is what their noise variance has beyond the rest's. */
int gp_fit_doubtful(struct gp *gp, const double *x, const double *y, const double *doubt, size_t n, unsigned n_starts);
/* Take on the hyperparameters of another process over the same parameters; the rows are to be fitted anew. */
void gp_copy_hyperparameters(struct gp *gp, const struct gp *from);
/* One more observation, hyperparameters as they are: O(n^2). ERR_NUMERIC: refit instead. */
int gp_append(struct gp *gp, const double *x, double y);
/* Keep the first n rows: O(n^2). For fantasies about running trials. */
void gp_truncate(struct gp *gp, size_t n);
size_t gp_rows(const struct gp *gp);

/* Posterior of the noiseless function at n points x (n, space->n); variance may be NULL. Never NAN. */
void gp_predict(const struct gp *gp, const double *x, size_t n, double *mean, double *variance);
/* The same at one point, with gradients by x (space->n): 0 for choices, integers taken as if they were not rounded. */
void gp_gradient(const struct gp *gp, const double *x, double *mean, double *variance, double *d_mean,
                 double *d_variance);
/* Joint posterior covariance (n, n) at n points. */
void gp_covariance(const struct gp *gp, const double *x, size_t n, double *mean, double *covariance);

/* What the process would say of each of its rows without that row: mean and variance (rows) of its y. O(n^3). */
void gp_leave_one_out(const struct gp *gp, double *mean, double *variance);

double gp_lengthscale(const struct gp *gp, size_t parameter); /* INFINITY for the one that is skipped */
double gp_noise(const struct gp *gp);                         /* variance */
/* Log density of y under the process, without the priors. */
double gp_log_likelihood(const struct gp *gp);

#endif
