/*
 * Pooling, an image at a time. The place of a maximum is found again on the way back: it is where the window first has it.
 */
#include <math.h>
#include <string.h>

#include "nas/cpu/channels.h"
#include "nas/cpu/cpu.h"

struct buffers {
    float *lines;     /* (2, channels) */
    float *image;     /* (pixels, channels): what is read */
    float *gradients; /* the same */
    float *taken;     /* (channels): 1 once a window's maximum was met */
};

static struct buffers take(const struct network *network, const struct stage *stage, struct room *room)
{
    const struct tensor *in = view_tensor(network, &stage->in);
    const size_t channels = stage->in.channels, n = (size_t)in->height * in->width * channels;
    struct buffers b;

    b.lines = room_take(room, 2 * channels);
    b.image = room_take(room, n);
    b.gradients = room_take(room, n);
    b.taken = room_take(room, channels);
    return b;
}

size_t cpu_pool_floats(const struct network *network, const struct stage *stage)
{
    struct room room = { 0 };

    take(network, stage, &room);
    return room.used;
}

/* The part of the input that a window covers. */
struct cover {
    unsigned top, bottom, left, right; /* bottom and right excluded */
};

static inline unsigned clip(long place, unsigned side)
{
    return place < 0 ? 0 : place > (long)side ? side : (unsigned)place;
}

static inline struct cover cover_of(const struct stage *stage, const struct tensor *in, unsigned y, unsigned x)
{
    const long top = (long)(y * stage->stride) - stage->padding, left = (long)(x * stage->stride) - stage->padding;

    return (struct cover){ clip(top, in->height), clip(top + stage->kernel, in->height), clip(left, in->width),
                           clip(left + stage->kernel, in->width) };
}

static inline float share_of(struct cover cover)
{
    return 1.0F / (float)((cover.bottom - cover.top) * (cover.right - cover.left));
}

/* --- forward --- */

INLINE void pool_pixel(const float *restrict image, unsigned width, unsigned channels, bool is_max, struct cover cover,
                       float *restrict out)
{
    const float share = share_of(cover);

    for (unsigned c = 0; c < channels; c++)
        out[c] = is_max ? -INFINITY : 0;
    for (unsigned y = cover.top; y < cover.bottom; y++)
        for (unsigned x = cover.left; x < cover.right; x++) {
            const float *from = image + ((size_t)y * width + x) * channels;

            for (unsigned c = 0; c < channels; c++)
                out[c] = !is_max ? out[c] + from[c] * share : from[c] > out[c] ? from[c] : out[c];
        }
}

INLINE void pool_image(const struct stage *stage, const struct tensor *in, const struct tensor *to, unsigned channels,
                       const float *image, float *out)
{
    for (unsigned y = 0; y < to->height; y++)
        for (unsigned x = 0; x < to->width; x++, out += to->channels)
            pool_pixel(image, in->width, channels, stage->is_max, cover_of(stage, in, y, x), out);
}

CLONES static void pool_any(const struct stage *stage, const struct tensor *in, const struct tensor *to,
                            const float *image, float *out)
{
#define CALL(count) pool_image(stage, in, to, count, image, out)
    WITH_CHANNELS(stage->in.channels, CALL)
#undef CALL
}

/* What is read: normalised, side by side. */
static void fill(const struct engine *engine, const struct stage *stage, const struct buffers *b, unsigned image)
{
    const struct tensor *in = view_tensor(engine->network, &stage->in);
    const unsigned channels = stage->in.channels;

    cpu_normal_lines(engine, &stage->in, b->lines, b->lines + channels);
    pixels_fill((size_t)in->height * in->width, channels, cpu_values(engine, &stage->in, image), in->channels, b->lines,
                b->lines + channels, -INFINITY, b->image);
}

static void forward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct tensor *in = view_tensor(engine->network, &stage->in), *to = view_tensor(engine->network, &stage->out);
    const struct buffers b = take(engine->network, stage, &part->room);

    for (unsigned image = part->first; image < part->end; image++) {
        fill(engine, stage, &b, image);
        pool_any(stage, in, to, b.image, cpu_values(engine, &stage->out, image));
        cpu_normal_add_image(engine, &stage->out, part, image);
    }
}

void cpu_pool_forward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, forward_part);
}

/* --- back --- */

INLINE void max_pixel_back(const float *restrict image, unsigned width, unsigned channels, struct cover cover,
                           const float *restrict maximum, const float *restrict gradient, float *restrict taken,
                           float *restrict out)
{
    for (unsigned c = 0; c < channels; c++)
        taken[c] = 0;
    for (unsigned y = cover.top; y < cover.bottom; y++)
        for (unsigned x = cover.left; x < cover.right; x++) {
            const size_t place = ((size_t)y * width + x) * channels;

            for (unsigned c = 0; c < channels; c++) {
                const float hit = image[place + c] == maximum[c] ? 1 - taken[c] : 0;

                out[place + c] += hit * gradient[c];
                taken[c] += hit;
            }
        }
}

INLINE void mean_pixel_back(unsigned width, unsigned channels, struct cover cover, const float *restrict gradient,
                            float *restrict out)
{
    const float share = share_of(cover);

    for (unsigned y = cover.top; y < cover.bottom; y++)
        for (unsigned x = cover.left; x < cover.right; x++)
            for (unsigned c = 0; c < channels; c++)
                out[((size_t)y * width + x) * channels + c] += gradient[c] * share;
}

INLINE void back_image(const struct stage *stage, const struct tensor *in, const struct tensor *to, unsigned channels,
                       const struct buffers *b, const float *maximum, const float *gradient)
{
    for (unsigned y = 0; y < to->height; y++)
        for (unsigned x = 0; x < to->width; x++, maximum += to->channels, gradient += to->channels) {
            const struct cover cover = cover_of(stage, in, y, x);

            if (stage->is_max)
                max_pixel_back(b->image, in->width, channels, cover, maximum, gradient, b->taken, b->gradients);
            else
                mean_pixel_back(in->width, channels, cover, gradient, b->gradients);
        }
}

CLONES static void back_any(const struct stage *stage, const struct tensor *in, const struct tensor *to,
                            const struct buffers *b, const float *maximum, const float *gradient)
{
#define CALL(count) back_image(stage, in, to, count, b, maximum, gradient)
    WITH_CHANNELS(stage->in.channels, CALL)
#undef CALL
}

static void backward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct tensor *in = view_tensor(engine->network, &stage->in), *to = view_tensor(engine->network, &stage->out);
    const struct buffers b = take(engine->network, stage, &part->room);
    const unsigned channels = stage->in.channels;
    const size_t n = (size_t)in->height * in->width;

    for (unsigned image = part->first; image < part->end; image++) {
        if (stage->is_max)
            fill(engine, stage, &b, image);
        memset(b.gradients, 0, n * channels * sizeof(float));
        back_any(stage, in, to, &b, cpu_values(engine, &stage->out, image), cpu_gradients(engine, &stage->out, image));
        pixels_unfill(n, channels, b.gradients, b.gradients, -INFINITY, cpu_gradients(engine, &stage->in, image),
                      in->channels);
    }
}

void cpu_pool_backward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, backward_part);
}
