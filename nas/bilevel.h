/*
 * Differentiable architecture search: weights by descent on one half of the images, alphas by Adam on the other half.
 *
 * Liu et al., DARTS (2019), first and second order; what a mixture is made of is the relaxation's matter.
 */
#ifndef HONE_NAS_BILEVEL_H
#define HONE_NAS_BILEVEL_H

#include "nas/backend.h"
#include "nas/relaxation.h"

struct bilevel_options {
    const struct relaxation *relaxation;
    unsigned epochs, batch;
    unsigned warmup; /* first epochs in which the alphas rest */
    bool is_second_order;
    double difference;                   /* second order: the step over the norm of its direction; DARTS: 0.01 */
    double weight_rate, weight_rate_min; /* from the first to the last epoch by a cosine */
    double momentum, weight_decay, clip;
    double alpha_rate, alpha_decay; /* Adam's, with betas 0.5 and 0.999 */
    double decay_end;               /* weight of beta-DARTS' term at the end; it grows from 0, linearly */
    unsigned padding;               /* of the random crop; images are mirrored as well where it is not 0 */
    uint64_t seed;
    enum ranking ranking;
    unsigned steps_told; /* tell every so many steps; 0: never */
    void (*tell)(unsigned epoch, size_t step, const struct pass_result *result, unsigned n); /* of n training images */
};

struct bilevel_report {
    unsigned epoch;                          /* from 1 */
    struct pass_result training, validation; /* means over the epoch, n_correct of n; of the alphas' half, at its end */
    size_t n_training, n_validation;
    double weight_rate;
    const double *alphas;
    const struct genotype *genotype;
};

struct bilevel;

/* Borrows everything. ERR_INVALID: fewer than two images. */
int bilevel_create(const struct bilevel_options *options, const struct cell_network *shape,
                   const struct cell_space *space, const struct backend *backend, unsigned threads,
                   const struct images *images, struct bilevel **bilevel);
void bilevel_destroy(struct bilevel *bilevel); /* accepts NULL */

/* One epoch, and what came of it; the report's pointers hold until the next. */
int bilevel_epoch(struct bilevel *bilevel, struct bilevel_report *report);

/* --- for tests --- */

struct engine *bilevel_engine(struct bilevel *bilevel);
size_t bilevel_n_weights(const struct bilevel *bilevel);
/* Loss and gradients (of the engine) at n images, mixed anew. */
int bilevel_loss(struct bilevel *bilevel, const uint32_t *order, unsigned n, struct pass_result *result);
double *bilevel_alphas(struct bilevel *bilevel, size_t *n);
/* dL / d alphas at these images: of the alphas' half, then of the weights' half (second order). n of each. */
int bilevel_alpha_gradient(struct bilevel *bilevel, const uint32_t *validation, const uint32_t *training, unsigned n,
                           double *gradient);

#endif
