/*
 * Images of one size made images of another.
 *
 * Resampling is separable with a triangle as wide as the larger of a source and a target pixel: bilinear when growing,
 * without aliasing when shrinking.
 */
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/status.h"
#include "nas/data/images.h"

/* Target pixel i is the sum over k of weights[i * n_taps + k] * source[first[i] + k]; taps outside of the source weigh 0. */
struct axis {
    unsigned n_source, n_target, n_taps;
    unsigned *first; /* (n_target) */
    float *weights;  /* (n_target, n_taps) */
};

static bool is_padded(unsigned source, unsigned target)
{
    return target >= source && 2 * (target - source) < source;
}

static void pad_axis(struct axis *axis, unsigned i)
{
    unsigned margin = (axis->n_target - axis->n_source) / 2;

    if (i >= margin && i - margin < axis->n_source) {
        axis->first[i] = i - margin;
        axis->weights[i] = 1;
    }
}

static void resample_axis(struct axis *axis, unsigned i)
{
    double scale = (double)axis->n_source / axis->n_target, radius = fmax(scale, 1);
    double centre = (i + 0.5) * scale - 0.5, sum = 0;
    unsigned first = (unsigned)fmax(0, ceil(centre - radius));
    float *weights = axis->weights + (size_t)i * axis->n_taps;

    for (unsigned k = 0; k < axis->n_taps && first + k < axis->n_source; k++) {
        weights[k] = (float)fmax(0, 1 - fabs(first + k - centre) / radius);
        sum += weights[k];
    }
    for (unsigned k = 0; k < axis->n_taps; k++)
        weights[k] = (float)(weights[k] / sum);
    axis->first[i] = first;
}

static void axis_init(struct axis *axis, unsigned n_source, unsigned n_target)
{
    bool padded = is_padded(n_source, n_target);
    unsigned radius = n_source > n_target ? (n_source + n_target - 1) / n_target : 1;

    *axis = (struct axis){ .n_source = n_source, .n_target = n_target, .n_taps = padded ? 1 : 2 * radius + 1 };
    axis->weights = xcalloc(n_target, axis->n_taps * sizeof(float) + sizeof(unsigned));
    axis->first = (unsigned *)(axis->weights + (size_t)n_target * axis->n_taps);
    for (unsigned i = 0; i < n_target; i++)
        padded ? pad_axis(axis, i) : resample_axis(axis, i);
}

/* Apply the axis to (outer, n_source, inner), giving (outer, n_target, inner). */
static void axis_apply(const struct axis *axis, const float *source, size_t outer, size_t inner, float *target)
{
    for (size_t o = 0; o < outer; o++)
        for (unsigned i = 0; i < axis->n_target; i++)
            for (size_t j = 0; j < inner; j++) {
                float sum = 0;

                for (unsigned k = 0; k < axis->n_taps && axis->first[i] + k < axis->n_source; k++)
                    sum += axis->weights[(size_t)i * axis->n_taps + k] *
                           source[(o * axis->n_source + axis->first[i] + k) * inner + j];
                target[(o * axis->n_target + i) * inner + j] = sum;
            }
}

/* (n_pixels, from) to (n_pixels, to). */
static void convert_channels(const uint8_t *source, size_t n_pixels, unsigned from, unsigned to, float *target)
{
    static const float luma[] = { 0.299F, 0.587F, 0.114F };

    for (size_t p = 0; p < n_pixels; p++, source += from, target += to) {
        float grey = 0;

        for (unsigned c = 0; c < from; c++)
            grey += from < 3 ? (float)source[c] / (float)from : c < 3 ? luma[c] * (float)source[c] : 0;
        for (unsigned c = 0; c < to; c++)
            target[c] = from == to ? (float)source[c] : grey;
    }
}

int images_fit(const struct images *images, unsigned height, unsigned width, unsigned channels, struct images **fitted)
{
    struct axis rows, columns;
    struct images *made;

    if (channels != images->channels && channels != 1 && images->channels != 1)
        return fail(ERR_UNSUPPORTED, "images of %u channels cannot become images of %u", images->channels, channels);
    TRY(images_create("the input of the network", images->n, height, width, channels, images->n_classes, &made));

    size_t n_pixels = (size_t)images->height * images->width;
    float *whole = xcalloc((n_pixels + (size_t)height * images->width + (size_t)height * width) * channels,
                           sizeof *whole);
    float *tall = whole + n_pixels * channels, *final = tall + (size_t)height * images->width * channels;

    axis_init(&rows, images->height, height);
    axis_init(&columns, images->width, width);
    for (size_t i = 0; i < images->n; i++) {
        made->labels[i] = images->labels[i];
        convert_channels(images->pixels + i * image_bytes(images), n_pixels, images->channels, channels, whole);
        axis_apply(&rows, whole, 1, (size_t)images->width * channels, tall);
        axis_apply(&columns, tall, height, channels, final);
        for (size_t p = 0; p < image_bytes(made); p++)
            made->pixels[i * image_bytes(made) + p] = (uint8_t)lrintf(fminf(fmaxf(final[p], 0), 255));
    }
    free(rows.weights);
    free(columns.weights);
    free(whole);
    *fitted = made;
    return 0;
}
