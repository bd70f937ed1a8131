/*
 * Sixteen floats at once, for loops that must be fast on any machine: vectors as GCC and Clang lower them to what is there.
 *
 * No sum is reordered and nothing is fused, so results do not depend on the machine. Pointers, because how such vectors are
 * passed by value depends on the target.
 */
#ifndef HONE_SUGGEST_LANES_H
#define HONE_SUGGEST_LANES_H

#include <math.h>
#include <stdint.h>

enum { LANES = 16 };

typedef float lanes __attribute__((vector_size(LANES * sizeof(float))));
typedef int32_t int_lanes __attribute__((vector_size(LANES * sizeof(int32_t))));

/* a where mask is all ones, b where it is 0, into a. */
static inline void lanes_select(const int_lanes *mask, lanes *a, const lanes *b)
{
    *a = (lanes)((*mask & (int_lanes)*a) | (~*mask & (int_lanes)*b));
}

/* exp(x) in place for x <= 0, within 2e-7 of its value; what lies below -87 counts as -87. Cephes' expf (S. Moshier):
   x = n log 2 + r, and a polynomial in r. */
static inline void lanes_exp(lanes *x)
{
    const float shift = 12582912.0f; /* 1.5 * 2^23: adding it rounds to a whole number */
    const lanes lowest = (lanes){ 0 } - 87.0f;
    const int_lanes is_in_range = *x > lowest;

    lanes_select(&is_in_range, x, &lowest);
    lanes n = (*x * 1.44269504088896341f + shift) - shift;
    lanes r = *x - n * 0.693359375f + n * 2.12194440e-4f;
    lanes p = r * 1.9875691500e-4f + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    *x = p * (lanes)((__builtin_convertvector(n, int_lanes) + 127) << 23);
}

/* log(sum of exp(term)) one term at a time, one exp each: top is the largest term so far (a large negative number before the
   first), sum that of exp(term - top). */
static inline void lanes_add_exp(lanes *top, lanes *sum, const lanes *term)
{
    const int_lanes is_above = *term > *top;
    lanes e = *top - *term, below = *term - *top;

    lanes_select(&is_above, &e, &below);
    lanes_exp(&e);
    lanes grown = *sum * e + 1.0f, added = *sum + e, new_top = *term;
    lanes_select(&is_above, &grown, &added);
    lanes_select(&is_above, &new_top, top);
    *sum = grown;
    *top = new_top;
}

#endif
