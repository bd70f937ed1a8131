/*
 * hone-nas train: train the network of a genotype from nothing.
 *
 * Liu et al., DARTS (2019): descent with momentum 0.9 and a cosine from the rate to 0, crops, mirrors, cutout; without its auxiliary
 * head and drop-path.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "nas/cell_space.h"
#include "nas/trial/trial.h"

enum { GENOTYPE, LAYERS, CHANNELS, EPOCHS, BATCH, RATE, MOMENTUM, DECAY, CLIP, PADDING, CUTOUT };

static const struct setting flags[] = {
    [GENOTYPE] = { "genotype", REQUIRED_TEXT, "the cells: Genotype(normal=[...], ...), of Katib's or DARTS' spelling" },
    [LAYERS] = { "num-layers", INTEGER(8, 1, 256), "cells" },
    [CHANNELS] = { "init-channels", INTEGER(16, 1, 1024), "channels of the first cell" },
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

struct training {
    const struct setting_value *flags;
    const struct setup *setup;
    struct engine *engine;
    struct augmentation moving, still;
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT];
    uint32_t *order; /* (the larger set) */
    double *weights;
    size_t n_weights;
};

static unsigned batch_at(const struct training *training, size_t done, size_t n)
{
    const size_t batch = (size_t)training->flags[BATCH].number;

    return (unsigned)(n - done < batch ? n - done : batch);
}

enum { SET_TRAINING, SET_TESTING };

static int pass(struct training *training, enum pass_kind kind, size_t done, size_t n, struct pass_result *sum)
{
    const unsigned count = batch_at(training, done, n);
    const bool is_test = kind == PASS_EVALUATE;
    const struct pass pass = { kind, count, is_test ? SET_TESTING : SET_TRAINING, training->order + done,
                               is_test ? &training->still : &training->moving };
    struct pass_result result;

    TRY(training->setup->backend->run(training->engine, &pass, &result));
    sum->loss += result.loss * count / (double)n;
    sum->n_correct += result.n_correct;
    return 0;
}

static int learn(struct training *training, unsigned epoch, struct pass_result *sum)
{
    const struct setting_value *given = training->flags;
    const double clip = given[CLIP].number;
    const struct descent descent = { given[RATE].number * (1 + cos(M_PI * epoch / given[EPOCHS].number)) / 2,
                                     given[MOMENTUM].number, given[DECAY].number, clip > 0 ? clip : INFINITY, false };
    const struct images *images = training->setup->training;

    images_order(images->n, training->setup->seed, epoch, "nas.train.order", training->order);
    augmentation_init(&training->moving, images, training->mean, training->deviation, training->setup->seed, epoch);
    training->moving.padding = (int)given[PADDING].number;
    training->moving.is_mirrored = training->moving.padding > 0;
    training->moving.cutout = (int)given[CUTOUT].number;
    for (size_t done = 0; done < images->n; done += batch_at(training, done, images->n)) {
        TRY(pass(training, PASS_WEIGHTS, done, images->n, sum));
        training->setup->backend->descend(training->engine, &descent);
    }
    return 0;
}

static int judge(struct training *training, struct pass_result *sum)
{
    const struct images *images = training->setup->testing;

    for (size_t i = 0; i < images->n; i++)
        training->order[i] = (uint32_t)i;
    for (size_t done = 0; done < images->n; done += batch_at(training, done, images->n))
        TRY(pass(training, PASS_EVALUATE, done, images->n, sum));
    return 0;
}

static int train(struct training *training)
{
    double best = 0;

    for (unsigned epoch = 0; epoch < (unsigned)training->flags[EPOCHS].number; epoch++) {
        struct pass_result learned = { 0 }, judged = { 0 };

        TRY(learn(training, epoch, &learned));
        TRY(judge(training, &judged));
        printf("epoch %u of %u\n", epoch + 1, (unsigned)training->flags[EPOCHS].number);
        print_result("Training", &learned, training->setup->training->n);
        print_result("Validation", &judged, training->setup->testing->n);
        best = fmax(best, (double)judged.n_correct / (double)training->setup->testing->n);
    }
    print_metric("Best-Validation-Accuracy", best);
    return 0;
}

static int begin(struct training *training, const struct network *network)
{
    const struct setup *setup = training->setup;
    const struct backend_options options = {
        .batch = (unsigned)training->flags[BATCH].number,
        .threads = setup->threads,
        .sets = { [SET_TRAINING] = setup->training, [SET_TESTING] = setup->testing },
    };

    TRY(setup->backend->open(network, &options, &training->engine));
    network_first_weights(network, setup->seed, training->weights);
    setup->backend->write(training->engine, VECTOR_WEIGHTS, training->weights);
    images_moments(setup->training, training->mean, training->deviation);
    augmentation_init(&training->still, setup->testing, training->mean, training->deviation, setup->seed, 0);
    return 0;
}

static int run(const struct setting_value *common, const struct setting_value *own, struct arena *arena)
{
    static const struct derived_options affine = { true, true };
    struct training training = { .flags = own };
    struct setup setup;
    struct genotype genotype;
    struct network *network;
    int status;

    TRY(genotype_parse(own[GENOTYPE].text, &genotype));
    TRY(setup_open(common, true, &setup));
    const struct cell_network shape = { setup.training->height,
                                        setup.training->width,
                                        setup.training->channels,
                                        setup.training->n_classes,
                                        (unsigned)own[LAYERS].number,
                                        (unsigned)own[CHANNELS].number,
                                        3 };

    training.setup = &setup;
    network = derived_create(&shape, &genotype, &affine);
    training.weights = arena_array(arena, network->n_weights, sizeof *training.weights);
    training.order = arena_array(arena, setup.training->n + setup.testing->n, sizeof *training.order);
    printf("%zu weights\n", network->n_weights);
    status = begin(&training, network);
    if (status == 0)
        status = train(&training);
    setup.backend->close(training.engine);
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
