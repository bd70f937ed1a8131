/*
 * Padded images.
 */
#include <string.h>

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

void frame_fill(const struct engine *engine, const struct stage *stage, const struct frame *frame, unsigned image,
                float *lines, float *out)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    const float *scale = lines, *shift = lines + frame->channels, *in = cpu_values(engine, &stage->in, image);
    const float floor = stage->has_relu ? 0 : -__builtin_inff();

    normal_lines(engine, &stage->in, lines, lines + frame->channels);
    memset(out, 0, frame_size(frame) * sizeof *out);
    for (unsigned y = 0; y < tensor->height; y++)
        for (unsigned x = 0; x < tensor->width; x++, in += tensor->channels) {
            float *to = out + frame_place(frame, y + before(stage), x + before(stage));

            for (unsigned c = 0; c < frame->channels; c++) {
                const float value = in[c] * scale[c] + shift[c];

                to[c] = value > floor ? value : floor;
            }
        }
}

void frame_unfill(struct engine *engine, const struct stage *stage, const struct frame *frame, unsigned image,
                  const float *filled, const float *gradient)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    float *out = cpu_gradients(engine, &stage->in, image);

    for (unsigned y = 0; y < tensor->height; y++)
        for (unsigned x = 0; x < tensor->width; x++, out += tensor->channels) {
            const size_t place = frame_place(frame, y + before(stage), x + before(stage));

            for (unsigned c = 0; c < frame->channels; c++)
                out[c] += !stage->has_relu || filled[place + c] > 0 ? gradient[place + c] : 0;
        }
}
