/*
 * Weighted sums of terms, normalisation folded in: a term is one multiplication and one addition a value, w BN(y) = (w scale) y +
 * w shift.
 *
 * Back: with A = sum of dO and B = sum of dO y over images and pixels, dL / dw = sum over channels of scale B + shift A. A
 * normalised tensor that nobody else reads gets its whole gradient here, BN's own included:
 * dy = w scale (dO - A / M - xhat sum(dO xhat) / M), M = images times pixels.
 */
#include <string.h>

#include "nas/cpu/cpu.h"

struct buffers {
    double *sums;         /* (1 + terms, channels): A, then B of each term */
    float *scale, *shift; /* (terms, channels) of what the term reads */
    float *slopes;        /* (3, terms, channels): dy = slopes[0] dO + slopes[1] y + slopes[2] */
    float *partial;       /* (1 + terms, channels): one image's sums */
};

static struct buffers take(const struct stage *stage, struct room *room)
{
    const size_t n = stage->n_terms * stage->out.channels;
    struct buffers b;

    b.sums = (double *)room_take(room, 2 * (n + stage->out.channels));
    b.scale = room_take(room, n);
    b.shift = room_take(room, n);
    b.slopes = room_take(room, 3 * n);
    b.partial = room_take(room, n + stage->out.channels);
    return b;
}

size_t mix_floats(const struct network *network, const struct stage *stage)
{
    struct room room = { 0 };

    (void)network;
    take(stage, &room);
    return room.used;
}

static const struct term *term_at(const struct engine *engine, const struct stage *stage, size_t t)
{
    return &engine->network->terms[stage->first_term + t];
}

static float coefficient(const struct engine *engine, const struct term *term)
{
    return term->coefficient != NO_OFFSET ? (float)engine->coefficients[term->coefficient] : 1;
}

static size_t n_pixels(const struct engine *engine, const struct stage *stage)
{
    const struct tensor *out = view_tensor(engine->network, &stage->out);

    return (size_t)out->height * out->width;
}

static void read_lines(const struct engine *engine, const struct stage *stage, const struct buffers *b)
{
    for (size_t t = 0; t < stage->n_terms; t++)
        normal_lines(engine, &term_at(engine, stage, t)->in, b->scale + t * stage->out.channels,
                     b->shift + t * stage->out.channels);
}

/* --- forward --- */

enum { TILE = 64 }; /* pixels whose output stays in the cache */

static void add_term(const struct term *term, const float *scale, const float *shift, float weight, const float *in,
                     size_t in_step, float *out, size_t out_step, size_t n)
{
    out += term->start;
    for (size_t i = 0; i < n; i++, in += in_step, out += out_step)
        for (unsigned c = 0; c < term->in.channels; c++)
            out[c * term->step] += weight * (in[c] * scale[c] + shift[c]);
}

static void forward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(stage, &part->room);
    const size_t pixels = n_pixels(engine, stage), out_step = view_tensor(engine->network, &stage->out)->channels;

    read_lines(engine, stage, &b);
    for (unsigned image = part->first; image < part->end; image++)
        for (size_t first = 0; first < pixels; first += TILE) {
            const size_t n = pixels - first < TILE ? pixels - first : TILE;
            float *out = cpu_values(engine, &stage->out, image) + first * out_step;

            for (size_t i = 0; i < n; i++)
                memset(out + i * out_step, 0, stage->out.channels * sizeof *out);
            for (size_t t = 0; t < stage->n_terms; t++) {
                const struct term *term = term_at(engine, stage, t);
                const size_t in_step = view_tensor(engine->network, &term->in)->channels,
                             lines = t * stage->out.channels;

                if (coefficient(engine, term) != 0)
                    add_term(term, b.scale + lines, b.shift + lines, coefficient(engine, term),
                             cpu_values(engine, &term->in, image) + first * in_step, in_step, out, out_step, n);
            }
        }
}

void mix_forward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, forward_part);
}

/* --- back: sums --- */

static void sum_output(const float *gradient, size_t step, unsigned channels, size_t n, float *sums)
{
    for (size_t i = 0; i < n; i++, gradient += step)
        for (unsigned c = 0; c < channels; c++)
            sums[c] += gradient[c];
}

static void sum_term(const struct term *term, const float *in, size_t in_step, const float *gradient, size_t step,
                     size_t n, float *sums)
{
    gradient += term->start;
    for (size_t i = 0; i < n; i++, in += in_step, gradient += step)
        for (unsigned c = 0; c < term->in.channels; c++)
            sums[c] += in[c] * gradient[c * term->step];
}

static void sums_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(stage, &part->room);
    const unsigned channels = stage->out.channels;
    const size_t pixels = n_pixels(engine, stage), step = view_tensor(engine->network, &stage->out)->channels;
    const size_t n = (1 + stage->n_terms) * channels;

    memset(b.sums, 0, n * sizeof *b.sums);
    for (unsigned image = part->first; image < part->end; image++) {
        const float *gradient = cpu_gradients(engine, &stage->out, image);

        memset(b.partial, 0, n * sizeof *b.partial);
        for (size_t first = 0; first < pixels; first += TILE) {
            const size_t count = pixels - first < TILE ? pixels - first : TILE;

            sum_output(gradient + first * step, step, channels, count, b.partial);
            for (size_t t = 0; t < stage->n_terms; t++) {
                const struct term *term = term_at(engine, stage, t);
                const size_t in_step = view_tensor(engine->network, &term->in)->channels;

                sum_term(term, cpu_values(engine, &term->in, image) + first * in_step, in_step, gradient + first * step,
                         step, count, b.partial + (1 + t) * channels);
            }
        }
        for (size_t i = 0; i < n; i++)
            b.sums[i] += (double)b.partial[i];
    }
}

