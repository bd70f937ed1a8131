/*
 * The ref backend: images, vectors, and the table of its stages (ref.h).
 */
#include <math.h>
#include <string.h>

#include "nas/ref/ref.h"

void ref_each_pixel(struct engine *engine, const struct stage *stage,
                    void (*visit)(struct engine *, const struct stage *, struct pixel))
{
    const struct tensor *out = view_tensor(engine->network, &stage->out);

    for (unsigned image = 0; image < engine->n; image++)
        for (unsigned y = 0; y < out->height; y++)
            for (unsigned x = 0; x < out->width; x++)
                visit(engine, stage, (struct pixel){ image, y, x });
}

static size_t scratch(const struct network *network, unsigned batch, unsigned threads)
{
    const struct stage *head = &network->stages[network->n_stages - 1];

    (void)batch;
    (void)threads;
    return (head->in.channels + network->n_classes) * sizeof(double);
}

static void load(struct engine *engine, const struct pass *pass)
{
    const struct tensor *input = &engine->network->tensors[NETWORK_INPUT];
    const size_t bytes = image_bytes(engine->images);

    for (unsigned image = 0; image < pass->n; image++) {
        const struct augment_move move = augment_draw(pass->augmentation, pass->order[image]);
        const uint8_t *pixels = engine->images->pixels + pass->order[image] * bytes;

        for (unsigned y = 0; y < input->height; y++)
            for (unsigned x = 0; x < input->width; x++)
                for (unsigned c = 0; c < input->channels; c++)
                    *value_at(engine, input, image, y, x, c) = augment_value(pass->augmentation, &move, pixels, (int)y,
                                                                             (int)x, (int)c);
    }
}

static void write(void *vector, const double *values, size_t n)
{
    memcpy(vector, values, n * sizeof *values);
}

static void read(const void *vector, double *values, size_t n)
{
    memcpy(values, vector, n * sizeof *values);
}

static void combine(double a, const void *x, double b, void *y, size_t n)
{
    const double *from = x;
    double *to = y;

    for (size_t i = 0; i < n; i++)
        to[i] = a * from[i] + (b != 0 ? b * to[i] : 0);
}

static double norm(const void *vector, size_t n)
{
    const double *values = vector;
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i] * values[i];
    return sqrt(sum);
}

static void descend(const struct descent *descent, double scale, const void *gradient, void *momentum, void *weights_,
                    size_t n)
{
    const double *slopes = gradient;
    double *speeds = momentum, *places = weights_;

    for (size_t i = 0; i < n; i++) {
        const double slope = scale * slopes[i] + descent->decay * places[i];

        speeds[i] = descent->momentum * speeds[i] + slope;
        places[i] -= descent->rate * (descent->is_nesterov ? slope + descent->momentum * speeds[i] : speeds[i]);
    }
}

static const struct host_kernels kernels = {
    .size = sizeof(double),
    .scratch = scratch,
    .load = load,
    .forward = { ref_conv_forward, ref_separable_forward, ref_pool_forward, ref_mix_forward, ref_head_forward },
    .backward = { ref_conv_backward, ref_separable_backward, ref_pool_backward, ref_mix_backward, ref_head_backward },
    .measure = ref_measure,
    .denormalize = ref_denormalize,
    .write = write,
    .read = read,
    .combine = combine,
    .norm = norm,
    .descend = descend,
};

static int ref_open(const struct network *network, const struct backend_options *options, struct engine **engine)
{
    return host_open(&kernels, network, options, engine);
}

const struct backend backend_ref = {
    .name = "ref",
    .summary = "plain loops in double precision, one thread: slow, for checking the others",
    .open = ref_open,
    HOST_FUNCTIONS,
};
