/*
 * Batch normalisation: moments of what a stage wrote, and the way back through them.
 */
#include <math.h>
#include <string.h>

#include "nas/cpu/cpu.h"

struct buffers {
    double *sums; /* (2, channels) */
    float *partial;
    float *slopes; /* (3, channels): dy = slopes[0] d + slopes[1] y + slopes[2] */
};

struct work {
    const struct tensor *tensor;
    const float *values, *gradients; /* of image 0 */
};

static struct buffers take(const struct tensor *tensor, struct room *room)
{
    struct buffers b;

    b.sums = (double *)room_take(room, 4 * (size_t)tensor->channels);
    b.partial = room_take(room, 2 * (size_t)tensor->channels);
    b.slopes = room_take(room, 3 * (size_t)tensor->channels);
    return b;
}

size_t cpu_part_sums(const struct network *network)
{
    size_t most = 0;

    for (size_t i = 0; i < network->n_tensors; i++)
        if (2 * (size_t)network->tensors[i].channels > most)
            most = 2 * (size_t)network->tensors[i].channels;
    return (most + 7) / 8 * 8;
}

size_t cpu_normal_floats(const struct tensor *tensor)
{
    struct room room = { 0 };

    take(tensor, &room);
    return room.used;
}

void cpu_normal_lines(const struct engine *engine, const struct view *view, float *scale, float *shift)
{
    const struct tensor *tensor = view_tensor(engine->network, view);
    const float *mean = (const float *)engine->statistics + tensor->statistics + view->start,
                *rstd = mean + tensor->channels;
    const float *gamma = cpu_weights(engine, tensor->affine + view->start), *beta = gamma + tensor->channels;

    for (unsigned c = 0; c < view->channels; c++) {
        scale[c] = 1;
        shift[c] = 0;
        if (!tensor->is_normal)
            continue;
        scale[c] = tensor->affine != NO_OFFSET ? rstd[c] * gamma[c] : rstd[c];
        shift[c] = (tensor->affine != NO_OFFSET ? beta[c] : 0) - mean[c] * scale[c];
    }
}

static size_t image_values(const struct tensor *tensor)
{
    return (size_t)tensor->height * tensor->width * tensor->channels;
}

/* Sums over an image of a and of a * b, a tile at a time in floats, then in doubles. */
static void sum_image(const float *a, const float *b, unsigned channels, size_t n, float *partial, double *sums)
{
    enum { TILE = 64 };

    for (size_t done = 0; done < n; done += TILE) {
        const size_t count = n - done < TILE ? n - done : TILE;

        memset(partial, 0, 2 * channels * sizeof *partial);
        pixels_sum(count, channels, a + done * channels, channels, partial);
        pixels_dot(count, channels, a + done * channels, channels, b + done * channels, channels, partial + channels);
        for (unsigned c = 0; c < 2 * channels; c++)
            sums[c] += (double)partial[c];
    }
}

static void sums_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct work *work = owner;
    const struct tensor *tensor = work->tensor;
    const struct buffers b = take(tensor, &part->room);
    const size_t size = image_values(tensor);

    (void)engine;
    memset(b.sums, 0, 2 * tensor->channels * sizeof *b.sums);
    for (unsigned image = part->first; image < part->end; image++)
        sum_image(work->gradients + image * size, work->values + image * size, tensor->channels,
                  size / tensor->channels, b.partial, b.sums);
}

/* Sums over all images of a and a * b, in the first part's room. */
static struct buffers sum_all(struct engine *engine, const struct work *work)
{
    struct part first = cpu_part(engine, 0);
    const struct buffers b = take(work->tensor, &first.room);

    cpu_each_part(engine, work, sums_part);
    for (unsigned p = 1; p < PARTS; p++) {
        struct part part = cpu_part(engine, p);
        const struct buffers other = take(work->tensor, &part.room);

        for (unsigned c = 0; part.first < part.end && c < 2 * work->tensor->channels; c++)
            b.sums[c] += other.sums[c];
    }
    return b;
}