/* --- back: what they mean --- */

static bool is_whole(const struct engine *engine, const struct term *term)
{
    return view_tensor(engine->network, &term->in)->is_mixed_once;
}

/* A term's own gradient from its channels' sums, and the lines by which its tensor's gradient follows from dO and y. */
static void settle_term(struct engine *engine, const struct stage *stage, const struct buffers *b, size_t t)
{
    const struct term *term = term_at(engine, stage, t);
    const struct tensor *tensor = view_tensor(engine->network, &term->in);
    const size_t channels = stage->out.channels, n = stage->n_terms * channels;
    const float *mean = (const float *)engine->statistics + tensor->statistics + term->in.start,
                *rstd = mean + tensor->channels;
    const double m = (double)n_pixels(engine, stage) * engine->n, weight = (double)coefficient(engine, term);
    double sum = 0;

    for (unsigned c = 0; c < term->in.channels; c++) {
        const double a = b->sums[term->start + c * term->step], with_y = b->sums[(1 + t) * channels + c];
        const double scale = (double)b->scale[t * channels + c];
        float *slopes = b->slopes + t * channels + c;

        sum += scale * with_y + (double)b->shift[t * channels + c] * a;
        slopes[0] = (float)weight;
        slopes[n] = slopes[2 * n] = 0;
        if (is_whole(engine, term)) {
            const double product = (double)rstd[c] * (with_y - (double)mean[c] * a); /* sum of dO xhat */
            const double bend = (double)rstd[c] * product / m;

            slopes[0] = (float)(weight * scale);
            slopes[n] = (float)(-weight * scale * bend);
            slopes[2 * n] = (float)(weight * scale * ((double)mean[c] * bend - a / m));
            if (tensor->affine != NO_OFFSET && wants_weights(engine)) {
                float *gradient = (float *)engine->vectors[VECTOR_GRADIENT] + tensor->affine + term->in.start + c;

                gradient[0] += (float)(weight * product);
                gradient[tensor->channels] += (float)(weight * a);
            }
        }
    }
    if (term->coefficient != NO_OFFSET)
        engine->coefficient_gradient[term->coefficient] += sum;
}

/* All parts' sums into the first one's room, whose slopes the other parts then read. */
static struct buffers settle(struct engine *engine, const struct stage *stage)
{
    struct part first = cpu_part(engine, 0);
    const struct buffers b = take(stage, &first.room);
    const size_t n = (1 + stage->n_terms) * stage->out.channels;

    for (unsigned p = 1; p < PARTS; p++) {
        struct part part = cpu_part(engine, p);
        const struct buffers other = take(stage, &part.room);

        for (size_t i = 0; part.first < part.end && i < n; i++)
            b.sums[i] += other.sums[i];
    }
    read_lines(engine, stage, &b);
    for (size_t t = 0; t < stage->n_terms; t++)
        settle_term(engine, stage, &b, t);
    return b;
}

/* --- back: to the terms --- */

static void write_term(const struct term *term, const float *slopes, size_t n, const float *in, const float *gradient,
                       size_t step, float *out, size_t in_step, size_t count)
{
    gradient += term->start;
    for (size_t i = 0; i < count; i++, in += in_step, out += in_step, gradient += step)
        for (unsigned c = 0; c < term->in.channels; c++)
            out[c] = slopes[c] * gradient[c * term->step] + slopes[n + c] * in[c] + slopes[2 * n + c];
}

static void spread_term(const struct term *term, const float *slopes, const float *gradient, size_t step, float *out,
                        size_t in_step, size_t count)
{
    gradient += term->start;
    for (size_t i = 0; i < count; i++, out += in_step, gradient += step)
        for (unsigned c = 0; c < term->in.channels; c++)
            out[c] += slopes[c] * gradient[c * term->step];
}

static void spread_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    struct part first = cpu_part(engine, 0);
    const struct buffers b = take(stage, &first.room);
    const size_t pixels = n_pixels(engine, stage), step = view_tensor(engine->network, &stage->out)->channels;
    const size_t n = stage->n_terms * stage->out.channels;

    for (unsigned image = part->first; image < part->end; image++)
        for (size_t t = 0; t < stage->n_terms; t++) {
            const struct term *term = term_at(engine, stage, t);
            const size_t in_step = view_tensor(engine->network, &term->in)->channels;
            const float *slopes = b.slopes + t * stage->out.channels,
                        *gradient = cpu_gradients(engine, &stage->out, image);
            float *out = cpu_gradients(engine, &term->in, image);

            if (term->in.tensor == NETWORK_INPUT)
                continue;
            if (is_whole(engine, term))
                write_term(term, slopes, n, cpu_values(engine, &term->in, image), gradient, step, out, in_step, pixels);
            else
                spread_term(term, slopes, gradient, step, out, in_step, pixels);
        }
}

void mix_backward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, sums_part);
    settle(engine, stage);
    cpu_each_part(engine, stage, spread_part);
}
