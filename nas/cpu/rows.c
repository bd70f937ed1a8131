/*
 * Depthwise convolutions along a row: pixels and channels are one run of floats, and each tap is that run, shifted, times weights that
 * repeat with the channels. Vectors of 16 floats, whatever the channels.
 */
#include <assert.h>

#include "nas/cpu/channels.h"
#include "nas/cpu/cpu.h"

typedef float lanes __attribute__((vector_size(LANES * sizeof(float)), aligned(4), may_alias));

unsigned row_period(unsigned channels)
{
    unsigned period = channels;

    while (period % LANES != 0)
        period += channels;
    return period;
}

void row_expand(const float *weights, unsigned n_taps, unsigned channels, float *expanded)
{
    const unsigned period = row_period(channels);

    for (unsigned tap = 0; tap < n_taps; tap++)
        for (unsigned j = 0; j < period; j++)
            expanded[tap * period + j] = weights[tap * channels + j % channels];
}

/* The lanes that do not fill a vector. */
static void sum_rest(const struct tap *taps, unsigned n_taps, unsigned period, size_t j, size_t n, float *out)
{
    for (; j < n; j++) {
        float sum = 0;

        for (unsigned t = 0; t < n_taps; t++)
            sum += taps[t].in[j] * taps[t].weights[j % period];
        out[j] = sum;
    }
}

CLONES void row_sum(const struct tap *taps, unsigned n_taps, unsigned period, size_t n, float *out)
{
    size_t j = 0;
    unsigned at = 0;

    if (period == LANES) /* four vectors share their weights */
        for (; j + 4 * LANES <= n; j += 4 * LANES) {
            lanes a = { 0 }, b = { 0 }, c = { 0 }, d = { 0 };

            for (unsigned t = 0; t < n_taps; t++) {
                const lanes weight = *(const lanes *)taps[t].weights, *in = (const lanes *)(taps[t].in + j);

                a += in[0] * weight;
                b += in[1] * weight;
                c += in[2] * weight;
                d += in[3] * weight;
            }
            ((lanes *)(out + j))[0] = a;
            ((lanes *)(out + j))[1] = b;
            ((lanes *)(out + j))[2] = c;
            ((lanes *)(out + j))[3] = d;
        }
    for (; j + 2 * LANES <= n && period % (2 * LANES) == 0; j += 2 * LANES) {
        lanes a = { 0 }, b = { 0 };

        for (unsigned t = 0; t < n_taps; t++) {
            const lanes *weight = (const lanes *)(taps[t].weights + at), *in = (const lanes *)(taps[t].in + j);

            a += in[0] * weight[0];
            b += in[1] * weight[1];
        }
        ((lanes *)(out + j))[0] = a;
        ((lanes *)(out + j))[1] = b;
        at = at + 2 * LANES == period ? 0 : at + 2 * LANES;
    }
    for (; j + LANES <= n; j += LANES) {
        lanes a = { 0 };

        for (unsigned t = 0; t < n_taps; t++)
            a += *(const lanes *)(taps[t].in + j) * *(const lanes *)(taps[t].weights + j % period);
        *(lanes *)(out + j) = a;
    }
    sum_rest(taps, n_taps, period, j, n, out);
}

CLONES static void products_of_one(const float *in, const float *with, unsigned period, size_t n, float *sums)
{
    size_t whole = n / LANES * LANES;

    assert(period >= LANES);
    for (unsigned at = 0; at < period; at += LANES) {
        lanes a = { 0 }, b = { 0 };
        size_t j = at;

        for (; j + period < whole; j += 2 * (size_t)period) {
            a += *(const lanes *)(in + j) * *(const lanes *)(with + j);
            b += *(const lanes *)(in + j + period) * *(const lanes *)(with + j + period);
        }
        if (j < whole)
            a += *(const lanes *)(in + j) * *(const lanes *)(with + j);
        *(lanes *)(sums + at) += a + b;
    }
    for (size_t j = whole; j < n; j++)
        sums[j % period] += in[j] * with[j];
}

void row_products(const struct tap *taps, unsigned n_taps, unsigned period, size_t n, const float *with,
                  float *const *sums)
{
    for (unsigned t = 0; t < n_taps; t++)
        products_of_one(taps[t].in, with, period, n, sums[t]);
}
