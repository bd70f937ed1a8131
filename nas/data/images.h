/*
 * Labelled images in memory, and what is done with a whole set of them: fitting to an input size, splitting, ordering,
 * the constants of normalisation.
 */
#ifndef HONE_NAS_DATA_IMAGES_H
#define HONE_NAS_DATA_IMAGES_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { IMAGES_LIMIT = 1 << 24, IMAGE_SIDE_LIMIT = 1024, IMAGE_CHANNELS_LIMIT = 4, IMAGE_CLASSES_LIMIT = 256 };
/* Bytes of pixels in a set. */
#define IMAGES_BYTES_LIMIT ((size_t)4 << 30)

struct images {
    size_t n;
    unsigned height, width, channels, n_classes;
    uint8_t *labels; /* (n), below n_classes */
    uint8_t *pixels; /* (n, height, width, channels) */
};

/* One block, zeroed. ERR_LIMIT: a limit above is passed; ERR_INVALID: a size is zero. what: names the set in the message. */
int images_create(const char *what, size_t n, unsigned height, unsigned width, unsigned channels, unsigned n_classes,
                  struct images **images);
void images_destroy(struct images *images); /* accepts NULL */

static inline size_t image_bytes(const struct images *images)
{
    return (size_t)images->height * images->width * images->channels;
}

/* A copy of the wanted size. A side that grows by less than half is padded with zeros on both sides, another is resampled
   linearly, over the whole area when it shrinks. One channel is repeated, several become one by Rec. 601 luma of the first
   three or by their mean; other changes of channels are ERR_UNSUPPORTED. */
int images_fit(const struct images *images, unsigned height, unsigned width, unsigned channels, struct images **fitted);

/* Mean and standard deviation of each channel over all pixels, in units of 1 / 255; a deviation of 0 comes as 1. */
void images_moments(const struct images *images, double mean[IMAGE_CHANNELS_LIMIT],
                    double deviation[IMAGE_CHANNELS_LIMIT]);

/* A permutation of 0 .. n - 1, a pure function of (seed, number, purpose): the order of an epoch, or a split: the first half
   of "nas.split" is for weights, the rest for alphas. */
void images_order(size_t n, uint64_t seed, uint64_t number, const char *purpose, uint32_t *order);

#ifdef __cplusplus
}
#endif

#endif
