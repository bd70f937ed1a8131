/*
 * Networks on their backends: gradients against finite differences, and what batch normalisation and mixing must be.
 */
#include <math.h>

#include "base/memory.h"
#include "base/rng.h"
#include "nas/backend.h"
#include "nas/cell_space.h"
#include "nas/macro_network.h"
#include "tests/test.h"

enum { BATCH = 3 };

/* Random images, labelled at random. */
static struct images *random_images(size_t n, unsigned side, unsigned channels, unsigned n_classes)
{
    struct rng rng = rng_stream(7, 1, "test.images");
    struct images *images;

    assert_int_equal(images_create("noise", n, side, side, channels, n_classes, &images), 0);
    for (size_t i = 0; i < n; i++)
        images->labels[i] = (uint8_t)rng_below(&rng, n_classes);
    for (size_t i = 0; i < n * image_bytes(images); i++)
        images->pixels[i] = (uint8_t)rng_below(&rng, 256);
    return images;
}

static void add_term(struct term *terms, size_t *n, struct view in, unsigned start, size_t coefficient)
{
    terms[(*n)++] = (struct term){ in, start, coefficient };
}

/* Every stage in every way that networks use it: windows of channels, strides, dilation, shared and single readers. */
static struct network *every_stage(unsigned side)
{
    struct network *network = network_create(side, side, 3, 5);
    const struct view stem = network_conv(network, (struct view){ NETWORK_INPUT, 0, 3 }, (struct window){ 3, 1, 1 }, 8,
                                          false, true);
    const struct view half = view_channels(stem, 2, 4);
    const struct view first = network_separable(network, half, (struct window){ 3, 1, 1 }, 4, true);
    const struct view second = network_separable(network, first, (struct window){ 5, 1, 2 }, 4, false);
    const struct view strided = network_separable(network, half, (struct window){ 5, 2, 1 }, 4, false);
    const struct view maxima = network_pool(network, half, (struct window){ 3, 1, 1 }, true, true, false);
    const struct view means = network_pool(network, half, (struct window){ 3, 2, 1 }, false, true, true);
    const struct view corners = network_pool(network, stem, (struct window){ 2, 2, 1 }, true, false, false);
    const struct view reduced = network_reduce(network, stem, 6, true);
    const struct view wide = network_tensor(network, side, side, 8);
    const struct view narrow = network_tensor(network, (side + 1) / 2, (side + 1) / 2, 8);
    struct term terms[8];
    size_t n = 0;

    add_term(terms, &n, second, 0, 0);
    add_term(terms, &n, maxima, 0, 1);
    add_term(terms, &n, half, 1, 2);
    network_mix(network, wide, 2, terms, n);
    const struct view conv = network_conv(network, view_channels(wide, 1, 6), (struct window){ 3, 2, 1 }, 8, true,
                                          false);
    n = 0;
    add_term(terms, &n, strided, 0, 3);
    add_term(terms, &n, means, 4, 4);
    add_term(terms, &n, corners, 0, NO_OFFSET);
    add_term(terms, &n, reduced, 1, 0);
    add_term(terms, &n, conv, 0, NO_OFFSET);
    network_mix(network, narrow, 1, terms, n);
    network_head(network, view_channels(narrow, 1, 7));
    network_plan(network);
    return network;
}

struct bench {
    const struct backend *backend;
    struct network *network;
    struct images *images;
    struct augmentation augmentation;
    struct engine *engine;
    double *weights, *coefficients;
    uint32_t order[BATCH];
};

static struct bench bench_open(const struct backend *backend, struct network *network, unsigned side)
{
    struct bench bench = { .backend = backend, .network = network, .images = random_images(BATCH, side, 3, 5) };
    const struct backend_options options = { .batch = BATCH, .threads = 2, .sets = { bench.images } };
    struct rng rng = rng_stream(11, 1, "test.weights");
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT];

    images_moments(bench.images, mean, deviation);
    augmentation_init(&bench.augmentation, bench.images, mean, deviation, 3, 0);
    assert_int_equal(backend->open(network, &options, &bench.engine), 0);
    bench.weights = xcalloc(network->n_weights, sizeof(double));
    bench.coefficients = xcalloc(network->n_coefficients, sizeof(double));
    for (size_t i = 0; i < network->n_weights; i++)
        bench.weights[i] = 0.5 * rng_normal(&rng);
    for (size_t i = 0; i < network->n_coefficients; i++)
        bench.coefficients[i] = rng_uniform(&rng);
    for (uint32_t i = 0; i < BATCH; i++)
        bench.order[i] = i;
    backend->write(bench.engine, VECTOR_WEIGHTS, bench.weights);
    backend->set_coefficients(bench.engine, bench.coefficients);
    return bench;
}

static void bench_close(struct bench *bench)
{
    bench->backend->close(bench->engine);
    images_destroy(bench->images);
    network_destroy(bench->network);
    free(bench->weights);
    free(bench->coefficients);
}

static double run(struct bench *bench, enum pass_kind kind)
{
    const struct pass pass = { kind, BATCH, 0, bench->order, &bench->augmentation };
    struct pass_result result;

    assert_int_equal(bench->backend->run(bench->engine, &pass, &result), 0);
    return result.loss;
}

/* The slope of the loss along one number, which is written by set. */
static double slope(struct bench *bench, double *number, bool is_weight)
{
    const double before = *number, h = 1e-5;
    double losses[2];

    for (int i = 0; i < 2; i++) {
        *number = before + (i == 0 ? h : -h);
        if (is_weight)
            bench->backend->write(bench->engine, VECTOR_WEIGHTS, bench->weights);
        else
            bench->backend->set_coefficients(bench->engine, bench->coefficients);
        losses[i] = run(bench, PASS_COEFFICIENTS);
    }
    *number = before;
    bench->backend->write(bench->engine, VECTOR_WEIGHTS, bench->weights);
    bench->backend->set_coefficients(bench->engine, bench->coefficients);
    return (losses[0] - losses[1]) / (2 * h);
}

