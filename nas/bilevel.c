/*
 * The bilevel search, over any backend.
 */
#include "nas/bilevel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/status.h"

struct bilevel {
    const struct bilevel_options *options;
    const struct cell_space *space;
    const struct backend *backend;
    const struct images *images;
    struct network *network;
    struct engine *engine;
    struct mixture *mixture;
    double mean[IMAGE_CHANNELS_LIMIT], deviation[IMAGE_CHANNELS_LIMIT]; /* of the images */
    struct augmentation moving, still;
    bool has_type[N_CELL_TYPES];
    unsigned epoch;
    uint64_t n_draws, n_steps; /* of the mixture; of the alphas' Adam */
    double rate, temperature;
    size_t n_alphas, n_half;                    /* images of each half */
    double *alphas, *gradient, *first, *second; /* (n_alphas): Adam's moments */
    double *coefficients, *slopes;              /* (coefficients of the space) */
    uint32_t *halves[2];                        /* (n_half): the weights', the alphas' */
    uint32_t *orders[2], *permutation;
    struct genotype genotype;
};

/* --- beginning and end --- */

static void split(struct bilevel *bilevel)
{
    images_order(bilevel->images->n, bilevel->options->seed, 0, "nas.split", bilevel->permutation);
    memcpy(bilevel->halves[0], bilevel->permutation, bilevel->n_half * sizeof(uint32_t));
    memcpy(bilevel->halves[1], bilevel->permutation + bilevel->n_half, bilevel->n_half * sizeof(uint32_t));
}

static void begin_alphas(struct bilevel *bilevel)
{
    struct rng rng = rng_stream(bilevel->options->seed, 0, "nas.alphas");
    const size_t n = (size_t)N_CELL_TYPES * cell_edges(bilevel->space) * bilevel->space->n_operations;

    for (size_t i = 0; i < n; i++) /* the weights of edges begin equal */
        bilevel->alphas[i] = 1e-3 * rng_normal(&rng);
}

static void begin_weights(struct bilevel *bilevel)
{
    double *weights = xcalloc(bilevel->network->n_weights, sizeof *weights);

    network_first_weights(bilevel->network, bilevel->options->seed, weights);
    bilevel->backend->write(bilevel->engine, VECTOR_WEIGHTS, weights);
    free(weights);
}

static void carve(struct bilevel *bilevel)
{
    const size_t n = bilevel->n_alphas, n_coefficients = space_coefficients(bilevel->space);
    double *block = xcalloc(4 * n + 2 * n_coefficients, sizeof *block);
    uint32_t *words = xcalloc(bilevel->images->n + 4 * bilevel->n_half, sizeof *words);

    bilevel->alphas = block;
    bilevel->gradient = block + n;
    bilevel->first = block + 2 * n;
    bilevel->second = block + 3 * n;
    bilevel->coefficients = block + 4 * n;
    bilevel->slopes = bilevel->coefficients + n_coefficients;
    bilevel->permutation = words;
    for (int i = 0; i < 2; i++) {
        bilevel->halves[i] = words + bilevel->images->n + (size_t)i * bilevel->n_half;
        bilevel->orders[i] = bilevel->halves[i] + 2 * bilevel->n_half;
    }
}

static void normalize(struct bilevel *bilevel)
{
    images_moments(bilevel->images, bilevel->mean, bilevel->deviation);
    augmentation_init(&bilevel->still, bilevel->images, bilevel->mean, bilevel->deviation, bilevel->options->seed, 0);
}

