/*
 * What an epoch's augmentation begins with: the key of its stream and the table of normalised values.
 */
#include "nas/data/augment.h"

#include <string.h>

#include "base/rng.h"

void augmentation_init(struct augmentation *augmentation, const struct images *images,
                       const double mean[IMAGE_CHANNELS_LIMIT], const double deviation[IMAGE_CHANNELS_LIMIT],
                       uint64_t seed, uint64_t epoch)
{
    struct rng stream = rng_stream(seed, epoch, "nas.augment");

    *augmentation = (struct augmentation){ .height = (int)images->height,
                                           .width = (int)images->width,
                                           .channels = (int)images->channels };
    memcpy(augmentation->key, stream.key, sizeof augmentation->key);
    memcpy(augmentation->epoch, stream.counter + 2, sizeof augmentation->epoch);
    for (unsigned c = 0; c < images->channels; c++)
        for (int value = 0; value < 256; value++)
            augmentation->values[c][value] = (float)((value / 255.0 - mean[c]) / deviation[c]);
}
