/*
 * What kernels are written with: CUDA's own words, and by name the few things that are not C++: launches, shared memory, bfloat16,
 * tensor cores, asynchronous copies.
 *
 * Compiled by nvcc they are the device's. Compiled by g++ they are tests/cuda/emulator.h's, so that every kernel runs in every
 * test, bounds and barriers checked.
 */
#ifndef HONE_NAS_CUDA_DEVICE_CUH
#define HONE_NAS_CUDA_DEVICE_CUH

#include <stddef.h>
#include <stdint.h>

#ifdef __CUDACC__

#include <cuda_runtime.h>

/* kernel<<<grid, block, shared_bytes, stream>>>(...) */
#define LAUNCH(kernel, grid, block, shared_bytes, stream, ...) \
    kernel<<<(grid), (block), (shared_bytes), (stream)>>>(__VA_ARGS__)
/* The block's shared memory, of the size of the launch, as one struct. */
#define SHARED(type, name)                                                       \
    extern __shared__ unsigned char name##_bytes[] __attribute__((aligned(16))); \
    type &name = *reinterpret_cast<type *>(name##_bytes)

typedef cudaStream_t device_stream;

/* What the launch before this returned: 0, or the runtime's error. */
static inline int launch_status(void)
{
    return (int)cudaGetLastError();
}

/* 16 bytes from global to shared memory, both aligned to 16. Seen after copy_wait() and a barrier. */
static __device__ __forceinline__ void copy_16(void *shared, const void *global)
{
    uint32_t address = (uint32_t)__cvta_generic_to_shared(shared);

    asm volatile("cp.async.cg.shared.global [%0], [%1], 16;" ::"r"(address), "l"(global));
}

/* Wait for all copies of this thread. */
static __device__ __forceinline__ void copy_wait(void)
{
    asm volatile("cp.async.wait_all;" ::: "memory");
}

/* d (16, 8) += a (16, 16) b (16, 8) by a warp, fragments as PTX ISA, mma.m16n8k16 for .bf16; two values a word, the first low. */
static __device__ __forceinline__ void mma_16x8x16(float d[4], const uint32_t a[4], const uint32_t b[2])
{
    asm volatile(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(d[0]), "+f"(d[1]), "+f"(d[2]), "+f"(d[3])
        : "r"(a[0]), "r"(a[1]), "r"(a[2]), "r"(a[3]), "r"(b[0]), "r"(b[1]));
}

#else
#include "tests/cuda/emulator.h"
#endif

/* Before headers of C whose inline functions kernels call. */
#define ON_DEVICE __host__ __device__

enum { WARP_SIZE = 32 };
static const unsigned ALL_LANES = 0xffffffffu;

/* bfloat16: the upper half of a float, rounded to nearest even; NAN stays NAN. */
struct bf16 {
    uint16_t bits;
};

static __device__ __forceinline__ uint32_t float_bits(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static __device__ __forceinline__ bf16 to_bf16(float value)
{
    uint32_t bits = float_bits(value);

    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return bf16{ (uint16_t)((bits >> 16) | 0x40) };
    return bf16{ (uint16_t)((bits + 0x7fff + ((bits >> 16) & 1)) >> 16) };
}

static __device__ __forceinline__ float to_float(bf16 value)
{
    uint32_t bits = (uint32_t)value.bits << 16;
    float wide;

    memcpy(&wide, &bits, sizeof wide);
    return wide;
}

static __device__ __forceinline__ float to_float(float value)
{
    return value;
}

/* Two values as a word of an mma fragment. */
static __device__ __forceinline__ uint32_t pack_bf16(float first, float second)
{
    return (uint32_t)to_bf16(first).bits | (uint32_t)to_bf16(second).bits << 16;
}

/* The sum over the lanes of a warp, the same in all of them: a butterfly, so the order is fixed. */
static __device__ __forceinline__ float warp_sum(float value)
{
    for (int distance = WARP_SIZE / 2; distance > 0; distance /= 2)
        value += __shfl_xor_sync(ALL_LANES, value, distance);
    return value;
}

#endif
