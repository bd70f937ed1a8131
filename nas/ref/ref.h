/*
 * Inside the ref backend: the readable truth. Every stage forward and backward as its definition says, in double, one value at a time.
 *
 * Definitions: quark0/darts (cnn/operations.py), PyTorch's layers. The backward passes are the forward ones' chain rule, loop for
 * loop; tests hold them to finite differences, and the other backends to these.
 */
#ifndef HONE_NAS_REF_REF_H
#define HONE_NAS_REF_REF_H

#include "nas/host.h"

/* --- access --- */

static inline size_t place(const struct tensor *tensor, unsigned image, size_t y, size_t x, unsigned channel)
{
    return ((image * (size_t)tensor->height + y) * tensor->width + x) * tensor->channels + channel;
}

static inline double *value_at(const struct engine *engine, const struct tensor *tensor, unsigned image, size_t y,
                               size_t x, unsigned c)
{
    return (double *)engine->values + tensor->values * engine->batch + place(tensor, image, y, x, c);
}

static inline double *gradient_at(const struct engine *engine, const struct tensor *tensor, unsigned image, size_t y,
                                  size_t x, unsigned c)
{
    return (double *)engine->gradients + tensor->gradients * engine->batch + place(tensor, image, y, x, c);
}

static inline const double *weights(const struct engine *engine)
{
    return engine->vectors[VECTOR_WEIGHTS];
}

static inline bool is_inside(const struct tensor *tensor, long y, long x)
{
    return y >= 0 && x >= 0 && y < (long)tensor->height && x < (long)tensor->width;
}

/* What normalisation makes of a value of channel c. */
static inline double normalized(const struct engine *engine, const struct tensor *tensor, double value, unsigned c)
{
    const double *mean = (const double *)engine->statistics + tensor->statistics, *rstd = mean + tensor->channels;

    if (!tensor->is_normal)
        return value;
    value = (value - mean[c]) * rstd[c];
    if (tensor->affine != NO_OFFSET)
        value = value * weights(engine)[tensor->affine + c] + weights(engine)[tensor->affine + tensor->channels + c];
    return value;
}

/* Where a stage's window meets its input. */
struct spot {
    unsigned image;
    long y, x;
};

/* What a reader of the view gets there. */
static inline double read_at(const struct engine *engine, const struct view *view, bool has_relu, struct spot at,
                             unsigned channel)
{
    const struct tensor *tensor = view_tensor(engine->network, view);
    const unsigned c = view->start + channel;
    double value;

    if (!is_inside(tensor, at.y, at.x))
        return 0;
    value = normalized(engine, tensor, *value_at(engine, tensor, at.image, (size_t)at.y, (size_t)at.x, c), c);
    return has_relu && value < 0 ? 0 : value;
}

/* And its gradient back. */
static inline void add_at(struct engine *engine, const struct view *view, bool has_relu, struct spot at,
                          unsigned channel, double gradient)
{
    const struct tensor *tensor = view_tensor(engine->network, view);

    if (view->tensor == NETWORK_INPUT || !is_inside(tensor, at.y, at.x))
        return;
    if (has_relu && read_at(engine, view, false, at, channel) <= 0)
        return;
    *gradient_at(engine, tensor, at.image, (size_t)at.y, (size_t)at.x, view->start + channel) += gradient;
}

/* --- windows --- */

/* Pixel (y, x) of a stage's output; its window covers input places spot_of(..., ky, kx). */
struct pixel {
    unsigned image, y, x;
};

static inline struct spot spot_of(const struct stage *stage, struct pixel pixel, unsigned ky, unsigned kx)
{
    return (struct spot){ pixel.image, (long)(pixel.y * stage->stride + ky * stage->dilation) - stage->padding,
                          (long)(pixel.x * stage->stride + kx * stage->dilation) - stage->padding };
}

/* Visit every pixel of every image of a stage's output. */
void ref_each_pixel(struct engine *engine, const struct stage *stage,
                    void (*visit)(struct engine *, const struct stage *, struct pixel));

static inline double *out_value(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    return value_at(engine, view_tensor(engine->network, &stage->out), pixel.image, pixel.y, pixel.x, stage->out.start);
}

static inline double *out_gradient(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    return gradient_at(engine, view_tensor(engine->network, &stage->out), pixel.image, pixel.y, pixel.x,
                       stage->out.start);
}

/* The gradient of the weights from offset on; NULL if the pass does not want it. */
static inline double *weight_gradient(struct engine *engine, size_t offset)
{
    return engine->kind == PASS_WEIGHTS ? (double *)engine->vectors[VECTOR_GRADIENT] + offset : NULL;
}

/* --- stages --- */

void ref_conv_forward(struct engine *engine, const struct stage *stage);
void ref_conv_backward(struct engine *engine, const struct stage *stage);
void ref_separable_forward(struct engine *engine, const struct stage *stage);
void ref_separable_backward(struct engine *engine, const struct stage *stage);
void ref_pool_forward(struct engine *engine, const struct stage *stage);
void ref_pool_backward(struct engine *engine, const struct stage *stage);
void ref_mix_forward(struct engine *engine, const struct stage *stage);
void ref_mix_backward(struct engine *engine, const struct stage *stage);
void ref_head_forward(struct engine *engine, const struct stage *stage);
void ref_head_backward(struct engine *engine, const struct stage *stage);
void ref_measure(struct engine *engine, const struct tensor *tensor);
void ref_denormalize(struct engine *engine, const struct tensor *tensor);

#endif
