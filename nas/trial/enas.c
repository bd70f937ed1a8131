/*
 * hone-nas enas: train one macro architecture, with the flags of Katib's enas trial (RunTrial.py).
 */
#include <math.h>
#include <string.h>

#include "base/node.h"
#include "base/number.h"
#include "base/status.h"
#include "base/text.h"
#include "nas/choices.h"
#include "nas/macro_network.h"
#include "nas/trial/training.h"

enum { ARCHITECTURE, CONFIG, EPOCHS, GPUS, BATCH, RATE };

static const struct setting flags[] = {
    [ARCHITECTURE] = { "architecture", REQUIRED_TEXT,
                       "[[27], [29, 0], ...], as an Experiment of method enas gives it" },
    [CONFIG] = { "nn_config", REQUIRED_TEXT, "{'num_layers': ..., 'embedding': {...}}, likewise" },
    [EPOCHS] = { "num_epochs", INTEGER(10, 1, 1e6), "passes over the images" },
    [GPUS] = { "num_gpus", INTEGER(0, 0, 0), "none: the backend computes on the CPU" },
    [BATCH] = { "batch_size", INTEGER(128, 1, 65536), "images a step" },
    [RATE] = { "lr", NUMBER(0.05, 0, INFINITY), "first learning rate" },
    { 0 },
};

/* --- layers --- */

enum { SIDE_LIMIT = 64 };

/* A parameter of an operation; absent: the fallback. */
static int read_size(const struct node *parameters, const char *name, unsigned fallback, unsigned max, unsigned *size)
{
    const struct node *node = node_get(parameters, name);
    int64_t value = fallback;

    if (node != NULL && (!node_to_integer(node, &value) || value < 1 || value > max))
        return fail(ERR_INVALID, "%s: expected an integer of 1 to %u", name, max);
    *size = (unsigned)value;
    return 0;
}

struct layer_row {
    const char *type; /* operationType */
    enum layer_kind kind;
    bool has_filters; /* num_filter; else the channels stay */
};

static const struct layer_row layer_rows[] = {
    { "convolution", LAYER_CONV, true },
    { "separable_convolution", LAYER_SEPARABLE, true },
    { "depthwise_convolution", LAYER_SEPARABLE, false },
    { "reduction", LAYER_MAX_POOL, false },
};

static int read_pool(const struct node *parameters, struct arena *arena, struct layer *layer)
{
    const char *type = node_to_text(arena, node_get(parameters, "reduction_type"));

    if (text_equal(type, "avg_pooling"))
        layer->kind = LAYER_AVG_POOL;
    else if (type != NULL && !text_equal(type, "max_pooling"))
        return fail(ERR_INVALID, "reduction_type: expected max_pooling or avg_pooling, got %s", type);
    return read_size(parameters, "pool_size", 2, SIDE_LIMIT, &layer->kernel);
}

static int read_layer(const struct node *embedding, struct arena *arena, struct layer *layer)
{
    const char *type = node_to_text(arena, node_get(embedding, "opt_type"));
    const struct node *parameters = node_get(embedding, "opt_params");

    for (size_t i = 0; i < sizeof layer_rows / sizeof *layer_rows; i++) {
        if (!text_equal(layer_rows[i].type, type))
            continue;
        *layer = (struct layer){ .kind = layer_rows[i].kind };
        if (layer->kind == LAYER_MAX_POOL)
            return read_pool(parameters, arena, layer);
        if (layer_rows[i].has_filters)
            TRY(read_size(parameters, "num_filter", 64, NETWORK_CHANNELS_LIMIT, &layer->channels));
        TRY(read_size(parameters, "stride", 1, 2, &layer->stride));
        TRY(read_size(parameters, "depth_multiplier", 1, SIDE_LIMIT, &layer->depth));
        TRY(read_size(parameters, "filter_size", 3, 7, &layer->kernel));
        return layer->kernel % 2 == 1 ? 0
                                      : fail(ERR_INVALID, "filter_size: expected an odd one, got %u", layer->kernel);
    }
    return fail(ERR_INVALID,
                "opt_type: expected convolution, separable_convolution, depthwise_convolution or reduction, got %s",
                type != NULL ? type : "nothing");
}

