/*
 * Sets of images: one block each, and what needs nothing but them.
 */
#include "nas/data/images.h"

#include <math.h>
#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "base/status.h"

int images_create(const char *what, size_t n, unsigned height, unsigned width, unsigned channels, unsigned n_classes,
                  struct images **images)
{
    if (n == 0 || height == 0 || width == 0 || channels == 0 || n_classes == 0)
        return fail(ERR_INVALID, "%s: %zu images of %u x %u x %u in %u classes: none of these may be 0", what, n,
                    height, width, channels, n_classes);
    if (n > IMAGES_LIMIT || height > IMAGE_SIDE_LIMIT || width > IMAGE_SIDE_LIMIT || channels > IMAGE_CHANNELS_LIMIT ||
        n_classes > IMAGE_CLASSES_LIMIT || n > IMAGES_BYTES_LIMIT / ((size_t)height * width * channels))
        return fail(ERR_LIMIT, "%s: %zu images of %u x %u x %u in %u classes are too many or too large", what, n,
                    height, width, channels, n_classes);

    size_t size = (size_t)height * width * channels;
    struct images *made = xcalloc(1, sizeof *made + n * (size + 1));

    *made = (struct images){ .n = n, .height = height, .width = width, .channels = channels, .n_classes = n_classes };
    made->labels = (uint8_t *)(made + 1);
    made->pixels = made->labels + n;
    *images = made;
    return 0;
}

void images_destroy(struct images *images)
{
    free(images);
}

void images_moments(const struct images *images, double mean[IMAGE_CHANNELS_LIMIT],
                    double deviation[IMAGE_CHANNELS_LIMIT])
{
    uint64_t sum[IMAGE_CHANNELS_LIMIT] = { 0 }, squares[IMAGE_CHANNELS_LIMIT] = { 0 };
    size_t n_pixels = images->n * images->height * images->width;

    for (size_t p = 0; p < n_pixels; p++)
        for (unsigned c = 0; c < images->channels; c++) {
            uint64_t value = images->pixels[p * images->channels + c];

            sum[c] += value;
            squares[c] += value * value;
        }
    for (unsigned c = 0; c < images->channels; c++) {
        double average = (double)sum[c] / (double)n_pixels;
        double variance = (double)squares[c] / (double)n_pixels - average * average;

        mean[c] = average / 255;
        deviation[c] = variance > 0 ? sqrt(variance) / 255 : 1;
    }
}

/* Fisher and Yates. */
void images_order(size_t n, uint64_t seed, uint64_t number, const char *purpose, uint32_t *order)
{
    struct rng rng = rng_stream(seed, number, purpose);

    for (size_t i = 0; i < n; i++)
        order[i] = (uint32_t)i;
    for (size_t i = n; i > 1; i--) {
        size_t other = (size_t)rng_below(&rng, i);
        uint32_t kept = order[i - 1];

        order[i - 1] = order[other];
        order[other] = kept;
    }
}
