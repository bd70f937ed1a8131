/*
 * Memory and the order of stages for backends that run in this process.
 */
#include "nas/host.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "base/status.h"

/* Bytes of one engine. */
#define ENGINE_LIMIT ((size_t)256 << 30)

static size_t engine_bytes(const struct host_kernels *kernels, const struct network *network, unsigned batch,
                           size_t scratch)
{
    return ((network->n_values + network->n_gradients) * batch + network->n_statistics +
            N_VECTORS * network->n_weights) *
               kernels->size +
           scratch;
}

/* The scratch first: it begins as the block does, on a page. */
static void carve(struct engine *engine, char *block, size_t scratch)
{
    const struct network *network = engine->network;
    const size_t size = engine->kernels->size;

    engine->scratch = block;
    block += scratch;
    engine->values = block;
    block += network->n_values * engine->batch * size;
    engine->gradients = block;
    block += network->n_gradients * engine->batch * size;
    engine->statistics = block;
    block += network->n_statistics * size;
    for (size_t i = 0; i < N_VECTORS; i++, block += network->n_weights * size)
        engine->vectors[i] = block;
}

int host_open(const struct host_kernels *kernels, const struct network *network, const struct backend_options *options,
              struct engine **engine)
{
    const unsigned threads = options->threads > 0 ? options->threads : (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
    const size_t scratch = kernels->scratch(network, options->batch, threads);
    const size_t bytes = engine_bytes(kernels, network, options->batch, scratch);
    struct engine *new;
    void *block;

    block = bytes <= ENGINE_LIMIT ? mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
                                  : MAP_FAILED;
    if (block == MAP_FAILED)
        return fail(ERR_LIMIT, "the network needs %zu MiB with batches of %u: make the batch or the network smaller",
                    bytes >> 20, options->batch);
    new = xcalloc(1, sizeof *new);
    new->network = network;
    new->kernels = kernels;
    memcpy(new->sets, options->sets, sizeof new->sets);
    new->batch = options->batch;
    new->threads = threads;
    new->bytes = bytes;
    madvise(block, bytes,
            MADV_HUGEPAGE); /* fewer misses in the tables of pages; does no harm where it is not to be had */
    carve(new, block, scratch);
    new->coefficients = xcalloc(2 * network->n_coefficients + 1, sizeof *new->coefficients);
    new->coefficient_gradient = new->coefficients + network->n_coefficients;
    new->labels = xcalloc(options->batch, sizeof *new->labels);
    *engine = new;
    return 0;
}

void host_close(struct engine *engine)
{
    if (engine == NULL)
        return;
    munmap(engine->scratch, engine->bytes); /* the block */
    free(engine->coefficients);
    free(engine->labels);
    free(engine);
}

void host_write(struct engine *engine, enum vector vector, const double *values)
{
    engine->kernels->write(engine->vectors[vector], values, engine->network->n_weights);
}

void host_read(struct engine *engine, enum vector vector, double *values)
{
    engine->kernels->read(engine->vectors[vector], values, engine->network->n_weights);
}

void host_combine(struct engine *engine, double a, enum vector x, double b, enum vector y)
{
    engine->kernels->combine(a, engine->vectors[x], b, engine->vectors[y], engine->network->n_weights);
}

double host_norm(struct engine *engine, enum vector vector)
{
    return engine->kernels->norm(engine->vectors[vector], engine->network->n_weights);
}

void host_descend(struct engine *engine, const struct descent *descent)
{
    double scale = 1;

    if (isfinite(descent->clip)) {
        const double norm = host_norm(engine, VECTOR_GRADIENT);

        if (norm > descent->clip)
            scale = descent->clip / norm;
    }
    engine->kernels->descend(descent, scale, engine->vectors[VECTOR_GRADIENT], engine->vectors[VECTOR_MOMENTUM],
                             engine->vectors[VECTOR_WEIGHTS], engine->network->n_weights);
}

void host_set_coefficients(struct engine *engine, const double *coefficients)
{
    memcpy(engine->coefficients, coefficients, engine->network->n_coefficients * sizeof *coefficients);
}

void host_coefficient_gradient(struct engine *engine, double *gradient)
{
    memcpy(gradient, engine->coefficient_gradient, engine->network->n_coefficients * sizeof *gradient);
}

/* What a stage writes last: the tensor's statistics are due. NULL: nothing. */
static const struct tensor *completed(const struct network *network, unsigned stage)
{
    const struct view *out = &network->stages[stage].out;
    const struct tensor *tensor = view_tensor(network, out);

    return network->stages[stage].kind != STAGE_HEAD && tensor->is_normal && tensor->last_writer == stage ? tensor
                                                                                                          : NULL;
}

static void forward(struct engine *engine)
{
    const struct network *network = engine->network;

    for (unsigned i = 0; i < network->n_stages; i++) {
        const struct stage *stage = &network->stages[i];
        const struct tensor *tensor = completed(network, i);

        engine->kernels->forward[stage->kind](engine, stage);
        if (tensor != NULL)
            engine->kernels->measure(engine, tensor);
    }
}

/* The gradients that this stage is the first to add to. */
static void clear_gradients(struct engine *engine, const struct view *view, unsigned stage)
{
    const struct tensor *tensor = view_tensor(engine->network, view);
    const size_t n = (size_t)tensor->height * tensor->width * tensor->channels, size = engine->kernels->size;

    if (tensor->is_mixed_once && engine->kernels->writes_mixed_once)
        return;
    if (tensor->last_reader == stage && view->tensor != NETWORK_INPUT)
        memset((char *)engine->gradients + tensor->gradients * engine->batch * size, 0, n * engine->n * size);
}

static void backward(struct engine *engine)
{
    const struct network *network = engine->network;
    const size_t size = engine->kernels->size;

    memset(engine->coefficient_gradient, 0, network->n_coefficients * sizeof *engine->coefficient_gradient);
    if (engine->kind == PASS_WEIGHTS)
        memset(engine->vectors[VECTOR_GRADIENT], 0, network->n_weights * size);
    for (unsigned i = (unsigned)network->n_stages; i-- > 0;) {
        const struct stage *stage = &network->stages[i];
        const struct tensor *tensor = completed(network, i);

        for (size_t k = 0; k < stage->n_terms; k++)
            clear_gradients(engine, &network->terms[stage->first_term + k].in, i);
        if (stage->kind != STAGE_MIX)
            clear_gradients(engine, &stage->in, i);
        if (stage->kind != STAGE_HEAD)
            clear_gradients(engine, &stage->out, i); /* of what nobody reads */
        if (tensor != NULL)
            engine->kernels->denormalize(engine, tensor);
        engine->kernels->backward[stage->kind](engine, stage);
    }
}

int host_run(struct engine *engine, const struct pass *pass, struct pass_result *result)
{
    assert(pass->n >= 1 && pass->n <= engine->batch);
    engine->n = pass->n;
    engine->kind = pass->kind;
    engine->images = engine->sets[pass->set];
    engine->result = (struct pass_result){ 0 };
    for (unsigned i = 0; i < pass->n; i++)
        engine->labels[i] = &engine->images->labels[pass->order[i]];
    engine->kernels->load(engine, pass);
    forward(engine);
    if (pass->kind != PASS_EVALUATE)
        backward(engine);
    *result = engine->result;
    return isfinite(result->loss) ? 0 : fail(ERR_NUMERIC, "the loss is no longer finite: lower the learning rate");
}