int bilevel_create(const struct bilevel_options *options, const struct cell_network *shape,
                   const struct cell_space *space, const struct backend *backend, unsigned threads,
                   const struct images *images, struct bilevel **out)
{
    const struct backend_options engine_options = { options->batch, threads, { images } };
    struct bilevel *bilevel;
    int status;

    if (images->n < 2)
        return fail(ERR_INVALID, "a search needs two images or more: half for weights, half for the architecture");
    bilevel = xcalloc(1, sizeof *bilevel);
    bilevel->options = options;
    bilevel->space = space;
    bilevel->backend = backend;
    bilevel->images = images;
    bilevel->network = supernet_create(shape, space);
    bilevel->mixture = mixture_create(options->relaxation, space);
    bilevel->n_alphas = relaxation_n_alphas(options->relaxation, space);
    bilevel->n_half = images->n / 2;
    bilevel->rate = options->weight_rate;
    bilevel->temperature = options->relaxation->hot;
    for (unsigned layer = 0; layer < shape->n_layers; layer++)
        bilevel->has_type[layer_reduces(layer, shape->n_layers) ? CELL_REDUCE : CELL_NORMAL] = true;
    carve(bilevel);
    normalize(bilevel);
    bilevel->moving = bilevel->still;
    split(bilevel);
    begin_alphas(bilevel);
    status = backend->open(bilevel->network, &engine_options, &bilevel->engine);
    if (status < 0) {
        bilevel_destroy(bilevel);
        return status;
    }
    begin_weights(bilevel);
    *out = bilevel;
    return 0;
}

void bilevel_destroy(struct bilevel *bilevel)
{
    if (bilevel == NULL)
        return;
    bilevel->backend->close(bilevel->engine);
    mixture_destroy(bilevel->mixture);
    network_destroy(bilevel->network);
    free(bilevel->permutation);
    free(bilevel->alphas);
    free(bilevel);
}

struct engine *bilevel_engine(struct bilevel *bilevel)
{
    return bilevel->engine;
}

size_t bilevel_n_weights(const struct bilevel *bilevel)
{
    return bilevel->network->n_weights;
}

double *bilevel_alphas(struct bilevel *bilevel, size_t *n)
{
    *n = bilevel->n_alphas;
    return bilevel->alphas;
}

/* --- steps --- */

static void draw_mixture(struct bilevel *bilevel)
{
    struct rng rng = rng_stream(bilevel->options->seed, bilevel->n_draws++, "nas.mixture");

    mixture_relax(bilevel->mixture, bilevel->alphas, bilevel->temperature, &rng, bilevel->coefficients);
    bilevel->backend->set_coefficients(bilevel->engine, bilevel->coefficients);
}

static int run(struct bilevel *bilevel, enum pass_kind kind, const uint32_t *order, unsigned n,
               struct pass_result *result)
{
    const struct pass pass = { kind, n, 0, order, kind == PASS_EVALUATE ? &bilevel->still : &bilevel->moving };

    return bilevel->backend->run(bilevel->engine, &pass, result);
}

int bilevel_loss(struct bilevel *bilevel, const uint32_t *order, unsigned n, struct pass_result *result)
{
    draw_mixture(bilevel);
    return run(bilevel, PASS_WEIGHTS, order, n, result);
}

/* dL / d alphas of the last pass. */
static void read_gradient(struct bilevel *bilevel, double *gradient)
{
    bilevel->backend->coefficient_gradient(bilevel->engine, bilevel->slopes);
    mixture_back(bilevel->mixture, bilevel->alphas, bilevel->temperature, bilevel->slopes, gradient);
}

/* The weights that the next step of descent would give, w' = w - rate (momentum m + dL + decay w); w is saved. */
static int step_ahead(struct bilevel *bilevel, const uint32_t *training, unsigned n)
{
    const struct backend *backend = bilevel->backend;
    struct engine *engine = bilevel->engine;
    struct pass_result result;

    TRY(run(bilevel, PASS_WEIGHTS, training, n, &result));
    backend->combine(engine, 1, VECTOR_WEIGHTS, 0, VECTOR_SAVED);
    backend->combine(engine, 1, VECTOR_GRADIENT, 0, VECTOR_DIRECTION);
    backend->combine(engine, bilevel->options->weight_decay, VECTOR_WEIGHTS, 1, VECTOR_DIRECTION);
    backend->combine(engine, bilevel->options->momentum, VECTOR_MOMENTUM, 1, VECTOR_DIRECTION);
    backend->combine(engine, -bilevel->rate, VECTOR_DIRECTION, 1, VECTOR_WEIGHTS);
    return 0;
}

