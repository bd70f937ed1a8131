/*
 * The objective as a model sees it: along one parameter, and over two.
 *
 * The other parameters stand where the best trial has them; one that only becomes active on the way stands in its middle.
 * The model is a Gaussian process up to RESPONSE_GP_ROWS trials and a random forest beyond.
 */
#ifndef HONE_SUGGEST_RESPONSE_H
#define HONE_SUGGEST_RESPONSE_H

#include "suggest/history.h"

enum { RESPONSE_ROWS_LEAST = 4, RESPONSE_GP_ROWS = 300, RESPONSE_FOREST_ROWS = 10000 };

struct response;

/* Fit to the trials that sample_rows (sample.h) chooses. history->space must outlive it. ERR_NOT_FOUND: fewer than
   RESPONSE_ROWS_LEAST trials succeeded. O(n^3) up to RESPONSE_GP_ROWS, O(n log n) beyond. */
int response_create(const struct history *history, size_t objective, bool is_noisy, uint64_t seed,
                    struct response **response);
void response_destroy(struct response *response); /* accepts NULL */

/* Values of parameter i to look at, in its units, ascending: all if there are at most n, else n of them evenly in model coordinates.
   Into values (n); returns how many. */
size_t response_grid(const struct response *response, size_t i, size_t n, double *values);

/* Loss (mean, standard deviation) at the best trial's point with parameter i at each of values (n). */
void response_slice(const struct response *response, size_t i, const double *values, size_t n, double *mean,
                    double *deviation);
/* The same over two different parameters: mean and deviation (n_i, n_j), row-major. */
void response_contour(const struct response *response, size_t i, const double *values_i, size_t n_i, size_t j,
                      const double *values_j, size_t n_j, double *mean, double *deviation);

#endif
