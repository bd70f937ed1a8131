/*
 * Dense convolutions by BLAS: the windows of an image become the rows of a matrix.
 */
#include <cblas.h>
#include <string.h>

#include "nas/cpu/cpu.h"

struct buffers {
    struct frame frame;
    unsigned n_pixels, n_inputs; /* of the output; of one window */
    float *weights;              /* sums of the weights' gradients: (inputs, out) */
    float *lines, *frame_values, *frame_gradients;
    float *windows; /* (pixels, inputs) */
};

static struct buffers take(const struct network *network, const struct stage *stage, struct room *room)
{
    const struct tensor *out = view_tensor(network, &stage->out);
    struct buffers b = { .frame = frame_of(network, stage), .n_pixels = out->height * out->width };

    b.n_inputs = stage->kernel * stage->kernel * stage->in.channels;
    b.weights = room_take(room,
                          (size_t)b.n_inputs * stage->out.channels); /* first, so that cpu_part() finds them again */
    b.lines = room_take(room, 2 * stage->in.channels);
    b.frame_values = room_take(room, frame_size(&b.frame));
    b.frame_gradients = room_take(room, frame_size(&b.frame));
    b.windows = room_take(room, (size_t)b.n_pixels * b.n_inputs);
    return b;
}

size_t cpu_conv_floats(const struct network *network, const struct stage *stage)
{
    struct room room = { 0 };

    take(network, stage, &room);
    return room.used;
}

/* Where the run of channels of one tap lies in the frame. */
static size_t tap_place(const struct stage *stage, const struct buffers *b, unsigned y, unsigned x, unsigned ky,
                        unsigned kx)
{
    const unsigned skipped = stage->padding < 0 ? (unsigned)-stage->padding : 0;

    return frame_place(&b->frame, y * stage->stride + ky * stage->dilation + skipped,
                       x * stage->stride + kx * stage->dilation + skipped);
}

/* Copy every window between frame and matrix: out of the frame, or added back to it. */
static void each_tap(const struct engine *engine, const struct stage *stage, const struct buffers *b, bool is_back)
{
    const struct tensor *out = view_tensor(engine->network, &stage->out);
    const unsigned channels = stage->in.channels;
    float *window = b->windows;

    for (unsigned y = 0; y < out->height; y++)
        for (unsigned x = 0; x < out->width; x++)
            for (unsigned ky = 0; ky < stage->kernel; ky++)
                for (unsigned kx = 0; kx < stage->kernel; kx++, window += channels) {
                    const size_t place = tap_place(stage, b, y, x, ky, kx);

                    if (!is_back)
                        memcpy(window, b->frame_values + place, channels * sizeof *window);
                    for (unsigned c = 0; is_back && c < channels; c++)
                        b->frame_gradients[place + c] += window[c];
                }
}

static void forward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(engine->network, stage, &part->room);
    const int n_out = (int)stage->out.channels, pixel = (int)view_tensor(engine->network, &stage->out)->channels;

    memset(b.frame_values, 0, frame_size(&b.frame) * sizeof(float));
    for (unsigned image = part->first; image < part->end; image++) {
        frame_fill(engine, stage, &b.frame, image, b.lines, b.frame_values);
        each_tap(engine, stage, &b, false);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)b.n_pixels, n_out, (int)b.n_inputs, 1, b.windows,
                    (int)b.n_inputs, cpu_weights(engine, stage->weights), n_out, 0,
                    cpu_values(engine, &stage->out, image), pixel);
        cpu_normal_add_image(engine, &stage->out, part, image);
    }
}

void cpu_conv_forward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, forward_part);
}

static void backward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(engine->network, stage, &part->room);
    const int n_out = (int)stage->out.channels, pixel = (int)view_tensor(engine->network, &stage->out)->channels;
    const int n_in = (int)b.n_inputs, n_pixels = (int)b.n_pixels;

    memset(b.frame_values, 0, frame_size(&b.frame) * sizeof(float));
    memset(b.weights, 0, (size_t)b.n_inputs * stage->out.channels * sizeof(float));
    for (unsigned image = part->first; image < part->end; image++) {
        const float *gradient = cpu_gradients(engine, &stage->out, image);

        frame_fill(engine, stage, &b.frame, image, b.lines, b.frame_values);
        if (wants_weights(engine)) {
            each_tap(engine, stage, &b, false);
            cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n_in, n_out, n_pixels, 1, b.windows, n_in, gradient,
                        pixel, 1, b.weights, n_out);
        }
        if (stage->in.tensor == NETWORK_INPUT)
            continue;
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, n_pixels, n_in, n_out, 1, gradient, pixel,
                    cpu_weights(engine, stage->weights), n_out, 0, b.windows, n_in);
        memset(b.frame_gradients, 0, frame_size(&b.frame) * sizeof(float));
        each_tap(engine, stage, &b, true);
        frame_unfill(engine, stage, &b.frame, image, b.frame_values, b.frame_gradients);
    }
}

void cpu_conv_backward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, backward_part);
    for (unsigned p = 0; wants_weights(engine) && p < PARTS; p++) {
        struct part part = cpu_part(engine, p);
        const struct buffers b = take(engine->network, stage, &part.room);

        if (part.first < part.end)
            cpu_add_weights(engine, stage->weights, b.weights, (size_t)b.n_inputs * stage->out.channels);
    }
}