/* dL / d alphas of the training images at the saved weights + step * direction, times factor, added. */
static int add_difference(struct bilevel *bilevel, const uint32_t *training, unsigned n, double step, double factor,
                          double *gradient)
{
    double *part = xcalloc(bilevel->n_alphas, sizeof *part);
    struct pass_result result;
    int status;

    bilevel->backend->combine(bilevel->engine, 1, VECTOR_SAVED, 0, VECTOR_WEIGHTS);
    bilevel->backend->combine(bilevel->engine, step, VECTOR_DIRECTION, 1, VECTOR_WEIGHTS);
    status = run(bilevel, PASS_COEFFICIENTS, training, n, &result);
    if (status == 0)
        read_gradient(bilevel, part);
    for (size_t i = 0; status == 0 && i < bilevel->n_alphas; i++)
        gradient[i] += factor * part[i];
    free(part);
    return status;
}

static int second_order(struct bilevel *bilevel, const uint32_t *validation, const uint32_t *training, unsigned n,
                        double *gradient)
{
    struct pass_result result;
    double step;

    TRY(step_ahead(bilevel, training, n));
    TRY(run(bilevel, PASS_WEIGHTS, validation, n, &result));
    read_gradient(bilevel, gradient);
    bilevel->backend->combine(bilevel->engine, 1, VECTOR_GRADIENT, 0, VECTOR_DIRECTION);
    step = bilevel->options->difference / fmax(bilevel->backend->norm(bilevel->engine, VECTOR_DIRECTION), 1e-12);
    TRY(add_difference(bilevel, training, n, step, -bilevel->rate / (2 * step), gradient));
    TRY(add_difference(bilevel, training, n, -step, bilevel->rate / (2 * step), gradient));
    bilevel->backend->combine(bilevel->engine, 1, VECTOR_SAVED, 0, VECTOR_WEIGHTS);
    return 0;
}

int bilevel_alpha_gradient(struct bilevel *bilevel, const uint32_t *validation, const uint32_t *training, unsigned n,
                           double *gradient)
{
    struct pass_result result;

    draw_mixture(bilevel);
    if (bilevel->options->is_second_order)
        return second_order(bilevel, validation, training, n, gradient);
    TRY(run(bilevel, PASS_COEFFICIENTS, validation, n, &result));
    read_gradient(bilevel, gradient);
    return 0;
}

/* Adam (Kingma and Ba, 2015), with weight decay added to the gradient as PyTorch does. */
static void step_alphas(struct bilevel *bilevel)
{
    const double beta1 = 0.5, beta2 = 0.999, t = (double)++bilevel->n_steps;
    const double scale1 = 1 - pow(beta1, t), scale2 = 1 - pow(beta2, t);

    for (size_t i = 0; i < bilevel->n_alphas; i++) {
        const double g = bilevel->gradient[i] + bilevel->options->alpha_decay * bilevel->alphas[i];

        bilevel->first[i] += (1 - beta1) * (g - bilevel->first[i]);
        bilevel->second[i] += (1 - beta2) * (g * g - bilevel->second[i]);
        bilevel->alphas[i] -= bilevel->options->alpha_rate * (bilevel->first[i] / scale1) /
                              (sqrt(bilevel->second[i] / scale2) + 1e-8);
    }
}

static int train_alphas(struct bilevel *bilevel, const uint32_t *validation, const uint32_t *training, unsigned n)
{
    const double grown = (double)bilevel->epoch / fmax(1, bilevel->options->epochs - 1);

    TRY(bilevel_alpha_gradient(bilevel, validation, training, n, bilevel->gradient));
    mixture_decay(bilevel->mixture, bilevel->alphas, bilevel->options->decay_end * grown, bilevel->gradient);
    step_alphas(bilevel);
    return 0;
}

