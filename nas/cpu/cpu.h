/*
 * Inside the cpu backend: images are dealt to a fixed number of parts, which threads take; sums over images are summed within a part,
 * then over the parts in their order, so that they do not depend on the threads.
 */
#ifndef HONE_NAS_CPU_CPU_H
#define HONE_NAS_CPU_CPU_H

#include "nas/host.h"

enum { PARTS = 16, LANES = 16 };

/* Floats handed out from one block; without a base it counts. */
struct room {
    float *base;
    size_t used;
};

static inline float *room_take(struct room *room, size_t n)
{
    float *floats = (float *)((uintptr_t)room->base + room->used * sizeof(float)); /* no pointer yet while it counts */

    room->used += (n + LANES - 1) / LANES * LANES;
    return floats;
}

struct part {
    unsigned number, first, end; /* images */
    double *sums;     /* (2, channels of the widest tensor): of what the last forward stages wrote, and its squares */
    struct room room; /* a fresh one for every stage */
};

/* Run work for every part; owner is handed on. */
void cpu_each_part(struct engine *engine, const void *owner,
                   void (*work)(struct engine *, const void *owner, struct part *));
/* The room of a part once more, as it was when its work began. */
struct part cpu_part(const struct engine *engine, unsigned number);

/* Floats that each kind of stage takes of a room. */
size_t cpu_separable_floats(const struct network *network, const struct stage *stage);
size_t cpu_conv_floats(const struct network *network, const struct stage *stage);
size_t cpu_pool_floats(const struct network *network, const struct stage *stage);
size_t cpu_mix_floats(const struct network *network, const struct stage *stage);
size_t cpu_head_floats(const struct network *network, const struct stage *stage);
size_t cpu_normal_floats(const struct tensor *tensor);
size_t cpu_part_sums(const struct network *network); /* doubles of a part's sums */

void cpu_separable_forward(struct engine *engine, const struct stage *stage);
void cpu_separable_backward(struct engine *engine, const struct stage *stage);
void cpu_conv_forward(struct engine *engine, const struct stage *stage);
void cpu_conv_backward(struct engine *engine, const struct stage *stage);
void cpu_pool_forward(struct engine *engine, const struct stage *stage);
void cpu_pool_backward(struct engine *engine, const struct stage *stage);
void cpu_mix_forward(struct engine *engine, const struct stage *stage);
void cpu_mix_backward(struct engine *engine, const struct stage *stage);
void cpu_head_forward(struct engine *engine, const struct stage *stage);
void cpu_head_backward(struct engine *engine, const struct stage *stage);
/* An image of a view was written: add to its part's sums, from which cpu_normal_measure() takes the moments. The part's first image
   begins them. */
void cpu_normal_add_image(const struct engine *engine, const struct view *view, const struct part *part,
                          unsigned image);
void cpu_normal_measure(struct engine *engine, const struct tensor *tensor);
void cpu_normal_denormalize(struct engine *engine, const struct tensor *tensor);

/* --- access --- */

/* The first value of a view's image; pixels are tensor->channels apart. */
static inline float *cpu_values(const struct engine *engine, const struct view *view, unsigned image)
{
    const struct tensor *tensor = view_tensor(engine->network, view);
    const size_t size = (size_t)tensor->height * tensor->width * tensor->channels;

    return (float *)engine->values + tensor->values * engine->batch + image * size + view->start;
}

static inline float *cpu_gradients(const struct engine *engine, const struct view *view, unsigned image)
{
    const struct tensor *tensor = view_tensor(engine->network, view);
    const size_t size = (size_t)tensor->height * tensor->width * tensor->channels;

    return (float *)engine->gradients + tensor->gradients * engine->batch + image * size + view->start;
}

static inline const float *cpu_weights(const struct engine *engine, size_t offset)
{
    return (const float *)engine->vectors[VECTOR_WEIGHTS] + offset;
}

static inline bool wants_weights(const struct engine *engine)
{
    return engine->kind == PASS_WEIGHTS;
}

