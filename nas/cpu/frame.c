/*
 * Padded images.
 */
#include "nas/cpu/cpu.h"

/* Columns left of the image, and rows above it. A stage that begins inside of it (padding -1) has none. */
static unsigned before(const struct stage *stage)
{
    return stage->padding > 0 ? (unsigned)stage->padding : 0;
}

/* Pixels that windows begin after the frame's first one. */
static unsigned skipped(const struct stage *stage)
{
    return stage->padding < 0 ? (unsigned)-stage->padding : 0;
}

struct frame frame_of(const struct network *network, const struct stage *stage)
{
    const struct tensor *out = view_tensor(network, &stage->out), *in = view_tensor(network, &stage->in);
    const unsigned reach = (stage->kernel - 1) * stage->dilation + 1 + skipped(stage);
    struct frame frame = { .stride = stage->stride, .channels = stage->in.channels };

    frame.height = (out->height - 1) * stage->stride + reach;
    frame.width = (out->width - 1) * stage->stride + reach;
    if (frame.height < in->height + before(stage))
        frame.height = in->height + before(stage);
    if (frame.width < in->width + before(stage))
        frame.width = in->width + before(stage);
    frame.width = (frame.width + frame.stride - 1) / frame.stride * frame.stride;
    frame.plane = (size_t)frame.width / frame.stride * frame.channels;
    frame.row = frame.plane * frame.stride;
    return frame;
}

/* What the rectifier lets through is above this. */
static float floor_of(const struct stage *stage)
{
    return stage->has_relu ? 0 : -__builtin_inff();
}

/* Columns first, first + stride, ... of a row of the image, which lie side by side in the frame. */
struct run {
    unsigned first, n;
    size_t place;
};

static struct run run_of(const struct stage *stage, const struct frame *frame, const struct tensor *tensor, unsigned y,
                         unsigned rest)
{
    const unsigned first = (rest + frame->stride - before(stage) % frame->stride) % frame->stride;

    return (struct run){ first, (tensor->width - first + frame->stride - 1) / frame->stride,
                         frame_place(frame, y + before(stage), first + before(stage)) };
}

void frame_fill(const struct engine *engine, const struct stage *stage, const struct frame *frame, unsigned image,
                float *lines, float *out)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    const float *in = cpu_values(engine, &stage->in, image);

    cpu_normal_lines(engine, &stage->in, lines, lines + frame->channels);
    for (unsigned y = 0; y < tensor->height; y++, in += (size_t)tensor->width * tensor->channels)
        for (unsigned rest = 0; rest < frame->stride; rest++) {
            const struct run run = run_of(stage, frame, tensor, y, rest);

            pixels_fill(run.n, frame->channels, in + (size_t)run.first * tensor->channels,
                        (size_t)frame->stride * tensor->channels, lines, lines + frame->channels, floor_of(stage),
                        out + run.place);
        }
}

void frame_unfill(struct engine *engine, const struct stage *stage, const struct frame *frame, unsigned image,
                  const float *filled, const float *gradient)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    float *out = cpu_gradients(engine, &stage->in, image);

    for (unsigned y = 0; y < tensor->height; y++, out += (size_t)tensor->width * tensor->channels)
        for (unsigned rest = 0; rest < frame->stride; rest++) {
            const struct run run = run_of(stage, frame, tensor, y, rest);

            pixels_unfill(run.n, frame->channels, filled + run.place, gradient + run.place, floor_of(stage),
                          out + (size_t)run.first * tensor->channels, (size_t)frame->stride * tensor->channels);
        }
}
