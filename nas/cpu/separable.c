/*
 * Depthwise convolution, then pointwise: the first by rows (rows.c), the second by BLAS, an image at a time, so that what lies between
 * stays in the cache and is computed again on the way back.
 */
#include <cblas.h>
#include <string.h>

#include "nas/cpu/cpu.h"

enum { TAPS_LIMIT = 49 };

struct buffers {
    struct frame frame;
    unsigned period, n_taps;
    size_t n_pixels, row; /* of the output; floats of one of its rows */
    float *lines, *weights;
    float *frame_values, *frame_gradients;
    float *z;                 /* (pixels, in): after the depthwise convolution */
    float *dz;                /* its gradient, each row with margin floats of zeros on both sides */
    size_t margin, wide;      /* wide: a row with its margins */
    float *depthwise, *point; /* sums of the weights' gradients: (taps, period), (in, out) */
};

static struct buffers take(const struct network *network, const struct stage *stage, struct room *room)
{
    const struct tensor *out = view_tensor(network, &stage->out);
    const unsigned channels = stage->in.channels;
    struct buffers b = { .frame = frame_of(network, stage),
                         .period = row_period(channels),
                         .n_taps = stage->kernel * stage->kernel };

    b.n_pixels = (size_t)out->height * out->width;
    b.row = (size_t)out->width * channels;
    b.margin = (size_t)((stage->kernel - 1) * stage->dilation / stage->stride + 1) * channels;
    b.wide = b.row + 2 * b.margin;
    b.depthwise = room_take(room, (size_t)b.n_taps * b.period); /* first, so that cpu_part() finds them again */
    b.point = room_take(room, (size_t)channels * stage->out.channels);
    b.lines = room_take(room, 2 * channels);
    b.weights = room_take(room, (size_t)b.n_taps * b.period);
    b.frame_values = room_take(room, frame_size(&b.frame));
    b.frame_gradients = room_take(room, frame_size(&b.frame));
    b.z = room_take(room, b.n_pixels * channels);
    b.dz = room_take(room, out->height * b.wide);
    return b;
}

size_t cpu_separable_floats(const struct network *network, const struct stage *stage)
{
    struct room room = { 0 };

    take(network, stage, &room);
    return room.used;
}

/* The taps of output row y. */
static void taps_of_row(const struct stage *stage, const struct buffers *b, unsigned y, struct tap *taps)
{
    for (unsigned ky = 0, t = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++, t++) {
            const size_t place = frame_place(&b->frame, y * stage->stride + ky * stage->dilation, kx * stage->dilation);

            taps[t] = (struct tap){ b->frame_values + place, b->weights + t * b->period };
        }
}

static void depthwise(const struct engine *engine, const struct stage *stage, const struct buffers *b, unsigned image)
{
    const unsigned height = view_tensor(engine->network, &stage->out)->height;
    struct tap taps[TAPS_LIMIT];

    frame_fill(engine, stage, &b->frame, image, b->lines, b->frame_values);
    for (unsigned y = 0; y < height; y++) {
        taps_of_row(stage, b, y, taps);
        row_sum(taps, b->n_taps, b->period, b->row, b->z + y * b->row);
    }
}

static void forward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(engine->network, stage, &part->room);
    const int n_in = (int)stage->in.channels, n_out = (int)stage->out.channels;
    const int pixel = (int)view_tensor(engine->network, &stage->out)->channels;

    row_expand(cpu_weights(engine, stage->weights), b.n_taps, stage->in.channels, b.weights);
    memset(b.frame_values, 0, frame_size(&b.frame) * sizeof(float));
    for (unsigned image = part->first; image < part->end; image++) {
        depthwise(engine, stage, &b, image);
        cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, (int)b.n_pixels, n_out, n_in, 1, b.z, n_in,
                    cpu_weights(engine, stage->pointwise), n_out, 0, cpu_values(engine, &stage->out, image), pixel);
        cpu_normal_add_image(engine, &stage->out, part, image);
    }
}

void cpu_separable_forward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, forward_part);
}

