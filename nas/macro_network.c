/*
 * Networks of macro architectures.
 */
#include "nas/macro_network.h"

#include "base/status.h"

struct chain {
    struct network *network;
    struct view images, outputs[MACRO_LAYERS_LIMIT];
};

/* The views side by side, as large as the largest. */
static int join(struct network *network, const struct view *views, size_t n, struct view *joined)
{
    struct term terms[MACRO_LAYERS_LIMIT + 1];
    unsigned height = 0, width = 0, channels = 0;

    *joined = views[0];
    if (n == 1)
        return 0;
    for (size_t i = 0; i < n; i++) {
        const struct tensor *tensor = view_tensor(network, &views[i]);

        terms[i] = (struct term){ views[i], channels, NO_OFFSET };
        height = tensor->height > height ? tensor->height : height;
        width = tensor->width > width ? tensor->width : width;
        channels += views[i].channels;
        if (channels > NETWORK_CHANNELS_LIMIT)
            return fail(ERR_LIMIT, "architecture: a layer reads more than %d channels", NETWORK_CHANNELS_LIMIT);
    }
    *joined = network_tensor(network, height, width, channels);
    network_mix(network, *joined, 1, terms, n);
    return 0;
}

/* The same channels, several times over: what a depthwise convolution of that depth reads. */
static int repeat(struct network *network, struct view view, unsigned times, struct view *repeated)
{
    struct view views[MACRO_LAYERS_LIMIT + 1];

    if (times > MACRO_LAYERS_LIMIT)
        return fail(ERR_LIMIT, "depth_multiplier: at most %d, got %u", MACRO_LAYERS_LIMIT, times);
    for (unsigned i = 0; i < times; i++)
        views[i] = view;
    return join(network, views, times, repeated);
}

static int apply(struct network *network, const struct layer *layer, struct view in, struct view *out)
{
    const struct tensor *tensor = view_tensor(network, &in);
    const bool has_relu = in.tensor != NETWORK_INPUT, is_flat = tensor->height == 1 || tensor->width == 1;
    const struct window window = { layer->kernel, layer->stride, 1 };
    struct window pool = { layer->kernel, layer->kernel, 1 };

    switch (layer->kind) {
    case LAYER_CONV:
        *out = network_conv(network, in, window, layer->channels, has_relu, true);
        return 0;
    case LAYER_SEPARABLE:
        TRY(repeat(network, in, layer->depth, &in));
        *out = network_separable(network, in, window, layer->channels > 0 ? layer->channels : in.channels, true);
        return 0;
    case LAYER_MAX_POOL:
    case LAYER_AVG_POOL:
        if (is_flat)
            pool = (struct window){ 1, 1, 1 };
        *out = network_pool(network, in, pool, layer->kind == LAYER_MAX_POOL, true, true);
        return 0;
    }
    return 0;
}

static int add_layer(struct chain *chain, const struct macro *macro, const struct layer *layer, unsigned number)
{
    struct view views[MACRO_LAYERS_LIMIT + 1], in, made;
    const struct tensor *tensor;
    size_t n = 0;

    views[n++] = number > 0 ? chain->outputs[number - 1] : chain->images;
    for (unsigned k = 0; k < number; k++)
        if (macro->skips[number] >> k & 1)
            views[n++] = chain->outputs[k];
    TRY(join(chain->network, views, n, &in));
    TRY(apply(chain->network, layer, in, &made));
    tensor = view_tensor(chain->network, &made);
    chain->outputs[number] = network_tensor(chain->network, tensor->height, tensor->width, tensor->channels);
    network_mix(chain->network, chain->outputs[number], 1, &(struct term){ made, 0, NO_OFFSET }, 1);
    return 0;
}

int macro_network_create(unsigned height, unsigned width, unsigned channels, unsigned n_classes,
                         const struct macro *macro, const struct layer *layers, struct network **network)
{
    struct chain chain = { .network = network_create(height, width, channels, n_classes),
                           .images = { NETWORK_INPUT, 0, channels } };

    for (unsigned i = 0; i < macro->n_layers; i++) {
        const int status = add_layer(&chain, macro, &layers[i], i);

        if (status < 0) {
            network_destroy(chain.network);
            return status;
        }
    }
    network_head(chain.network, chain.outputs[macro->n_layers - 1]);
    network_plan(chain.network);
    *network = chain.network;
    return 0;
}
