/*
 * Training a network from nothing.
 */
#include "nas/trial/training.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"

enum { SET_TRAINING, SET_TESTING };

struct training {
    const struct training_options *options;
    const struct setup *setup;
    struct engine *engine;
    struct augmentation moving, still;
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT];
    uint32_t *order; /* (the larger set) */
};

static unsigned batch_at(const struct training *training, size_t done, size_t n)
{
    return n - done < training->options->batch ? (unsigned)(n - done) : training->options->batch;
}

static int run(struct training *training, enum pass_kind kind, size_t done, size_t n, struct pass_result *sum)
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
    const struct training_options *options = training->options;
    const struct descent descent = { options->rate * (1 + cos(M_PI * epoch / options->epochs)) / 2, options->momentum,
                                     options->decay, options->clip, false };
    const struct images *images = training->setup->training;

    images_order(images->n, training->setup->seed, epoch, "nas.train.order", training->order);
    augmentation_init(&training->moving, images, training->mean, training->deviation, training->setup->seed, epoch);
    training->moving.padding = (int)options->padding;
    training->moving.is_mirrored = options->padding > 0;
    training->moving.cutout = (int)options->cutout;
    for (size_t done = 0; done < images->n; done += batch_at(training, done, images->n)) {
        TRY(run(training, PASS_WEIGHTS, done, images->n, sum));
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
        TRY(run(training, PASS_EVALUATE, done, images->n, sum));
    return 0;
}

static int train_epochs(struct training *training)
{
    for (unsigned epoch = 0; epoch < training->options->epochs; epoch++) {
        struct pass_result learned = { 0 }, judged = { 0 };

        TRY(learn(training, epoch, &learned));
        TRY(judge(training, &judged));
        printf("epoch %u of %u\n", epoch + 1, training->options->epochs);
        print_result("Training", &learned, training->setup->training->n);
        print_result("Validation", &judged, training->setup->testing->n);
    }
    return 0;
}

static void begin(struct training *training, const struct network *network)
{
    const struct setup *setup = training->setup;
    double *weights = xcalloc(network->n_weights, sizeof *weights);

    network_first_weights(network, setup->seed, weights);
    setup->backend->write(training->engine, VECTOR_WEIGHTS, weights);
    free(weights);
    images_moments(setup->training, training->mean, training->deviation);
    augmentation_init(&training->still, setup->testing, training->mean, training->deviation, setup->seed, 0);
}

int train(const struct network *network, const struct setup *setup, const struct training_options *options)
{
    const size_t largest = setup->training->n > setup->testing->n ? setup->training->n : setup->testing->n;
    struct training training = { .options = options, .setup = setup };
    const struct backend_options engine_options = {
        .batch = options->batch,
        .threads = setup->threads,
        .sets = { [SET_TRAINING] = setup->training, [SET_TESTING] = setup->testing },
    };
    int status;

    printf("%zu weights\n", network->n_weights);
    TRY(setup->backend->open(network, &engine_options, &training.engine));
    training.order = xcalloc(largest, sizeof *training.order);
    begin(&training, network);
    status = train_epochs(&training);
    free(training.order);
    setup->backend->close(training.engine);
    return status;
}
