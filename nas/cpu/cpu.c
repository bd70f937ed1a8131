/*
 * The cpu backend: single precision, vectors, BLAS, a thread a core.
 */
#include "nas/cpu/cpu.h"

#include <math.h>
#include <string.h>

#include "base/status.h"

/* --- parts --- */

/* Floats of a part's room. */
static size_t part_floats(const struct network *network)
{
    size_t most = 0;

    for (size_t i = 0; i < network->n_stages; i++) {
        static size_t (*const floats[N_STAGE_KINDS])(const struct network *, const struct stage *) = {
            cpu_conv_floats, cpu_separable_floats, cpu_pool_floats, cpu_mix_floats, cpu_head_floats
        };
        const struct stage *stage = &network->stages[i];

        if (floats[stage->kind](network, stage) > most)
            most = floats[stage->kind](network, stage);
    }
    for (size_t i = 0; i < network->n_tensors; i++)
        if (cpu_normal_floats(&network->tensors[i]) > most)
            most = cpu_normal_floats(&network->tensors[i]);
    return most;
}

static size_t scratch(const struct network *network, unsigned batch, unsigned threads)
{
    (void)batch;
    (void)threads;
    return PARTS * (part_floats(network) * sizeof(float) + cpu_part_sums(network) * sizeof(double));
}

struct part cpu_part(const struct engine *engine, unsigned number)
{
    return (struct part){ .number = number,
                          .first = number * engine->n / PARTS,
                          .end = (number + 1) * engine->n / PARTS,
                          .sums = (double *)engine->scratch + number * engine->scratch_sums,
                          .room = { (float *)((double *)engine->scratch + PARTS * engine->scratch_sums) +
                                        number * engine->scratch_part,
                                    0 } };
}

void cpu_each_part(struct engine *engine, const void *owner,
                   void (*work)(struct engine *, const void *owner, struct part *))
{
#pragma omp parallel for schedule(dynamic, 1) num_threads(engine->threads)
    for (unsigned number = 0; number < PARTS; number++) {
        struct part part = cpu_part(engine, number);

        if (part.first < part.end || number == 0)
            work(engine, owner, &part);
    }
}

void cpu_add_weights(struct engine *engine, size_t offset, const float *part, size_t n)
{
    float *gradient = (float *)engine->vectors[VECTOR_GRADIENT] + offset;

    for (size_t i = 0; i < n; i++)
        gradient[i] += part[i];
}

/* --- images --- */

static void load_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct pass *pass = owner;
    const struct view view = { NETWORK_INPUT, 0, 0 };
    const struct tensor *input = &engine->network->tensors[NETWORK_INPUT];
    const size_t bytes = image_bytes(engine->images);

    for (unsigned image = part->first; image < part->end; image++) {
        const struct augment_move move = augment_draw(pass->augmentation, pass->order[image]);
        const uint8_t *pixels = engine->images->pixels + pass->order[image] * bytes;
        float *out = cpu_values(engine, &view, image);

        for (unsigned y = 0; y < input->height; y++)
            for (unsigned x = 0; x < input->width; x++)
                for (unsigned c = 0; c < input->channels; c++)
                    *out++ = augment_value(pass->augmentation, &move, pixels, (int)y, (int)x, (int)c);
    }
}

static void load(struct engine *engine, const struct pass *pass)
{
    cpu_each_part(engine, pass, load_part);
}

/* --- vectors --- */

static void write(void *vector, const double *values, size_t n)
{
    float *to = vector;

    for (size_t i = 0; i < n; i++)
        to[i] = (float)values[i];
}

static void read(const void *vector, double *values, size_t n)
{
    const float *from = vector;

    for (size_t i = 0; i < n; i++)
        values[i] = (double)from[i];
}

static void combine(double a, const void *x, double b, void *y, size_t n)
{
    const float *from = x, scale = (float)a, keep = (float)b;
    float *to = y;

    if (b == 0 && a == 1)
        memcpy(y, x, n * sizeof *to);
    else
        for (size_t i = 0; i < n; i++)
            to[i] = scale * from[i] + (keep != 0 ? keep * to[i] : 0);
}

static double norm(const void *vector, size_t n)
{
    const float *values = vector;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)values[i] * (double)values[i];
    return sqrt(sum);
}

static void descend(const struct descent *descent, double scale, const void *gradient, void *momentum, void *weights,
                    size_t n)
{
    const float *slopes = gradient, factor = (float)scale, decay = (float)descent->decay, rate = (float)descent->rate;
    const float inertia = (float)descent->momentum;
    float *speeds = momentum, *places = weights;

    for (size_t i = 0; i < n; i++) {
        const float slope = factor * slopes[i] + decay * places[i];

        speeds[i] = inertia * speeds[i] + slope;
        places[i] -= rate * (descent->is_nesterov ? slope + inertia * speeds[i] : speeds[i]);
    }
}

static const struct host_kernels kernels = {
    .size = sizeof(float),
    .writes_mixed_once = true,
    .scratch = scratch,
    .load = load,
    .forward = { cpu_conv_forward, cpu_separable_forward, cpu_pool_forward, cpu_mix_forward, cpu_head_forward },
    .backward = { cpu_conv_backward, cpu_separable_backward, cpu_pool_backward, cpu_mix_backward, cpu_head_backward },
    .measure = cpu_normal_measure,
    .denormalize = cpu_normal_denormalize,
    .write = write,
    .read = read,
    .combine = combine,
    .norm = norm,
    .descend = descend,
};

static int cpu_open(const struct network *network, const struct backend_options *options, struct engine **engine)
{
    TRY(host_open(&kernels, network, options, engine));
    (*engine)->scratch_part = part_floats(network);
    (*engine)->scratch_sums = cpu_part_sums(network);
    return 0;
}

const struct backend backend_cpu = {
    .name = "cpu",
    .summary = "single precision on all cores",
    .open = cpu_open,
    HOST_FUNCTIONS,
};