/* The gradient of row y of the frame, one remainder of columns at a time: which rows of dz had windows there? */
static void frame_row_back(const struct stage *stage, const struct buffers *b, unsigned y, unsigned height)
{
    struct tap taps[TAPS_LIMIT];

    for (unsigned rest = 0; rest < stage->stride; rest++) {
        unsigned n = 0;

        for (unsigned ky = 0; ky < stage->kernel; ky++) {
            const int from = (int)y - (int)(ky * stage->dilation);

            if (from < 0 || from % (int)stage->stride != 0 || from / (int)stage->stride >= (int)height)
                continue;
            for (unsigned kx = 0; kx < stage->kernel; kx++) {
                const unsigned column = kx * stage->dilation;
                const float *row = b->dz + (size_t)(from / (int)stage->stride) * b->wide + b->margin;

                if (column % stage->stride == rest)
                    taps[n++] = (struct tap){ row - (size_t)(column / stage->stride) * b->frame.channels,
                                              b->weights + (ky * stage->kernel + kx) * b->period };
            }
        }
        row_sum(taps, n, b->period, b->frame.plane, b->frame_gradients + y * b->frame.row + rest * b->frame.plane);
    }
}

static void frame_back(const struct engine *engine, const struct stage *stage, const struct buffers *b)
{
    const unsigned height = view_tensor(engine->network, &stage->out)->height;

    for (unsigned y = 0; y < b->frame.height; y++)
        frame_row_back(stage, b, y, height);
}

static void add_depthwise(const struct engine *engine, const struct stage *stage, const struct buffers *b)
{
    const unsigned height = view_tensor(engine->network, &stage->out)->height;
    struct tap taps[TAPS_LIMIT];
    float *sums[TAPS_LIMIT];

    for (unsigned t = 0; t < b->n_taps; t++)
        sums[t] = b->depthwise + t * b->period;
    for (unsigned y = 0; y < height; y++) {
        taps_of_row(stage, b, y, taps);
        row_products(taps, b->n_taps, b->period, b->row, b->dz + y * b->wide + b->margin, sums);
    }
}

static void backward_image(struct engine *engine, const struct stage *stage, const struct buffers *b, unsigned image)
{
    const struct tensor *out = view_tensor(engine->network, &stage->out);
    const int n_in = (int)stage->in.channels, n_out = (int)stage->out.channels, pixel = (int)out->channels;
    const float *gradient = cpu_gradients(engine, &stage->out, image), *point = cpu_weights(engine, stage->pointwise);

    if (wants_weights(engine))
        depthwise(engine, stage, b, image);
    else
        frame_fill(engine, stage, &b->frame, image, b->lines, b->frame_values); /* for the rectifier alone */
    if (wants_weights(engine))
        cblas_sgemm(CblasRowMajor, CblasTrans, CblasNoTrans, n_in, n_out, (int)b->n_pixels, 1, b->z, n_in, gradient,
                    pixel, 1, b->point, n_out);
    cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, (int)b->n_pixels, n_in, n_out, 1, gradient, pixel, point,
                n_out, 0, b->z, n_in);
    for (unsigned y = 0; y < out->height; y++)
        memcpy(b->dz + y * b->wide + b->margin, b->z + y * b->row, b->row * sizeof(float));
    if (wants_weights(engine))
        add_depthwise(engine, stage, b);
    frame_back(engine, stage, b);
    frame_unfill(engine, stage, &b->frame, image, b->frame_values, b->frame_gradients);
}

static void backward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(engine->network, stage, &part->room);
    const struct tensor *out = view_tensor(engine->network, &stage->out);

    row_expand(cpu_weights(engine, stage->weights), b.n_taps, stage->in.channels, b.weights);
    memset(b.frame_values, 0, frame_size(&b.frame) * sizeof(float));
    memset(b.depthwise, 0, (size_t)b.n_taps * b.period * sizeof(float));
    memset(b.point, 0, (size_t)stage->in.channels * stage->out.channels * sizeof(float));
    memset(b.dz, 0, out->height * b.wide * sizeof(float));
    for (unsigned image = part->first; image < part->end; image++)
        backward_image(engine, stage, &b, image);
}

void cpu_separable_backward(struct engine *engine, const struct stage *stage)
{
    const unsigned channels = stage->in.channels;

    cpu_each_part(engine, stage, backward_part);
    for (unsigned p = 0; wants_weights(engine) && p < PARTS; p++) {
        struct part part = cpu_part(engine, p);
        const struct buffers b = take(engine->network, stage, &part.room);

        if (part.first == part.end)
            continue;
        for (unsigned t = 0; t < b.n_taps; t++)
            for (unsigned j = 0; j < b.period; j += channels)
                cpu_add_weights(engine, stage->weights + (size_t)t * channels, b.depthwise + t * b.period + j,
                                channels);
        cpu_add_weights(engine, stage->pointwise, b.point, (size_t)channels * stage->out.channels);
    }
}
