/*
 * Dense convolution.
 */
#include <string.h>

#include "nas/ref/ref.h"

static void conv_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->weights;
    double *out = out_value(engine, stage, pixel);

    memset(out, 0, n_out * sizeof *out);
    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++)
            for (unsigned i = 0; i < n_in; i++, weight += n_out) {
                const double value = read_at(engine, &stage->in, stage->has_relu, spot_of(stage, pixel, ky, kx), i);

                for (unsigned o = 0; o < n_out; o++)
                    out[o] += value * weight[o];
            }
}

static void conv_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const unsigned n_in = stage->in.channels, n_out = stage->out.channels;
    const double *weight = weights(engine) + stage->weights, *out = out_gradient(engine, stage, pixel);
    double *gradient = weight_gradient(engine, stage->weights);

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++)
            for (unsigned i = 0; i < n_in; i++, weight += n_out) {
                const struct spot at = spot_of(stage, pixel, ky, kx);
                const double value = read_at(engine, &stage->in, stage->has_relu, at, i);
                double sum = 0;

                for (unsigned o = 0; o < n_out; o++)
                    sum += out[o] * weight[o];
                add_at(engine, &stage->in, stage->has_relu, at, i, sum);
                for (unsigned o = 0; gradient != NULL && o < n_out; o++)
                    gradient[(size_t)(weight - (weights(engine) + stage->weights)) + o] += value * out[o];
            }
}

void ref_conv_forward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, conv_pixel);
}

void ref_conv_backward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, conv_pixel_back);
}
