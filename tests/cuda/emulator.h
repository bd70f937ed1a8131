/*
 * CUDA's execution model on the CPU, for testing kernels: blocks run one after another, the threads of a block as fibers.
 *
 * What it checks beyond the results: barriers that not every thread of a block reaches, warp functions that a named lane does not
 * reach, and, with the sanitizers, every access. Shared memory holds NANs before each block. Threads run in an order
 * that emulator_order chooses: results that change with it are races. An offence ends the program with a line that names the
 * kernel, the block and the thread.
 */
#ifndef HONE_TESTS_CUDA_EMULATOR_H
#define HONE_TESTS_CUDA_EMULATOR_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <functional>

#define __global__
#define __device__
#define __host__
#define __forceinline__ inline
#define __restrict__ __restrict
#define __launch_bounds__(...)

struct uint3 {
    unsigned x, y, z;
};

struct dim3 {
    unsigned x, y, z;
    dim3(unsigned width = 1, unsigned height = 1, unsigned depth = 1) : x(width), y(height), z(depth)
    {
    }
};

struct alignas(16) float4 {
    float x, y, z, w;
};
struct alignas(8) float2 {
    float x, y;
};
struct alignas(16) uint4 {
    unsigned x, y, z, w;
};
static inline float4 make_float4(float x, float y, float z, float w)
{
    return float4{ x, y, z, w };
}

typedef void *device_stream;

/* An offence ends the program: a launch that returns has gone well. */
static inline int launch_status(void)
{
    return 0;
}

enum emulator_order { EMULATOR_FORWARD, EMULATOR_BACKWARD, EMULATOR_SHUFFLED, EMULATOR_ORDERS };

/* How threads take turns from the next launch on. */
void emulator_set_order(enum emulator_order order);

/* Run a kernel's blocks. shared_bytes <= 227 KiB, block of 1 to 1024 threads, as on the device. */
void emulator_launch(const char *kernel, dim3 grid, dim3 block, size_t shared_bytes, const std::function<void()> &body);

#define LAUNCH(kernel, grid, block, shared_bytes, stream, ...) \
    ((void)(stream), emulator_launch(#kernel, (grid), (block), (shared_bytes), [&] { kernel(__VA_ARGS__); }))
#define SHARED(type, name) type &name = *static_cast<type *>(emulator_shared(sizeof(type)))

/* --- inside a kernel --- */

const uint3 &emulator_thread(void);
const uint3 &emulator_block(void);
const dim3 &emulator_block_size(void);
const dim3 &emulator_grid_size(void);
#define threadIdx emulator_thread()
#define blockIdx  emulator_block()
#define blockDim  emulator_block_size()
#define gridDim   emulator_grid_size()

/* size: what the kernel is about to use; more than the launch gave is an offence. */
void *emulator_shared(size_t size);

void __syncthreads(void);
void __syncwarp(unsigned mask = 0xffffffffu);

/* Every lane of mask gives size <= 64 bytes, and gets those of lane source; a source outside of mask gives its own back. */
void emulator_exchange(unsigned mask, int source, const void *mine, void *theirs, size_t size);
unsigned emulator_lane(void);

template <typename T> T __shfl_sync(unsigned mask, T value, int source)
{
    T found;

    emulator_exchange(mask, source & 31, &value, &found, sizeof value);
    return found;
}

template <typename T> T __shfl_xor_sync(unsigned mask, T value, int distance)
{
    return __shfl_sync(mask, value, (int)emulator_lane() ^ distance);
}

template <typename T> T __shfl_down_sync(unsigned mask, T value, unsigned distance)
{
    unsigned lane = emulator_lane();

    return __shfl_sync(mask, value, (int)(lane + distance < 32 ? lane + distance : lane));
}

unsigned __ballot_sync(unsigned mask, int predicate);

/* Fibers change only at barriers, so a plain addition is atomic. */
template <typename T> T atomicAdd(T *address, T value)
{
    T before = *address;

    *address = before + value;
    return before;
}

template <typename T> T __ldg(const T *address)
{
    return *address;
}

static inline int __popc(unsigned bits)
{
    return __builtin_popcount(bits);
}

/* Seen by nobody before copy_wait(): until then the 16 bytes hold NANs. */
void copy_16(void *shared, const void *global);
void copy_wait(void);
void mma_16x8x16(float d[4], const uint32_t a[4], const uint32_t b[2]);

#endif
