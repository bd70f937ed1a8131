/*
 * The network of an ENAS macro architecture: a chain of layers, each of which reads the layer before it and those that it skips to.
 *
 * What a layer reads is put side by side; where sizes differ, smaller ones get zeros to the right and below, as in Katib's trial
 * (ModelConstructor.py).
 */
#ifndef HONE_NAS_MACRO_NETWORK_H
#define HONE_NAS_MACRO_NETWORK_H

#include "nas/genotype.h"
#include "nas/network.h"

enum layer_kind {
    LAYER_CONV,
    LAYER_SEPARABLE, /* depthwise and pointwise */
    LAYER_MAX_POOL,  /* of stride kernel; a side of 1 stays */
    LAYER_AVG_POOL,
};

struct layer {
    enum layer_kind kind;
    unsigned kernel, stride, channels; /* channels 0: depth times those that are read */
    unsigned depth;                    /* SEPARABLE: depthwise filters of a channel */
};

/* layers: (macro->n_layers), what each does. Planned. ERR_LIMIT: a tensor has more than NETWORK_CHANNELS_LIMIT channels. */
int macro_network_create(unsigned height, unsigned width, unsigned channels, unsigned n_classes,
                         const struct macro *macro, const struct layer *layers, struct network **network);

#endif
