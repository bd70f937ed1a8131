/*
 * Seconds of one pass forward and back (weights and coefficients) over the supernet of DARTS' paper: 32x32, 16 channels, 8 cells.
 *
 *     build/tests/bench/nas [BACKEND [BATCH [THREADS [PASSES]]]]
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/memory.h"
#include "base/status.h"
#include "nas/backend.h"
#include "nas/cell_space.h"

void openblas_set_num_threads(int n);

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    const double *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

/* The median of n passes, after one that does not count. */
static int measure(const struct backend *backend, unsigned partial, const struct images *images,
                   const struct backend_options *options, unsigned n, double *median)
{
    static const struct cell_network shape = { 32, 32, 3, 10, 8, 16, 3 };
    const struct cell_space space = { 4, 8, { 0, 1, 2, 3, 4, 5, 6, 7 }, partial };
    struct network *network = supernet_create(&shape, &space);
    double *weights = xcalloc(network->n_weights, sizeof *weights), *seconds = xcalloc(n + 1, sizeof *seconds);
    uint32_t *order = xcalloc(options->batch, sizeof *order);
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT];
    struct augmentation augmentation;
    struct pass pass = { PASS_WEIGHTS, options->batch, 0, order, &augmentation };
    struct pass_result result;
    struct engine *engine = NULL;
    int status;

    images_moments(images, mean, deviation);
    augmentation_init(&augmentation, images, mean, deviation, 1, 0);
    network_first_weights(network, 1, weights);
    for (unsigned i = 0; i < options->batch; i++)
        order[i] = i;
    status = backend->open(network, options, &engine);
    if (status == 0) {
        backend->write(engine, VECTOR_WEIGHTS, weights);
        for (size_t i = 0; i < network->n_coefficients; i++)
            weights[i] = 0.125;
        backend->set_coefficients(engine, weights);
    }
    for (unsigned i = 0; status == 0 && i <= n; i++) {
        const double began = now();

        status = backend->run(engine, &pass, &result);
        seconds[i] = now() - began;
    }
    qsort(seconds + 1, n, sizeof *seconds, compare);
    *median = seconds[1 + n / 2];
    backend->close(engine);
    network_destroy(network);
    free(order);
    free(seconds);
    free(weights);
    return status;
}

int main(int n_arguments, char **arguments)
{
    const struct backend *backend;
    struct images *images;
    struct backend_options options = { .batch = n_arguments > 2 ? (unsigned)atoi(arguments[2]) : 64,
                                       .threads = n_arguments > 3 ? (unsigned)atoi(arguments[3]) : 1 };
    const unsigned n = n_arguments > 4 ? (unsigned)atoi(arguments[4]) : 5;
    double whole, partial;

    openblas_set_num_threads(1);
    if (backend_find(n_arguments > 1 ? arguments[1] : NULL, &backend) < 0 ||
        images_create("noise", options.batch, 32, 32, 3, 10, &images) < 0) {
        fprintf(stderr, "%s\n", fail_message());
        return 1;
    }
    for (size_t i = 0; i < images->n * image_bytes(images); i++)
        images->pixels[i] = (uint8_t)(i * 2654435761U >> 13);
    options.sets[0] = images;
    if (measure(backend, 1, images, &options, n, &whole) < 0 ||
        measure(backend, 4, images, &options, n, &partial) < 0) {
        fprintf(stderr, "%s\n", fail_message());
        return 1;
    }
    printf("{\"backend\": \"%s\", \"batch\": %u, \"threads\": %u, \"darts\": %.4f, \"pc-darts\": %.4f}\n",
           backend->name, options.batch, options.threads, whole, partial);
    images_destroy(images);
    return 0;
}
