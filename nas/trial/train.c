/*
 * hone-nas train: train the network of a genotype from nothing.
 *
 * As Liu et al., DARTS (2019), without its auxiliary head and drop-path.
 */
#include <math.h>

#include "base/status.h"
#include "nas/cell_space.h"
#include "nas/trial/training.h"

enum { GENOTYPE, LAYERS, CHANNELS, EPOCHS, BATCH, RATE, MOMENTUM, DECAY, CLIP, PADDING, CUTOUT };

static const struct setting flags[] = {
    [GENOTYPE] = { "genotype", REQUIRED_TEXT, "the cells: Genotype(normal=[...], ...), of Katib's or DARTS' spelling" },
    [LAYERS] = { "num-layers", INTEGER(8, 1, 256), "cells" },
    [CHANNELS] = { "init-channels", INTEGER(16, 2, 1024), "channels of the first cell" },
    [EPOCHS] = { "num-epochs", INTEGER(20, 1, 1e6), "passes over the images" },
    [BATCH] = { "batch-size", INTEGER(96, 1, 65536), "images a step" },
    [RATE] = { "lr", NUMBER(0.025, 0, INFINITY), "first learning rate" },
    [MOMENTUM] = { "momentum", NUMBER(0.9, 0, 1), "of the weights" },
    [DECAY] = { "weight-decay", NUMBER(3e-4, 0, INFINITY), "of the weights" },
    [CLIP] = { "grad-clip", NUMBER(5, 0, INFINITY), "largest norm of the gradient; 0: any" },
    [PADDING] = { "padding", INTEGER(4, 0, 64), "pixels by which random crops move; 0: no crop, no mirror" },
    [CUTOUT] = { "cutout", INTEGER(0, 0, 1024), "side of the square cut out of training images" },
    { 0 },
};

static int run(const struct setting_value *common, const struct setting_value *own, struct arena *arena)
{
    static const struct derived_options affine = { true, true };
    const struct training_options options = {
        .epochs = (unsigned)own[EPOCHS].number,
        .batch = (unsigned)own[BATCH].number,
        .rate = own[RATE].number,
        .momentum = own[MOMENTUM].number,
        .decay = own[DECAY].number,
        .clip = own[CLIP].number > 0 ? own[CLIP].number : INFINITY,
        .padding = (unsigned)own[PADDING].number,
        .cutout = (unsigned)own[CUTOUT].number,
    };
    struct cell_network shape = { .n_layers = (unsigned)own[LAYERS].number,
                                  .init_channels = (unsigned)own[CHANNELS].number,
                                  .stem_multiplier = 3 };
    struct setup setup;
    struct genotype genotype;
    struct network *network;
    int status;

    (void)arena;
    TRY(genotype_parse(own[GENOTYPE].text, &genotype));
    for (unsigned layer = 0; layer < shape.n_layers; layer++)
        if ((layer_reduces(layer, shape.n_layers) ? &genotype.reduce : &genotype.normal)->concat == 0)
            return fail(ERR_INVALID, "--genotype: %u layers need a %s cell, and it has none", shape.n_layers,
                        layer_reduces(layer, shape.n_layers) ? "reduce" : "normal");
    TRY(setup_open(common, true, &setup));
    shape.height = setup.training->height;
    shape.width = setup.training->width;
    shape.channels = setup.training->channels;
    shape.n_classes = setup.training->n_classes;
    network = derived_create(&shape, &genotype, &affine);
    status = train(network, &setup, &options);
    network_destroy(network);
    setup_release(&setup);
    return status;
}

const struct verb verb_train = {
    .name = "train",
    .summary = "train the network of a genotype; prints its accuracy on the test images",
    .flags = flags,
    .run = run,
};
