/*
 * What supernets and derived networks of cells have in common: operations, stem, preprocessing, head.
 *
 * Source: quark0/darts, cnn/operations.py, model_search.py, model.py.
 */
#include <assert.h>

#include "nas/cell_space.h"

bool layer_reduces(unsigned layer, unsigned n_layers)
{
    if (n_layers < 3)
        return n_layers == 2 && layer == 1;
    return layer == n_layers / 3 || layer == 2 * n_layers / 3;
}

struct view operation_build(struct network *network, enum operation operation, struct view in, unsigned stride,
                            bool has_affine)
{
    const struct operation_row *row = &operation_rows[operation];
    const unsigned kernel = (unsigned)row->kernel;
    struct window window = { kernel, stride, 1 };

    switch (row->kind) {
    case OPERATION_MAX_POOL:
    case OPERATION_AVG_POOL:
        return network_pool(network, in, window, row->kind == OPERATION_MAX_POOL, true, has_affine);
    case OPERATION_SEP_CONV:
        in = network_separable(network, in, window, in.channels, has_affine);
        window.stride = 1;
        return network_separable(network, in, window, in.channels, has_affine);
    case OPERATION_DIL_CONV:
        window.dilation = 2;
        return network_separable(network, in, window, in.channels, has_affine);
    case OPERATION_CONV:
        return network_conv(network, in, window, in.channels, true, has_affine);
    case OPERATION_SKIP:
        assert(stride == 2);
        return network_reduce(network, in, in.channels, has_affine);
    case OPERATION_NONE:
        break;
    }
    assert(!"none makes nothing");
    return in;
}

struct trunk trunk_begin(const struct cell_network *shape)
{
    struct trunk trunk = { .network = network_create(shape->height, shape->width, shape->channels, shape->n_classes),
                           .channels = shape->init_channels };
    const struct view images = { NETWORK_INPUT, 0, shape->channels };

    trunk.last = network_conv(trunk.network, images, (struct window){ 3, 1, 1 },
                              shape->stem_multiplier * shape->init_channels, false, true);
    trunk.before = trunk.last;
    return trunk;
}

void trunk_preprocess(struct trunk *trunk, bool reduces, bool has_affine, struct view inputs[2])
{
    const struct window point = { 1, 1, 1 };

    if (reduces)
        trunk->channels *= 2;
    if (trunk->has_reduced)
        inputs[0] = network_reduce(trunk->network, trunk->before, trunk->channels, has_affine);
    else
        inputs[0] = network_conv(trunk->network, trunk->before, point, trunk->channels, true, has_affine);
    inputs[1] = network_conv(trunk->network, trunk->last, point, trunk->channels, true, has_affine);
}

void trunk_add(struct trunk *trunk, struct view output, bool reduces)
{
    trunk->before = trunk->last;
    trunk->last = output;
    trunk->has_reduced = reduces;
}

struct network *trunk_end(struct trunk *trunk)
{
    network_head(trunk->network, trunk->last);
    network_plan(trunk->network);
    return trunk->network;
}