void cpu_normal_add_image(const struct engine *engine, const struct view *view, const struct part *part, unsigned image)
{
    enum { TILE = 64 };
    const struct tensor *tensor = view_tensor(engine->network, view);
    const size_t n = (size_t)tensor->height * tensor->width;
    const float *values = cpu_values(engine, view, image);
    double *sums = part->sums + view->start;
    float partial[2 * TILE];

    if (!tensor->is_normal || engine->kind == PASS_EVALUATE)
        return;
    if (image == part->first)
        for (unsigned c = 0; c < view->channels; c++)
            sums[c] = sums[tensor->channels + c] = 0;
    for (size_t done = 0; done < n; done += TILE)
        for (unsigned c = 0; c < view->channels; c += TILE) {
            const unsigned width = view->channels - c < TILE ? view->channels - c : TILE;
            const size_t count = n - done < TILE ? n - done : TILE;

            memset(partial, 0, sizeof partial);
            pixels_moments(count, width, values + done * tensor->channels + c, tensor->channels, partial,
                           partial + TILE);
            for (unsigned i = 0; i < width; i++) {
                sums[c + i] += (double)partial[i];
                sums[tensor->channels + c + i] += (double)partial[TILE + i];
            }
        }
}

/* The parts' sums, added up in the first one's. */
static const double *add_parts(const struct engine *engine, const struct tensor *tensor)
{
    double *sums = cpu_part(engine, 0).sums;

    if (cpu_part(engine, 0).end == 0)
        memset(sums, 0, 2 * tensor->channels * sizeof *sums);
    for (unsigned p = 1; p < PARTS; p++) {
        const struct part part = cpu_part(engine, p);

        for (unsigned c = 0; part.first < part.end && c < 2 * tensor->channels; c++)
            sums[c] += part.sums[c];
    }
    return sums;
}

void cpu_normal_measure(struct engine *engine, const struct tensor *tensor)
{
    const double n = (double)tensor->height * tensor->width * engine->n;
    float *mean = (float *)engine->statistics + tensor->statistics, *rstd = mean + tensor->channels;
    float *running_mean = rstd + tensor->channels, *running_variance = running_mean + tensor->channels;
    const double *sums = engine->kind != PASS_EVALUATE ? add_parts(engine, tensor) : NULL;

    for (unsigned c = 0; c < tensor->channels; c++) {
        double variance = 1 + (double)running_variance[c];

        mean[c] = running_mean[c];
        if (sums != NULL) {
            mean[c] = (float)(sums[c] / n);
            variance = fmax(0, sums[tensor->channels + c] / n - sums[c] / n * (sums[c] / n));
            running_mean[c] += (float)NORMAL_MOMENTUM * (mean[c] - running_mean[c]);
            running_variance[c] += (float)(NORMAL_MOMENTUM *
                                           (variance * n / (n > 1 ? n - 1 : 1) - 1 - (double)running_variance[c]));
        }
        rstd[c] = (float)(1 / sqrt(variance + NORMAL_EPSILON));
    }
}

static void bend_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct work *work = owner;
    const struct tensor *tensor = work->tensor;
    struct part first = cpu_part(engine, 0);
    const float *slopes = take(tensor, &first.room).slopes;
    const unsigned channels = tensor->channels;
    const size_t size = image_values(tensor);

    float *gradients = (float *)work->gradients + part->first * size;

    pixels_bend_own((part->end - part->first) * size / channels, channels, work->values + part->first * size, slopes,
                    gradients);
}

void cpu_normal_denormalize(struct engine *engine, const struct tensor *tensor)
{
    const float *values = (const float *)engine->values + tensor->values * engine->batch;
    const float *gradients = (const float *)engine->gradients + tensor->gradients * engine->batch;
    const struct work work = { tensor, values, gradients };
    const double n = (double)tensor->height * tensor->width * engine->n;
    const float *mean = (const float *)engine->statistics + tensor->statistics, *rstd = mean + tensor->channels;
    struct buffers b;

    if (tensor->is_mixed_once)
        return; /* mix.c has done it */
    b = sum_all(engine, &work);
    for (unsigned c = 0; c < tensor->channels; c++) {
        const double sum = b.sums[c],
                     product = (double)rstd[c] * (b.sums[tensor->channels + c] - (double)mean[c] * sum);
        const double bend = (double)rstd[c] * product / n;
        double scale = (double)rstd[c];

        if (tensor->affine != NO_OFFSET) {
            float *gradient = (float *)engine->vectors[VECTOR_GRADIENT] + tensor->affine + c;

            scale *= (double)*cpu_weights(engine, tensor->affine + c);
            if (wants_weights(engine)) {
                gradient[0] += (float)product;
                gradient[tensor->channels] += (float)sum;
            }
        }
        b.slopes[c] = (float)scale;
        b.slopes[tensor->channels + c] = (float)(-scale * bend);
        b.slopes[2 * tensor->channels + c] = (float)(scale * ((double)mean[c] * bend - sum / n));
    }
    cpu_each_part(engine, &work, bend_part);
}