static void ref__every_stage__has_the_gradient_of_finite_differences(void **state)
{
    (void)state;
    for (unsigned side = 4; side <= 5; side++) {
        struct bench bench = bench_open(&backend_ref, every_stage(side), side);
        double *gradient = xcalloc(bench.network->n_weights, sizeof *gradient), mixed[5];

        run(&bench, PASS_WEIGHTS);
        bench.backend->read(bench.engine, VECTOR_GRADIENT, gradient);
        bench.backend->coefficient_gradient(bench.engine, mixed);
        assert_int_equal(bench.network->n_coefficients, 5);
        for (size_t i = 0; i < bench.network->n_weights; i++)
            assert_true(fabs(slope(&bench, &bench.weights[i], true) - gradient[i]) < 1e-6 * (1e-2 + fabs(gradient[i])));
        for (size_t i = 0; i < 5; i++)
            assert_true(fabs(slope(&bench, &bench.coefficients[i], false) - mixed[i]) < 1e-6 * (1e-2 + fabs(mixed[i])));
        free(gradient);
        bench_close(&bench);
    }
}

static const struct cell_space all_operations = { 2,
                                                  8,
                                                  { OP_NONE, OP_MAX_POOL_3X3, OP_AVG_POOL_3X3, OP_SKIP_CONNECT,
                                                    OP_SEP_CONV_3X3, OP_SEP_CONV_5X5, OP_DIL_CONV_3X3, OP_CONV_3X3 },
                                                  1 };

static struct network *small_supernet(unsigned side, unsigned channels, unsigned partial)
{
    const struct cell_network shape = { side, side, 3, 5, 3, channels, 2 };
    struct cell_space space = all_operations;

    space.partial = partial;
    return supernet_create(&shape, &space);
}

/* Layers of several sizes, put side by side. */
static struct network *small_macro(void)
{
    const struct layer layers[] = { { LAYER_CONV, 3, 1, 8, 1 },
                                    { LAYER_SEPARABLE, 3, 2, 6, 2 },
                                    { LAYER_MAX_POOL, 2, 0, 0, 0 },
                                    { LAYER_SEPARABLE, 5, 1, 0, 1 },
                                    { LAYER_AVG_POOL, 3, 0, 0, 0 } };
    const struct macro macro = { 5, { 0, 1, 2, 3, 4 }, { 0, 0, 1, 3, 5 } };
    struct network *network;

    assert_int_equal(macro_network_create(9, 9, 3, 5, &macro, layers, &network), 0);
    return network;
}

static double difference(const double *got, const double *want, size_t n)
{
    double square = 0, size = 0;

    for (size_t i = 0; i < n; i++) {
        square += (got[i] - want[i]) * (got[i] - want[i]);
        size += want[i] * want[i];
    }
    return sqrt(square / size);
}

/* What a pass for the weights gives: their gradient, then the coefficients'. */
static double *gradients(struct bench *bench, double *loss)
{
    const size_t n = bench->network->n_weights;
    double *all = xcalloc(n + bench->network->n_coefficients, sizeof *all);

    *loss = run(bench, PASS_WEIGHTS);
    bench->backend->read(bench->engine, VECTOR_GRADIENT, all);
    bench->backend->coefficient_gradient(bench->engine, all + n);
    return all;
}

static void assert_like_ref(const struct backend *backend, struct network *networks[2], unsigned side)
{
    struct bench benches[2] = { bench_open(&backend_ref, networks[0], side), bench_open(backend, networks[1], side) };
    const size_t n = networks[0]->n_weights;
    double *want, *got, losses[2];

    for (int kind = 0; kind < 2; kind++) { /* twice: what a pass leaves behind must not matter to the next */
        want = gradients(&benches[0], &losses[0]);
        got = gradients(&benches[1], &losses[1]);
        assert_close(losses[1], losses[0], 1e-5);
        assert_true(difference(got, want, n) < 1e-4);
        if (networks[0]->n_coefficients > 0)
            assert_true(difference(got + n, want + n, networks[0]->n_coefficients) < 1e-4);
        free(want);
        free(got);
    }
    assert_close(run(&benches[1], PASS_EVALUATE), run(&benches[0], PASS_EVALUATE), 1e-4);
    bench_close(&benches[0]);
    bench_close(&benches[1]);
}

static void backends__all_but_ref__compute_what_ref_computes(void **state)
{
    static const unsigned channels[] = { 4, 8, 12, 16, 20, 32 };

    (void)state;
    for (size_t i = 0; backends[i] != NULL; i++) {
        if (backends[i] == &backend_ref)
            continue;
        for (unsigned side = 4; side <= 9; side += 5)
            assert_like_ref(backends[i], (struct network *[]){ every_stage(side), every_stage(side) }, side);
        assert_like_ref(backends[i], (struct network *[]){ small_macro(), small_macro() }, 9);
        for (size_t k = 0; k < sizeof channels / sizeof *channels; k++)
            for (unsigned partial = 1; partial <= 4; partial *= 2)
                assert_like_ref(backends[i],
                                (struct network *[]){ small_supernet(6, channels[k], partial),
                                                      small_supernet(6, channels[k], partial) },
                                6);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(backends__all_but_ref__compute_what_ref_computes),
        cmocka_unit_test(ref__every_stage__has_the_gradient_of_finite_differences),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
