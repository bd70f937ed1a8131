/*
 * A batch out of the training set: cropped, mirrored, cut out and normalised, by the function that the CPU uses.
 *
 * A block an image: its move is drawn once.
 */
#include "nas/cuda/augment.cuh"

namespace
{

enum { THREADS = 256 };

struct drawn {
    augment_move move;
};

__global__ void augment_kernel(const augmentation *augmentation, const uint8_t *pixels, const uint32_t *order,
                               float *batch)
{
    SHARED(drawn, shared);
    const uint32_t image = order[blockIdx.x];
    const int width = augmentation->width, channels = augmentation->channels;
    const int n = augmentation->height * width * channels;

    if (threadIdx.x == 0)
        shared.move = augment_draw(augmentation, image);
    __syncthreads();
    for (int i = (int)threadIdx.x; i < n; i += (int)blockDim.x)
        batch[(size_t)blockIdx.x * n + i] = augment_value(augmentation, &shared.move, pixels + (size_t)image * n,
                                                          i / channels / width, i / channels % width, i % channels);
}

} // namespace

extern "C" int cuda_augment(const struct augmentation *augmentation, const uint8_t *pixels, const uint32_t *order,
                            unsigned n_batch, float *batch, device_stream stream)
{
    LAUNCH(augment_kernel, n_batch, THREADS, sizeof(drawn), stream, augmentation, pixels, order, batch);
    return launch_status();
}
