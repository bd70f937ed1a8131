/*
 * Building networks stage by stage.
 */
#include "nas/network.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"

struct network *network_create(unsigned height, unsigned width, unsigned channels, unsigned n_classes)
{
    struct network *network = xcalloc(1, sizeof *network);

    network->n_classes = n_classes;
    network_tensor(network, height, width, channels);
    return network;
}

void network_destroy(struct network *network)
{
    if (network == NULL)
        return;
    free(network->tensors);
    free(network->stages);
    free(network->terms);
    free(network->blocks);
    free(network);
}

/* Weights that begin uniform in +-bound, or at a constant. Returns where they are. */
static size_t add_weights(struct network *network, size_t n, double bound, double constant)
{
    const size_t offset = network->n_weights;

    network->blocks = grow(network->blocks, network->n_blocks, &network->blocks_capacity, sizeof *network->blocks);
    network->blocks[network->n_blocks++] = (struct weight_block){ offset, n, bound, constant };
    network->n_weights += n;
    return offset;
}

/* PyTorch's default for layers (kaiming_uniform_ with a = sqrt(5)): uniform in +-1 / sqrt(fan in). */
static size_t add_layer(struct network *network, size_t n, size_t fan_in)
{
    return add_weights(network, n, 1 / sqrt((double)fan_in), 0);
}

static struct stage *add_stage(struct network *network, enum stage_kind kind)
{
    struct stage *stage;

    network->stages = grow(network->stages, network->n_stages, &network->stages_capacity, sizeof *network->stages);
    stage = &network->stages[network->n_stages++];
    *stage = (struct stage){ .kind = kind };
    return stage;
}

struct view network_tensor(struct network *network, unsigned height, unsigned width, unsigned channels)
{
    network->tensors = grow(network->tensors, network->n_tensors, &network->tensors_capacity, sizeof *network->tensors);
    network->tensors[network->n_tensors] = (struct tensor){
        .height = height, .width = width, .channels = channels, .affine = NO_OFFSET, .statistics = NO_OFFSET
    };
    return (struct view){ (unsigned)network->n_tensors++, 0, channels };
}

struct view network_normal_tensor(struct network *network, unsigned height, unsigned width, unsigned channels,
                                  bool has_affine)
{
    const struct view view = network_tensor(network, height, width, channels);
    struct tensor *tensor = &network->tensors[view.tensor];

    tensor->is_normal = true;
    tensor->statistics = network->n_statistics;
    network->n_statistics += (size_t)4 * channels;
    if (has_affine) {
        tensor->affine = add_weights(network, channels, 0, 1);
        add_weights(network, channels, 0, 0);
    }
    return view;
}

struct view view_channels(struct view view, unsigned start, unsigned channels)
{
    assert(start + channels <= view.channels);
    return (struct view){ view.tensor, view.start + start, channels };
}

static unsigned shrink(unsigned side, unsigned stride)
{
    return (side + stride - 1) / stride;
}

/* A stage that slides a window over in and writes out. */
static struct stage *slide(struct network *network, enum stage_kind kind, struct view in, struct window window,
                           struct view out)
{
    struct stage *stage = add_stage(network, kind);

    stage->in = in;
    stage->out = out;
    stage->kernel = window.kernel;
    stage->stride = window.stride;
    stage->dilation = window.dilation;
    stage->padding = (int)((window.kernel - 1) / 2 * window.dilation);
    return stage;
}

static struct view output(struct network *network, struct view in, struct window window, unsigned channels,
                          bool is_normal, bool has_affine)
{
    const struct tensor from = *view_tensor(network, &in);
    const unsigned height = shrink(from.height, window.stride), width = shrink(from.width, window.stride);

    return is_normal ? network_normal_tensor(network, height, width, channels, has_affine)
                     : network_tensor(network, height, width, channels);
}

static struct stage *add_conv(struct network *network, struct view in, struct window window, struct view out,
                              bool has_relu)
{
    struct stage *stage = slide(network, STAGE_CONV, in, window, out);
    const size_t fan_in = (size_t)window.kernel * window.kernel * in.channels;

    stage->has_relu = has_relu;
    stage->weights = add_layer(network, fan_in * out.channels, fan_in);
    return stage;
}

struct view network_conv(struct network *network, struct view in, struct window window, unsigned channels,
                         bool has_relu, bool has_affine)
{
    const struct view out = output(network, in, window, channels, true, has_affine);

    add_conv(network, in, window, out, has_relu);
    return out;
}

struct view network_separable(struct network *network, struct view in, struct window window, unsigned channels,
                              bool has_affine)
{
    const struct view out = output(network, in, window, channels, true, has_affine);
    struct stage *stage = slide(network, STAGE_SEPARABLE, in, window, out);
    const size_t area = (size_t)window.kernel * window.kernel;

    stage->has_relu = true;
    stage->weights = add_layer(network, area * in.channels, area);
    stage->pointwise = add_layer(network, (size_t)in.channels * channels, in.channels);
    return out;
}

struct view network_reduce(struct network *network, struct view in, unsigned channels, bool has_affine)
{
    const struct window window = { 1, 2, 1 };
    const struct view out = output(network, in, window, channels, true, has_affine);
    const unsigned half = channels / 2;

    if (half > 0)
        add_conv(network, in, window, view_channels(out, 0, half), true);
    add_conv(network, in, window, view_channels(out, half, channels - half), true)->padding = -1;
    return out;
}

struct view network_pool(struct network *network, struct view in, struct window window, bool is_max, bool is_normal,
                         bool has_affine)
{
    const struct view out = output(network, in, window, in.channels, is_normal, has_affine);

    slide(network, STAGE_POOL, in, window, out)->is_max = is_max;
    return out;
}

void network_mix(struct network *network, struct view out, unsigned step, const struct term *terms, size_t n)
{
    struct stage *stage = add_stage(network, STAGE_MIX);

    assert(out.channels % step == 0);
    for (size_t i = 0; i < n; i++)
        assert(!view_tensor(network, &terms[i].in)->is_normal ||
               (view_tensor(network, &terms[i].in)->height == view_tensor(network, &out)->height &&
                view_tensor(network, &terms[i].in)->width == view_tensor(network, &out)->width));
    stage->out = out;
    stage->step = step;
    stage->first_term = network->n_terms;
    stage->n_terms = n;
    for (size_t i = 0; i < n; i++) {
        network->terms = grow(network->terms, network->n_terms, &network->terms_capacity, sizeof *network->terms);
        network->terms[network->n_terms++] = terms[i];
        if (terms[i].coefficient != NO_OFFSET && terms[i].coefficient >= network->n_coefficients)
            network->n_coefficients = terms[i].coefficient + 1;
    }
}

void network_head(struct network *network, struct view in)
{
    struct stage *stage = add_stage(network, STAGE_HEAD);
    const size_t classes = network->n_classes;

    stage->in = in;
    stage->weights = add_layer(network, in.channels * classes, in.channels);
    add_layer(network, classes, in.channels); /* the bias */
}

void network_first_weights(const struct network *network, uint64_t seed, double *weights)
{
    for (size_t i = 0; i < network->n_blocks; i++) {
        const struct weight_block *block = &network->blocks[i];
        struct rng rng = rng_stream(seed, i, "nas.weights");

        for (size_t k = 0; k < block->n; k++)
            weights[block->offset + k] = block->bound > 0 ? block->bound * (2 * rng_uniform(&rng) - 1)
                                                          : block->constant;
    }
}
