/*
 * Augmentation of a training image: a random crop of the padded image, a mirror, a square cut out, normalised; a pure function
 * of (stream, image, place), for the CPU and for kernels: bit-equal on both, as values come out of a table.
 *
 * As DARTS does it (quark0/darts, cnn/utils.py): padding is black before normalisation; what is cut out is 0 after it.
 */
#ifndef HONE_NAS_DATA_AUGMENT_H
#define HONE_NAS_DATA_AUGMENT_H

#include "base/philox.h"
#include "nas/data/images.h"

#ifdef __cplusplus
extern "C" {
#endif

struct augmentation {
    uint32_t key[2], epoch[2]; /* augmentation_init() */
    int height, width, channels;
    int padding;                             /* pixels on each side that the crop may reach into; 0: no crop */
    int cutout;                              /* side of the square; 0: none */
    int is_mirrored;                         /* half of the images are */
    float values[IMAGE_CHANNELS_LIMIT][256]; /* of a pixel's byte, normalised */
};

struct augment_move {
    int top, left;         /* where the crop begins, -padding to padding */
    int is_mirrored;       /* this one is */
    int cut_top, cut_left; /* may lie outside of the image in part */
};

/* The crop, mirror and cutout of every image in an epoch follow from seed and epoch. images gives the shape; mean and deviation as
   images_moments() gives them. No crop, mirror or cutout yet: set those fields. */
void augmentation_init(struct augmentation *augmentation, const struct images *images,
                       const double mean[IMAGE_CHANNELS_LIMIT], const double deviation[IMAGE_CHANNELS_LIMIT],
                       uint64_t seed, uint64_t epoch);

/* 0 .. n - 1; uneven by less than n / 2^32. */
ON_DEVICE static inline int augment_below(uint32_t word, int n)
{
    return (int)((uint64_t)word * (uint32_t)n >> 32);
}

/* image: its index in the training set. */
ON_DEVICE static inline struct augment_move augment_draw(const struct augmentation *augmentation, uint32_t image)
{
    const uint32_t shift[4] = { image, 0, augmentation->epoch[0], augmentation->epoch[1] };
    const uint32_t square[4] = { image, 1, augmentation->epoch[0], augmentation->epoch[1] };
    uint32_t words[4], more[4];
    struct augment_move move;

    philox(augmentation->key, shift, words);
    philox(augmentation->key, square, more);
    move.top = augment_below(words[0], 2 * augmentation->padding + 1) - augmentation->padding;
    move.left = augment_below(words[1], 2 * augmentation->padding + 1) - augmentation->padding;
    move.is_mirrored = augmentation->is_mirrored && words[2] >> 31;
    move.cut_top = augment_below(more[0], augmentation->height) - augmentation->cutout / 2;
    move.cut_left = augment_below(more[1], augmentation->width) - augmentation->cutout / 2;
    return move;
}

/* The value at (y, x, channel) of the augmented image; pixels: of the original, (height, width, channels). */
ON_DEVICE static inline float augment_value(const struct augmentation *augmentation, const struct augment_move *move,
                                            const uint8_t *pixels, int y, int x, int channel)
{
    const int from_y = y + move->top;
    const int from_x = (move->is_mirrored ? augmentation->width - 1 - x : x) + move->left;

    if (y >= move->cut_top && y < move->cut_top + augmentation->cutout && x >= move->cut_left &&
        x < move->cut_left + augmentation->cutout)
        return 0;
    if (from_y < 0 || from_y >= augmentation->height || from_x < 0 || from_x >= augmentation->width)
        return augmentation->values[channel][0];
    return augmentation->values[channel][pixels[((size_t)from_y * (size_t)augmentation->width + (size_t)from_x) *
                                                    (size_t)augmentation->channels +
                                                (size_t)channel]];
}

#ifdef __cplusplus
}
#endif

#endif