/* Add the parts' sums of n weights, which pick finds in a part's room, to the gradient from offset on. */
void cpu_add_weights(struct engine *engine, size_t offset, const float *part, size_t n);

/* What readers of a view make of a value: scale[c] * value + shift[c]. (channels) of each. */
void cpu_normal_lines(const struct engine *engine, const struct view *view, float *scale, float *shift);

/* --- windows over a padded image --- */

/*
 * The image that a stage's windows slide over, zeros around it. Columns of one remainder modulo the stride lie side by side, so that
 * each tap of a row of windows reads one run of floats: pixel (y, x) is at y * row + x % stride * plane + x / stride * channels.
 */
struct frame {
    unsigned height, width; /* padded, of whole strides */
    unsigned stride, channels;
    size_t row, plane;
};

struct frame frame_of(const struct network *network, const struct stage *stage);
static inline size_t frame_size(const struct frame *frame)
{
    return frame->row * frame->height;
}

static inline size_t frame_place(const struct frame *frame, unsigned y, unsigned x)
{
    return y * frame->row + x % frame->stride * frame->plane + (size_t)(x / frame->stride) * frame->channels;
}

/* Normalised, rectified; what lies around the image is left alone: zero it once. lines: room for 2 * channels floats. */
void frame_fill(const struct engine *engine, const struct stage *stage, const struct frame *frame, unsigned image,
                float *lines, float *out);
/* Add the frame's gradient to that of what was read; frame: what frame_fill gave, for the rectifier. */
void frame_unfill(struct engine *engine, const struct stage *stage, const struct frame *frame, unsigned image,
                  const float *filled, const float *gradient);

/* --- runs of n pixels: channel c of pixel i is at [i * step + c]; no step: they lie side by side --- */

/* out = max(in * scale + shift, floor). */
void pixels_fill(size_t n, unsigned channels, const float *in, size_t in_step, const float *scale, const float *shift,
                 float floor, float *out);
/* out += gradient, where filled is above the floor. */
void pixels_unfill(size_t n, unsigned channels, const float *filled, const float *gradient, float floor, float *out,
                   size_t out_step);
/* out += weights * in. */
void pixels_add(size_t n, unsigned channels, const float *in, size_t in_step, const float *weights, float *out,
                size_t out_step);
/* out = slopes[0] a + slopes[stride] b + slopes[2 stride], each (channels); out is another than a. */
void pixels_bend(size_t n, unsigned channels, const float *a, size_t a_step, const float *b, size_t b_step,
                 const float *slopes, size_t stride, float *out, size_t out_step);
/* out = slopes[0] out + slopes[channels] b + slopes[2 channels]; side by side. */
void pixels_bend_own(size_t n, unsigned channels, const float *b, const float *slopes, float *out);
/* sums += the sum of a, squares += that of a * a. */
void pixels_moments(size_t n, unsigned channels, const float *a, size_t step, float *sums, float *squares);
/* sums += the sum of a, of a * b. */
void pixels_sum(size_t n, unsigned channels, const float *a, size_t step, float *sums);
void pixels_dot(size_t n, unsigned channels, const float *a, size_t a_step, const float *b, size_t b_step, float *sums);

/* --- rows of depthwise convolutions --- */

/* Weights of one tap, repeated so that lane j of a row takes weights[j % period]. */
struct tap {
    const float *in, *weights;
};

/* A multiple of both the channels and the lanes. */
unsigned row_period(unsigned channels);
/* (n_taps, channels) to (n_taps, period). */
void row_expand(const float *weights, unsigned n_taps, unsigned channels, float *expanded);
/* out[j] = sum over taps of in[j] * weights[j % period], j < n. */
void row_sum(const struct tap *taps, unsigned n_taps, unsigned period, size_t n, float *out);
/* sums[t][j % period] += in_t[j] * with[j], j < n; taps' weights are the sums (period). */
void row_products(const struct tap *taps, unsigned n_taps, unsigned period, size_t n, const float *with,
                  float *const *sums);

#endif