static int read_layers(const struct node *config, const struct macro *macro, struct arena *arena, struct layer *layers)
{
    for (unsigned i = 0; i < macro->n_layers; i++) {
        const char *id = arena_printf(arena, "%u", macro->operations[i]);
        const struct node *embedding = node_get(node_get(config, "embedding"), id);

        if (embedding == NULL)
            return fail(ERR_INVALID,
                        "--nn_config: embedding has no operation %s, which layer %u of the architecture does", id,
                        i + 1);
        if (read_layer(embedding, arena, &layers[i]) < 0)
            return fail(ERR_INVALID, "--nn_config: embedding %s: %s", id, arena_strdup(arena, fail_message()));
    }
    return 0;
}

/* --- sizes --- */

struct sizes {
    unsigned height, width, channels, n_classes;
};

static int read_sizes(const struct node *config, struct sizes *sizes)
{
    const struct node *in = node_get(config, "input_sizes"), *out = node_get(config, "output_sizes");
    unsigned *const places[] = { &sizes->height, &sizes->width, &sizes->channels };
    int64_t value;

    if (in == NULL || in->kind != NODE_LIST || in->length != 3 || out == NULL || out->kind != NODE_LIST ||
        out->length != 1)
        return fail(
            ERR_INVALID,
            "--nn_config: expected input_sizes of three numbers, height, width, channels, and output_sizes of one");
    for (size_t i = 0; i < 3; i++) {
        const int64_t limit = i < 2 ? IMAGE_SIDE_LIMIT : IMAGE_CHANNELS_LIMIT;

        if (!node_to_integer(in->items[i], &value) || value < 1 || value > limit)
            return fail(ERR_INVALID, "--nn_config: input_sizes: expected 1 to %lld", (long long)limit);
        *places[i] = (unsigned)value;
    }
    if (!node_to_integer(out->items[0], &value) || value < 2 || value > IMAGE_CLASSES_LIMIT)
        return fail(ERR_INVALID, "--nn_config: output_sizes: expected 2 to %d classes", IMAGE_CLASSES_LIMIT);
    sizes->n_classes = (unsigned)value;
    return 0;
}

/* The images at the wanted size, in the place of their own. */
static int fit(struct images **images, const struct sizes *sizes)
{
    struct images *fitted;

    if ((*images)->n_classes > sizes->n_classes)
        return fail(ERR_INVALID, "--nn_config: output_sizes: the images are of %u classes, got %u",
                    (*images)->n_classes, sizes->n_classes);
    TRY(images_fit(*images, sizes->height, sizes->width, sizes->channels, &fitted));
    images_destroy(*images);
    *images = fitted;
    return 0;
}

/* --- the trial --- */

static int run(const struct setting_value *common, const struct setting_value *own, struct arena *arena)
{
    const struct training_options options = {
        .epochs = (unsigned)own[EPOCHS].number,
        .batch = (unsigned)own[BATCH].number,
        .rate = own[RATE].number,
        .momentum = 0.9,
        .decay = 1e-4,
        .clip = 5,
        .padding = 0,
    };
    struct layer layers[MACRO_LAYERS_LIMIT];
    struct network *network = NULL;
    struct sizes sizes = { 0 };
    struct macro macro;
    struct setup setup;
    struct node *config;
    int status;

    TRY(macro_parse(own[ARCHITECTURE].text, NAS_CHOICES_LIMIT, &macro));
    TRY(read_words("--nn_config", own[CONFIG].text, arena, &config));
    TRY(read_sizes(config, &sizes));
    TRY(read_layers(config, &macro, arena, layers));
    TRY(macro_network_create(sizes.height, sizes.width, sizes.channels, sizes.n_classes, &macro, layers, &network));
    status = setup_open(common, true, &setup);
    if (status == 0)
        status = fit(&setup.training, &sizes);
    if (status == 0)
        status = fit(&setup.testing, &sizes);
    if (status == 0)
        status = train(network, &setup, &options);
    network_destroy(network);
    setup_release(&setup);
    return status;
}

const struct verb verb_enas = {
    .name = "enas",
    .summary = "train a macro architecture; prints its accuracy on the test images",
    .flags = flags,
    .run = run,
};
