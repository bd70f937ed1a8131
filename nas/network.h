/*
 * A network as a flat list of fused stages over planned memory: what every backend runs.
 *
 * A tensor is (images, height, width, channels). One that is normalised holds what its producer wrote, and whoever reads it
 * reads gamma * (y - mean) * rstd + beta, so that batch normalisation never costs a pass of its own. A stage reads and writes
 * views: some channels of a tensor. Sides shrink by a stride to ceil(side / stride); what lies outside of a tensor reads as 0.
 *
 * All offsets count values, in one array each: the weights, the statistics, and the values and gradients of one image.
 */
#ifndef HONE_NAS_NETWORK_H
#define HONE_NAS_NETWORK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NO_OFFSET SIZE_MAX

enum { NETWORK_CHANNELS_LIMIT = 8192, NETWORK_INPUT = 0 /* the tensor of the images */ };

struct tensor {
    unsigned height, width, channels;
    bool is_normal;
    bool is_mixed_once;       /* normalised, and read by one term alone */
    size_t affine;            /* in the weights: gamma (channels), beta (channels); NO_OFFSET: 1 and 0 */
    size_t statistics;        /* mean, rstd, running mean, running variance less 1: (4, channels); all begin at 0 */
    size_t values, gradients; /* of one image; gradients share memory with others that live at another time */
    unsigned first_writer, last_writer, last_reader; /* stages */
};

struct view {
    unsigned tensor, start, channels;
};

enum stage_kind {
    STAGE_CONV,      /* dense convolution */
    STAGE_SEPARABLE, /* depthwise convolution, then a pointwise one */
    STAGE_POOL,
    STAGE_MIX,  /* weighted sum of terms */
    STAGE_HEAD, /* mean over the image, linear layer, softmax cross entropy; the last stage, and it alone */
    N_STAGE_KINDS,
};

struct stage {
    enum stage_kind kind;
    struct view in, out;               /* MIX: no in; HEAD: no out */
    unsigned kernel, stride, dilation; /* CONV, SEPARABLE, POOL */
    int padding;                       /* where the first window begins, so far before the image */
    bool has_relu;                     /* on what is read: CONV, SEPARABLE */
    bool is_max;                       /* POOL: the maximum; else the mean over what lies inside */
    size_t
        weights; /* CONV: (kernel, kernel, in, out). SEPARABLE: (kernel, kernel, in). HEAD: (in, classes), bias (classes) */
    size_t pointwise;           /* SEPARABLE: (in, out) */
    size_t first_term, n_terms; /* MIX */
    unsigned step;              /* MIX: divides the channels of out */
};

/* A term that is smaller than out adds nothing beyond its own side, and is not normalised. Channel c of in, times its coefficient, is added to channel start + c * step of the stage's out; step is the stage's. */
struct term {
    struct view in;
    unsigned start;
    size_t coefficient; /* NO_OFFSET: 1 */
};

/* A run of weights that begins alike. */
struct weight_block {
    size_t offset, n;
    double bound;    /* uniform in [-bound, bound), */
    double constant; /* or this, where bound is 0 */
};

struct network {
    unsigned n_classes;
    struct tensor *tensors;
    struct stage *stages;
    struct term *terms;
    struct weight_block *blocks;
    size_t n_tensors, n_stages, n_terms, n_blocks;
    size_t n_weights, n_coefficients, n_statistics;
    size_t n_values, n_gradients; /* of one image; network_plan() */
    size_t tensors_capacity, stages_capacity, terms_capacity, blocks_capacity;
};

/* --- building: in the order of computation --- */

struct network *network_create(unsigned height, unsigned width, unsigned channels, unsigned n_classes);
void network_destroy(struct network *network); /* accepts NULL */

/* All channels of a new tensor. */
struct view network_tensor(struct network *network, unsigned height, unsigned width, unsigned channels);
/* The same, which is normalised; has_affine: with gamma and beta. */
struct view network_normal_tensor(struct network *network, unsigned height, unsigned width, unsigned channels,
                                  bool has_affine);
struct view view_channels(struct view view, unsigned start, unsigned channels); /* some of its channels */

struct window {
    unsigned kernel, stride, dilation;
};

/* Each gives what it made: a normalised tensor. */
struct view network_conv(struct network *network, struct view in, struct window window, unsigned channels,
                         bool has_relu, bool has_affine);
struct view network_separable(struct network *network, struct view in, struct window window, unsigned channels,
                              bool has_affine);
/* Halves the sides (DARTS' FactorizedReduce): two 1x1 convolutions of stride 2, the second one pixel on. channels is even. */
struct view network_reduce(struct network *network, struct view in, unsigned channels, bool has_affine);
/* As it is, or normalised (is_normal). An even kernel begins at the pixel itself. */
struct view network_pool(struct network *network, struct view in, struct window window, bool is_max, bool is_normal,
                         bool has_affine);
void network_mix(struct network *network, struct view out, unsigned step, const struct term *terms, size_t n);
void network_head(struct network *network, struct view in);

/* Lay out values and gradients; nothing may be added after it. */
void network_plan(struct network *network);

/* --- using --- */

static inline const struct tensor *view_tensor(const struct network *network, const struct view *view)
{
    return &network->tensors[view->tensor];
}

/* First weights, a pure function of the seed: as PyTorch's layers begin. (n_weights) */
void network_first_weights(const struct network *network, uint64_t seed, double *weights);

#endif
