/*
 * exp(x) that a compiler can spread over vector lanes: no branch, no table, no errno.
 *
 * x = k log 2 + r with |r| <= log(2) / 2, the polynomial of Taylor to r^13, and k put into the exponent's bits. Relative
 * error below 4e-16 on [-708, 709]; x is clamped to that range, so 0 is never reached. NAN gives a finite number.
 */
#ifndef HONE_SUGGEST_EXPONENTIAL_H
#define HONE_SUGGEST_EXPONENTIAL_H

#include <stdint.h>
#include <string.h>

static inline __attribute__((always_inline)) double exponential(double x)
{
    const double LOG2_E = 1.4426950408889634074, LN2_HIGH = 6.93147180369123816490e-01,
                 LN2_LOW = 1.90821492927058770002e-10;
    const double ROUND = 6755399441055744.0; /* 1.5 * 2^52: added, the whole number stands in the low bits */

    x = x > -708 ? x : -708;
    x = x < 709 ? x : 709;
    double shifted = x * LOG2_E + ROUND, k = shifted - ROUND;
    double r = (x - k * LN2_HIGH) - k * LN2_LOW;
    double p = 1.0 / 6227020800;

    p = p * r + 1.0 / 479001600;
    p = p * r + 1.0 / 39916800;
    p = p * r + 1.0 / 3628800;
    p = p * r + 1.0 / 362880;
    p = p * r + 1.0 / 40320;
    p = p * r + 1.0 / 5040;
    p = p * r + 1.0 / 720;
    p = p * r + 1.0 / 120;
    p = p * r + 1.0 / 24;
    p = p * r + 1.0 / 6;
    p = p * r + 0.5;
    p = p * r + 1;
    p = p * r + 1;

    uint64_t bits, exponent;
    double power;
    memcpy(&bits, &shifted, sizeof bits);
    exponent = (bits + 1023) << 52;
    memcpy(&power, &exponent, sizeof power);
    return p * power;
}

#endif
