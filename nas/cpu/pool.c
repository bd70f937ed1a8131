/*
 * Pooling, a pixel's channels at a time; the place of a maximum is found again on the way back.
 */
#include <math.h>
#include <string.h>

#include "nas/cpu/cpu.h"

/* The part of the input that a window covers. */
struct cover {
    unsigned top, bottom, left, right; /* bottom and right excluded */
};

static unsigned clip(long place, unsigned side)
{
    return place < 0 ? 0 : place > (long)side ? side : (unsigned)place;
}

static struct cover cover_of(const struct stage *stage, const struct tensor *in, unsigned y, unsigned x)
{
    const long top = (long)(y * stage->stride) - stage->padding, left = (long)(x * stage->stride) - stage->padding;

    return (struct cover){ clip(top, in->height), clip(top + stage->kernel, in->height), clip(left, in->width),
                           clip(left + stage->kernel, in->width) };
}

struct lines {
    float scale[NETWORK_CHANNELS_LIMIT], shift[NETWORK_CHANNELS_LIMIT];
};

struct pooling {
    const struct stage *stage;
    const struct lines *lines;
};

static void pool_pixel(const struct pooling *pooling, const struct tensor *in, const float *values, struct cover cover,
                       float *out)
{
    const struct stage *stage = pooling->stage;
    const unsigned channels = stage->in.channels;
    const float share = 1.0F / (float)((cover.bottom - cover.top) * (cover.right - cover.left));

    for (unsigned c = 0; c < channels; c++)
        out[c] = stage->is_max ? -INFINITY : 0;
    for (unsigned y = cover.top; y < cover.bottom; y++)
        for (unsigned x = cover.left; x < cover.right; x++) {
            const float *from = values + ((size_t)y * in->width + x) * in->channels;

            for (unsigned c = 0; c < channels; c++) {
                const float value = from[c] * pooling->lines->scale[c] + pooling->lines->shift[c];

                out[c] = !stage->is_max ? out[c] + value * share : value > out[c] ? value : out[c];
            }
        }
}

static void mean_pixel_back(const struct stage *stage, const struct tensor *in, struct cover cover,
                            const float *gradient, float *out)
{
    const float share = 1.0F / (float)((cover.bottom - cover.top) * (cover.right - cover.left));

    for (unsigned y = cover.top; y < cover.bottom; y++)
        for (unsigned x = cover.left; x < cover.right; x++)
            for (unsigned c = 0; c < stage->in.channels; c++)
                out[((size_t)y * in->width + x) * in->channels + c] += gradient[c] * share;
}

/* Normalisation may turn the order round, so it is the normalised values that are compared; the first maximum takes all. */
static void max_pixel_back(const struct pooling *pooling, const struct tensor *in, const float *values,
                           struct cover cover, const float *gradient, float *out)
{
    for (unsigned c = 0; c < pooling->stage->in.channels; c++) {
        float best = -INFINITY;
        size_t place = 0;

        for (unsigned y = cover.top; y < cover.bottom; y++)
            for (unsigned x = cover.left; x < cover.right; x++) {
                const size_t at = ((size_t)y * in->width + x) * in->channels + c;
                const float value = values[at] * pooling->lines->scale[c] + pooling->lines->shift[c];

                if (value > best) {
                    best = value;
                    place = at;
                }
            }
        out[place] += gradient[c];
    }
}

static void forward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct pooling *pooling = owner;
    const struct stage *stage = pooling->stage;
    const struct tensor *in = view_tensor(engine->network, &stage->in), *to = view_tensor(engine->network, &stage->out);

    for (unsigned image = part->first; image < part->end; image++) {
        float *out = cpu_values(engine, &stage->out, image);

        for (unsigned y = 0; y < to->height; y++)
            for (unsigned x = 0; x < to->width; x++, out += to->channels)
                pool_pixel(pooling, in, cpu_values(engine, &stage->in, image), cover_of(stage, in, y, x), out);
        normal_add_image(engine, &stage->out, part, image);
    }
}

static void backward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct pooling *pooling = owner;
    const struct stage *stage = pooling->stage;
    const struct tensor *in = view_tensor(engine->network, &stage->in), *to = view_tensor(engine->network, &stage->out);

    for (unsigned image = part->first; image < part->end; image++) {
        const float *gradient = cpu_gradients(engine, &stage->out, image),
                    *values = cpu_values(engine, &stage->in, image);
        float *out = cpu_gradients(engine, &stage->in, image);

        for (unsigned y = 0; y < to->height; y++)
            for (unsigned x = 0; x < to->width; x++, gradient += to->channels) {
                if (stage->is_max)
                    max_pixel_back(pooling, in, values, cover_of(stage, in, y, x), gradient, out);
                else
                    mean_pixel_back(stage, in, cover_of(stage, in, y, x), gradient, out);
            }
    }
}

static void each_part(struct engine *engine, const struct stage *stage,
                      void (*work)(struct engine *, const void *, struct part *))
{
    struct lines lines;
    const struct pooling pooling = { stage, &lines };

    normal_lines(engine, &stage->in, lines.scale, lines.shift);
    cpu_each_part(engine, &pooling, work);
}

void pool_forward(struct engine *engine, const struct stage *stage)
{
    each_part(engine, stage, forward_part);
}

void pool_backward(struct engine *engine, const struct stage *stage)
{
    each_part(engine, stage, backward_part);
}
