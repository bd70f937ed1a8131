/*
 * The supernets of DARTS and PC-DARTS against PyTorch: loss, gradients of alphas and edges, norms of the weights' gradients.
 */
#include "base/file.h"
#include "base/memory.h"
#include "base/text.h"
#include "nas/backend.h"
#include "nas/relaxation.h"
#include "tests/test.h"

enum { BATCH = 4, SIDE = 8, CHANNELS = 8, LAYERS = 3, N_EDGES = 28, N_ALPHAS = N_EDGES * 8 };

static const char golden[] = "tests/nas/golden/supernet.txt"; /* make_supernet.py beside it */

struct parity {
    struct images *images;
    struct network *network;
    struct mixture *mixture;
    struct augmentation augmentation;
    double alphas[N_ALPHAS + N_EDGES], coefficients[N_EDGES * 9];
    double *weights;
    const char *at; /* in the file */
};

static double next(struct parity *parity)
{
    char *end;
    const double value = strtod(parity->at, &end);

    assert_true(end != parity->at);
    parity->at = end;
    return value;
}

/* The formulas of make_supernet.py. */
static void parity_init(struct parity *parity, struct cell_space *space, const struct relaxation *relaxation)
{
    static const struct cell_network shape = { SIDE, SIDE, 3, 10, LAYERS, CHANNELS, 3 };
    const double mean[IMAGE_CHANNELS_LIMIT] = { 0.5, 0.5, 0.5 }, deviation[IMAGE_CHANNELS_LIMIT] = { 0.25, 0.25, 0.25 };

    space->partial = (unsigned)next(parity);
    assert_int_equal(images_create("formula", BATCH, SIDE, SIDE, 3, 10, &parity->images), 0);
    for (size_t i = 0; i < BATCH * image_bytes(parity->images); i++)
        parity->images->pixels[i] = (uint8_t)((i * 37 + 11) % 251);
    for (uint8_t i = 0; i < BATCH; i++)
        parity->images->labels[i] = i;
    augmentation_init(&parity->augmentation, parity->images, mean, deviation, 1, 0);
    parity->network = supernet_create(&shape, space);
    parity->mixture = mixture_create(relaxation, space);
    parity->weights = xcalloc(parity->network->n_weights, sizeof(double));
    for (size_t i = 0; i < parity->network->n_weights; i++)
        parity->weights[i] = 0.3 * sin(0.7 * (double)i + 0.3);
    for (size_t i = 0; i < N_ALPHAS; i++)
        parity->alphas[i] = 0.5 * sin(1.3 * (double)i);
    for (size_t i = 0; i < N_EDGES; i++)
        parity->alphas[N_ALPHAS + i] = 0.5 * cos(1.1 * (double)i);
    mixture_relax(parity->mixture, parity->alphas, 1, NULL, parity->coefficients);
}

static void parity_release(struct parity *parity)
{
    images_destroy(parity->images);
    mixture_destroy(parity->mixture);
    network_destroy(parity->network);
    free(parity->weights);
}

static void assert_like(double got, double want, double scale, double tolerance)
{
    if (fabs(got - want) > tolerance * scale)
        fail_msg("got %.12g, PyTorch has %.12g", got, want);
}

/* Alphas' and edges' gradients, then the norms, read from the file. */
static void compare_gradients(struct parity *parity, const struct backend *backend, struct engine *engine,
                              double tolerance)
{
    double slopes[N_EDGES * 9], gradient[N_ALPHAS + N_EDGES] = { 0 };
    double *weights = xcalloc(parity->network->n_weights, sizeof *weights);

    backend->coefficient_gradient(engine, slopes);
    mixture_back(parity->mixture, parity->alphas, 1, slopes, gradient);
    for (size_t i = 0; i < N_ALPHAS + N_EDGES; i++)
        assert_like(gradient[i], next(parity), 10, tolerance);
    backend->read(engine, VECTOR_GRADIENT, weights);
    for (size_t i = 0; i < parity->network->n_blocks; i++) {
        const struct weight_block *block = &parity->network->blocks[i];
        const double want = next(parity);
        double sum = 0;

        for (size_t k = block->offset; k < block->offset + block->n; k++)
            sum += weights[k] * weights[k];
        assert_like(sqrt(sum), want, fmax(want, 1), tolerance);
    }
    free(weights);
}

static void compare(struct parity *parity, const struct backend *backend, double tolerance)
{
    const uint32_t order[BATCH] = { 0, 1, 2, 3 };
    const struct backend_options options = { .batch = BATCH, .threads = 2, .sets = { parity->images } };
    const struct pass pass = { PASS_WEIGHTS, BATCH, 0, order, &parity->augmentation };
    struct pass_result result;
    struct engine *engine;
    double want;

    assert_int_equal(backend->open(parity->network, &options, &engine), 0);
    backend->write(engine, VECTOR_WEIGHTS, parity->weights);
    backend->set_coefficients(engine, parity->coefficients);
    assert_int_equal(backend->run(engine, &pass, &result), 0);
    want = next(parity);
    assert_like(result.loss, want, want, tolerance);
    compare_gradients(parity, backend, engine, tolerance);
    backend->close(engine);
}

static void supernets__of_both_kinds__compute_what_pytorch_computes(void **state)
{
    const struct relaxation *const relaxation[] = { &relaxation_darts, &relaxation_pc_darts };
    struct parity parity = { 0 };
    struct text text = { 0 };

    (void)state;
    assert_int_equal(file_read(golden, 1 << 20, &text), 0);
    parity.at = text_string(&text);
    for (int kind = 0; kind < 2; kind++) {
        struct cell_space space = { 4,
                                    8,
                                    { OP_NONE, OP_MAX_POOL_3X3, OP_AVG_POOL_3X3, OP_SKIP_CONNECT, OP_SEP_CONV_3X3,
                                      OP_SEP_CONV_5X5, OP_DIL_CONV_3X3, OP_DIL_CONV_5X5 },
                                    1 };
        const char *before;

        parity_init(&parity, &space, relaxation[kind]);
        before = parity.at;
        compare(&parity, &backend_ref, 1e-9);
        parity.at = before;
        compare(&parity, &backend_cpu, 1e-4);
        parity_release(&parity);
    }
    text_release(&text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supernets__of_both_kinds__compute_what_pytorch_computes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
