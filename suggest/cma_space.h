/*
 * A search space as the evolution strategy sees it: real coordinates for its normal distribution, choices for its
 * categorical one.
 *
 * Real coordinates are the model's, unbounded. A continuous one is folded into [0, 1] by mirrors with round edges, so that a mean
 * at a bound is a smooth place (pycma's BoundTransform). A stepped one belongs to the cell it lies in, the outer cells
 * reaching to infinity. Parameters of two values are choices, those of one value take no part.
 */
#ifndef HONE_SUGGEST_CMA_SPACE_H
#define HONE_SUGGEST_CMA_SPACE_H

#include "suggest/cma.h"
#include "suggest/space.h"

enum cma_axis_type { CMA_AXIS_FIXED, CMA_AXIS_CONTINUOUS, CMA_AXIS_STEPPED, CMA_AXIS_CHOICE };

struct cma_axis {
    enum cma_axis_type type;
    size_t index; /* among the real coordinates, or among the choices */
    size_t size;  /* values of a stepped one, options of a choice */
};

struct cma_space {
    const struct space *space;
    size_t d;         /* real coordinates; 1, that nothing reads, where there is none */
    size_t n_reals;   /* of them, those of parameters */
    size_t n_choices; /* choices */
    size_t n_stepped;
    struct cma_axis axes[]; /* (space->n) */
};

/* space must outlive it. Freed by free(). */
struct cma_space *cma_space_create(const struct space *space);

/* Does no continuous coordinate lie beyond a mirror, where the fold makes another point's image of it? */
bool cma_space_is_inside(const struct cma_space *cs, const double *real);
/* Model coordinates x (space->n) of real coordinates (d) and picked options (n_choices). */
void cma_space_point(const struct cma_space *cs, const double *real, const size_t *picked, double *x);
/* Back again, to the middle of a cell; where x is NAN, mean's coordinate and SIZE_MAX. */
void cma_space_real(const struct cma_space *cs, const double *x, const double *mean, double *real, size_t *picked);
/* After an update: the mean comes back into the domain, and of every stepped coordinate at least a share of margin of the
   samples leaves the mean's cell, by moving the mean and widening that coordinate. Hamano et al., CMA-ES with Margin (2022). */
void cma_space_settle(const struct cma_space *cs, struct cma *cma, double margin);

#endif