static int train_weights(struct bilevel *bilevel, const uint32_t *training, unsigned n, struct pass_result *result)
{
    const struct bilevel_options *options = bilevel->options;
    const struct descent descent = { bilevel->rate, options->momentum, options->weight_decay, options->clip, false };

    TRY(bilevel_loss(bilevel, training, n, result));
    bilevel->backend->descend(bilevel->engine, &descent);
    return 0;
}

/* --- an epoch --- */

static void begin_epoch(struct bilevel *bilevel)
{
    static const char *const purposes[2] = { "nas.weights.order", "nas.alphas.order" };
    const struct bilevel_options *options = bilevel->options;
    const double done = (double)bilevel->epoch / options->epochs;
    const double last = (double)bilevel->epoch / fmax(1, options->epochs - 1);

    bilevel->rate = options->weight_rate_min +
                    (options->weight_rate - options->weight_rate_min) * (1 + cos(M_PI * done)) / 2;
    bilevel->temperature = options->relaxation->hot + (options->relaxation->cold - options->relaxation->hot) * last;
    for (int half = 0; half < 2; half++) {
        images_order(bilevel->n_half, options->seed, bilevel->epoch, purposes[half], bilevel->permutation);
        for (size_t i = 0; i < bilevel->n_half; i++)
            bilevel->orders[half][i] = bilevel->halves[half][bilevel->permutation[i]];
    }
    augmentation_init(&bilevel->moving, bilevel->images, bilevel->mean, bilevel->deviation, options->seed,
                      bilevel->epoch);
    bilevel->moving.padding = (int)options->padding;
    bilevel->moving.is_mirrored = options->padding > 0;
}

static void add_result(struct pass_result *sum, const struct pass_result *result, size_t n, size_t n_all)
{
    sum->loss += result->loss * (double)n / (double)n_all;
    sum->n_correct += result->n_correct;
}

static unsigned chunk(const struct bilevel *bilevel, size_t done)
{
    const size_t left = bilevel->n_half - done;

    return (unsigned)(left < bilevel->options->batch ? left : bilevel->options->batch);
}

static int evaluate(struct bilevel *bilevel, struct pass_result *sum)
{
    struct pass_result result;

    *sum = (struct pass_result){ 0 };
    draw_mixture(bilevel);
    for (size_t done = 0; done < bilevel->n_half; done += bilevel->options->batch) {
        const unsigned n = chunk(bilevel, done);

        TRY(run(bilevel, PASS_EVALUATE, bilevel->halves[1] + done, n, &result));
        add_result(sum, &result, n, bilevel->n_half);
    }
    return 0;
}

static void tell_step(const struct bilevel *bilevel, size_t step, const struct pass_result *result, unsigned n)
{
    if (bilevel->options->steps_told > 0 && step % bilevel->options->steps_told == 0)
        bilevel->options->tell(bilevel->epoch + 1, step, result, n);
}

int bilevel_epoch(struct bilevel *bilevel, struct bilevel_report *report)
{
    struct pass_result result;

    *report = (struct bilevel_report){ .n_training = bilevel->n_half, .n_validation = bilevel->n_half };
    begin_epoch(bilevel);
    for (size_t done = 0; done < bilevel->n_half; done += bilevel->options->batch) {
        const unsigned n = chunk(bilevel, done);

        if (bilevel->epoch >= bilevel->options->warmup)
            TRY(train_alphas(bilevel, bilevel->orders[1] + done, bilevel->orders[0] + done, n));
        TRY(train_weights(bilevel, bilevel->orders[0] + done, n, &result));
        add_result(&report->training, &result, n, bilevel->n_half);
        tell_step(bilevel, done / bilevel->options->batch + 1, &result, n);
    }
    TRY(evaluate(bilevel, &report->validation));
    mixture_genotype(bilevel->mixture, bilevel->alphas, bilevel->options->ranking, bilevel->has_type,
                     &bilevel->genotype);
    report->epoch = ++bilevel->epoch;
    report->weight_rate = bilevel->rate;
    report->alphas = bilevel->alphas;
    report->genotype = &bilevel->genotype;
    return 0;
}
