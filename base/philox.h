/*
 * One block of Philox4x32-10 (Salmon et al., SC'11), for the CPU and for kernels: the same numbers on both.
 *
 * ON_DEVICE: what nas/cuda/device.cuh puts before a function that kernels call too; nothing in C.
 */
#ifndef HONE_BASE_PHILOX_H
#define HONE_BASE_PHILOX_H

#include <stdint.h>

#ifndef ON_DEVICE
#define ON_DEVICE
#endif

ON_DEVICE static inline void philox(const uint32_t key[2], const uint32_t counter[4], uint32_t block[4])
{
    uint32_t k0 = key[0], k1 = key[1];
    uint32_t c0 = counter[0], c1 = counter[1], c2 = counter[2], c3 = counter[3];

    for (int round = 0; round < 10; round++) {
        uint64_t p0 = (uint64_t)0xD2511F53 * c0, p1 = (uint64_t)0xCD9E8D57 * c2;

        c0 = (uint32_t)(p1 >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)p1;
        c2 = (uint32_t)(p0 >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)p0;
        k0 += 0x9E3779B9;
        k1 += 0xBB67AE85;
    }
    block[0] = c0;
    block[1] = c1;
    block[2] = c2;
    block[3] = c3;
}

#endif
