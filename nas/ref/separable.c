/*
 * Depthwise convolution, then pointwise.
 */
#include <string.h>

#include "nas/ref/ref.h"

static double depthwise(const struct engine *engine, const struct stage *stage, struct pixel pixel, unsigned channel)
{
    const double *weight = weights(engine) + stage->weights + channel;
    double sum = 0;

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++, weight += stage->in.channels)
            sum += *weight * read_at(engine, &stage->in, stage->has_relu, spot_of(stage, pixel, ky, kx), channel);
    return sum;
}

static void separable_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->pointwise;
    double *out = out_value(engine, stage, pixel);

    memset(out, 0, n_out * sizeof *out);
    for (unsigned i = 0; i < n_in; i++, weight += n_out) {
        const double z = depthwise(engine, stage, pixel, i);

        for (unsigned o = 0; o < n_out; o++)
            out[o] += z * weight[o];
    }
}

static void depthwise_back(struct engine *engine, const struct stage *stage, struct pixel pixel, unsigned channel,
                           double sum)
{
    const double *weight = weights(engine) + stage->weights + channel;
    double *gradient = weight_gradient(engine, stage->weights + channel);

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++, weight += stage->in.channels) {
            const struct spot at = spot_of(stage, pixel, ky, kx);

            add_at(engine, &stage->in, stage->has_relu, at, channel, sum * *weight);
            if (gradient != NULL)
                gradient[(ky * stage->kernel + kx) * (size_t)stage->in.channels] += sum * read_at(engine, &stage->in,
                                                                                                  stage->has_relu, at,
                                                                                                  channel);
        }
}

static void separable_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->pointwise, *out = out_gradient(engine, stage, pixel);
    double *gradient = weight_gradient(engine, stage->pointwise);

    for (unsigned i = 0; i < n_in; i++, weight += n_out) {
        double sum = 0;

        for (unsigned o = 0; o < n_out; o++)
            sum += out[o] * weight[o];
        depthwise_back(engine, stage, pixel, i, sum);
        if (gradient != NULL) {
            const double z = depthwise(engine, stage, pixel, i);

            for (unsigned o = 0; o < n_out; o++)
                gradient[(size_t)i * n_out + o] += z * out[o];
        }
    }
}

void ref_separable_forward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, separable_pixel);
}

void ref_separable_backward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, separable_pixel_back);
}
