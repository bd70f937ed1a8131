/*
 * Launchers of nas/cuda/augment.cu.
 */
#ifndef HONE_NAS_CUDA_AUGMENT_CUH
#define HONE_NAS_CUDA_AUGMENT_CUH

#include "nas/cuda/device.cuh"

#include "nas/data/augment.h"

/* Batch image b is the augmented image number order[b] of pixels: (n_batch, height, width, channels) floats. All pointers are the
   device's. */
extern "C" int cuda_augment(const struct augmentation *augmentation, const uint8_t *pixels, const uint32_t *order,
                            unsigned n_batch, float *batch, device_stream stream);

#endif
