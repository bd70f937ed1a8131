/*
 * Arithmetic on runs of pixels, each a few channels. The channel counts of usual networks are known to the compiler, so that a
 * pixel becomes a vector or a few.
 */
#include "nas/cpu/channels.h"
#include "nas/cpu/cpu.h"

INLINE void fill(size_t n, unsigned channels, const float *restrict in, size_t in_step, const float *restrict scale,
                 const float *restrict shift, float floor, float *restrict out)
{
    for (size_t i = 0; i < n; i++, in += in_step, out += channels)
        for (unsigned c = 0; c < channels; c++) {
            const float value = in[c] * scale[c] + shift[c];

            out[c] = value > floor ? value : floor;
        }
}

CLONES void pixels_fill(size_t n, unsigned channels, const float *in, size_t in_step, const float *scale,
                        const float *shift, float floor, float *out){
#define CALL(count) fill(n, count, in, in_step, scale, shift, floor, out)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

INLINE void unfill(size_t n, unsigned channels, const float *restrict filled, const float *restrict gradient,
                   float floor, float *restrict out, size_t out_step)
{
    for (size_t i = 0; i < n; i++, filled += channels, gradient += channels, out += out_step)
        for (unsigned c = 0; c < channels; c++)
            out[c] += gradient[c] * (float)(filled[c] > floor);
}

CLONES void pixels_unfill(size_t n, unsigned channels, const float *filled, const float *gradient, float floor,
                          float *out, size_t out_step){
#define CALL(count) unfill(n, count, filled, gradient, floor, out, out_step)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

INLINE void add(size_t n, unsigned channels, const float *restrict in, size_t in_step, const float *restrict weights,
                float *restrict out, size_t out_step)
{
    for (size_t i = 0; i < n; i++, in += in_step, out += out_step)
        for (unsigned c = 0; c < channels; c++)
            out[c] += weights[c] * in[c];
}

CLONES void pixels_add(size_t n, unsigned channels, const float *in, size_t in_step, const float *weights, float *out,
                       size_t out_step){
#define CALL(count) add(n, count, in, in_step, weights, out, out_step)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

INLINE void bend(size_t n, unsigned channels, const float *restrict a, size_t a_step, const float *restrict b,
                 size_t b_step, const float *restrict slopes, size_t stride, float *restrict out, size_t out_step)
{
    for (size_t i = 0; i < n; i++, a += a_step, b += b_step, out += out_step)
        for (unsigned c = 0; c < channels; c++)
            out[c] = slopes[c] * a[c] + slopes[stride + c] * b[c] + slopes[2 * stride + c];
}

CLONES void pixels_bend(size_t n, unsigned channels, const float *a, size_t a_step, const float *b, size_t b_step,
                        const float *slopes, size_t stride, float *out, size_t out_step){
#define CALL(count) bend(n, count, a, a_step, b, b_step, slopes, stride, out, out_step)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

INLINE void bend_own(size_t n, unsigned channels, const float *restrict b, const float *restrict slopes,
                     float *restrict out)
{
    for (size_t i = 0; i < n; i++, b += channels, out += channels)
        for (unsigned c = 0; c < channels; c++)
            out[c] = slopes[c] * out[c] + slopes[channels + c] * b[c] + slopes[2 * channels + c];
}

CLONES void pixels_bend_own(size_t n, unsigned channels, const float *b, const float *slopes, float *out){
#define CALL(count) bend_own(n, count, b, slopes, out)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

INLINE void sum(size_t n, unsigned channels, const float *restrict a, size_t step, float *restrict sums)
{
    for (size_t i = 0; i < n; i++, a += step)
        for (unsigned c = 0; c < channels; c++)
            sums[c] += a[c];
}

CLONES void pixels_sum(size_t n, unsigned channels, const float *a, size_t step, float *sums){
#define CALL(count) sum(n, count, a, step, sums)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

INLINE void moments(size_t n, unsigned channels, const float *restrict a, size_t step, float *restrict sums,
                    float *restrict squares)
{
    for (size_t i = 0; i < n; i++, a += step)
        for (unsigned c = 0; c < channels; c++) {
            sums[c] += a[c];
            squares[c] += a[c] * a[c];
        }
}

CLONES void pixels_moments(size_t n, unsigned channels, const float *a, size_t step, float *sums, float *squares){
#define CALL(count) moments(n, count, a, step, sums, squares)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}

/* Two sums at a time, for an addition has to wait for the one before. */
INLINE void dot(size_t n, unsigned channels, const float *restrict a, size_t a_step, const float *restrict b,
                size_t b_step, float *restrict sums)
{
    for (; n >= 2; n -= 2, a += 2 * a_step, b += 2 * b_step)
        for (unsigned c = 0; c < channels; c++)
            sums[c] += a[c] * b[c] + a[a_step + c] * b[b_step + c];
    for (unsigned c = 0; n > 0 && c < channels; c++)
        sums[c] += a[c] * b[c];
}

CLONES void pixels_dot(size_t n, unsigned channels, const float *a, size_t a_step, const float *b, size_t b_step,
                       float *sums)
{
#define CALL(count) dot(n, count, a, a_step, b, b_step, sums)
    WITH_CHANNELS(channels, CALL)
#undef CALL
}
