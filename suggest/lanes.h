/*
 * Sixteen floats at once, as loops of constant length that compilers turn into vectors.
 *
 * No branch, no sum that could be reordered, nothing fused: results do not depend on how wide the machine's vectors are.
 */
#ifndef HONE_SUGGEST_LANES_H
#define HONE_SUGGEST_LANES_H

#include <math.h>
#include <stdint.h>
#include <string.h>

enum { LANES = 16 };

/* A function in versions for wider vectors, of which the loader takes the widest that the machine has. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define FOR_WIDE_VECTORS __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define FOR_WIDE_VECTORS
#endif

/* exp(x) for x <= 0, within 3e-7 of its value; what lies below -87 counts as -87. Cephes' expf (S. Moshier): x = n log 2 + r,
   and a polynomial in r. */
static inline void lanes_exp(const float x[LANES], float result[LANES])
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    int32_t bits[LANES];
    float power[LANES];

    for (int c = 0; c < LANES; c++) {
        float is_in_range = x[c] > -87.0f, kept = is_in_range * x[c] - (1.0f - is_in_range) * 87.0f;
        float n = (kept * 1.44269504088896341f + shift) - shift;
        float r = kept - n * 0.693359375f + n * 2.12194440e-4f;
        float p = r * 1.9875691500e-4f + 1.3981999507e-3f;
        p = p * r + 8.3334519073e-3f;
        p = p * r + 4.1665795894e-2f;
        p = p * r + 1.6666665459e-1f;
        p = p * r + 5.0000001201e-1f;
        result[c] = p * r * r + r + 1.0f;
        bits[c] = ((int32_t)n + 127) * (1 << 23);
    }
    memcpy(power, bits, sizeof power);
    for (int c = 0; c < LANES; c++)
        result[c] *= power[c];
}

/* log(sum of exp(term)) one term at a time, one exp each: top is the largest term so far (a large negative number before the
   first), sum that of exp(term - top). */
static inline void lanes_add_exp(float top[restrict LANES], float sum[restrict LANES], const float term[restrict LANES])
{
    float e[LANES];

    for (int c = 0; c < LANES; c++)
        e[c] = -fabsf(term[c] - top[c]);
    lanes_exp(e, e);
    for (int c = 0; c < LANES; c++) {
        float is_above = term[c] > top[c], stays = 1.0f - is_above;
        sum[c] = sum[c] * (is_above * e[c] + stays) + (stays * e[c] + is_above);
        top[c] = is_above * term[c] + stays * top[c];
    }
}

#endif
