/*
 * Minimum of a smooth function in a box: limited-memory BFGS on the coordinates that are free to move, with a projected
 * backtracking line search (Bertsekas, Projected Newton methods, SIAM J. Control Optim. 20, 1982; Nocedal and Wright,
 * Numerical Optimization, algorithm 7.4).
 */
#ifndef HONE_SUGGEST_MINIMIZE_H
#define HONE_SUGGEST_MINIMIZE_H

#include <stddef.h>

/* Value at x (n), and gradient (n). NAN or INFINITY: x is outside of the domain, the gradient is not read. */
typedef double minimize_function(void *context, const double *x, double *gradient);

struct minimize_options {
    size_t memory;              /* pairs of steps kept */
    unsigned evaluations_limit; /* calls of the function */
    double gradient_tolerance;  /* stop when no coordinate of P(x - gradient) - x is larger */
    double decrease_tolerance;  /* stop when a step gains less, in units of the function */
};

/* Move x (n) to a minimum with lower <= x <= upper; x is projected into the box first. Returns the value there: never above
   that of the start, INFINITY when the start is outside of the domain. */
double minimize(minimize_function *function, void *context, const double *lower, const double *upper, size_t n,
                const struct minimize_options *options, double *x);

#endif
