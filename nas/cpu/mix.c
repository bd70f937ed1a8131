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
    float *start, *tile; /* (channels): sum of the terms' shifts; (TILE, channels): pixels of out, channels by groups */
};

/* Channels of out that are a step apart are a group; within a tile its channels lie side by side, as a term's do. */
enum { TILE = 64 };

static struct buffers take(const struct network *network, const struct stage *stage, struct room *room)
{
    const size_t n = stage->n_terms * stage->out.channels, width = view_tensor(network, &stage->out)->width;
    struct buffers b;

    b.sums = (double *)room_take(room, 2 * (n + stage->out.channels));
    b.scale = room_take(room, n);
    b.shift = room_take(room, n);
    b.slopes = room_take(room, 3 * n);
    b.partial = room_take(room, n + stage->out.channels);
    b.start = room_take(room, stage->out.channels);
    b.tile = room_take(room, (width > TILE ? width : TILE) * stage->out.channels);
    return b;
}

size_t cpu_mix_floats(const struct network *network, const struct stage *stage)
{
    struct room room = { 0 };

    take(network, stage, &room);
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

static bool is_ragged(const struct engine *engine, const struct stage *stage, const struct term *term)
{
    const struct tensor *in = view_tensor(engine->network, &term->in), *out = view_tensor(engine->network, &stage->out);

    return in->height != out->height || in->width != out->width;
}

/* Pixels of a tile: a row where a term is smaller than out. */
static size_t tile_size(const struct engine *engine, const struct stage *stage)
{
    for (size_t t = 0; t < stage->n_terms; t++)
        if (is_ragged(engine, stage, term_at(engine, stage, t)))
            return view_tensor(engine->network, &stage->out)->width;
    return TILE;
}

/* What of a tile, n pixels from first on, a term has; and where it begins in the term's own tensor. */
struct span {
    size_t first, n;
};

static struct span span_of(const struct engine *engine, const struct stage *stage, const struct term *term,
                           size_t first, size_t n)
{
    const struct tensor *in = view_tensor(engine->network, &term->in), *out = view_tensor(engine->network, &stage->out);
    const size_t row = first / out->width;

    if (!is_ragged(engine, stage, term))
        return (struct span){ first, n };
    if (row >= in->height)
        return (struct span){ 0, 0 };
    return (struct span){ row * in->width, n < in->width ? n : in->width };
}

static size_t tile_pixels(size_t pixels, size_t first, size_t size)
{
    return pixels - first < size ? pixels - first : size;
}

/* Where a term's first channel lies in a tile's pixel. */
static size_t tile_start(const struct stage *stage, const struct term *term)
{
    return (size_t)(term->start % stage->step) * (stage->out.channels / stage->step) + term->start / stage->step;
}

static void read_lines(const struct engine *engine, const struct stage *stage, const struct buffers *b)
{
    for (size_t t = 0; t < stage->n_terms; t++)
        cpu_normal_lines(engine, &term_at(engine, stage, t)->in, b->scale + t * stage->out.channels,
                         b->shift + t * stage->out.channels);
}

/* --- forward --- */

/* The lines of all terms, times their coefficients. */
static void weigh_lines(const struct engine *engine, const struct stage *stage, const struct buffers *b)
{
    read_lines(engine, stage, b);
    memset(b->start, 0, stage->out.channels * sizeof *b->start);
    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = term_at(engine, stage, t);
        float *scale = b->scale + t * stage->out.channels, *shift = b->shift + t * stage->out.channels;

        for (unsigned c = 0; c < term->in.channels; c++) {
            scale[c] *= coefficient(engine, term);
            b->start[tile_start(stage, term) + c] += shift[c] * coefficient(engine, term);
        }
    }
}

/* The tile's pixels into out. */
static void store_tile(const struct stage *stage, const float *tile, size_t n, float *out, size_t out_step)
{
    const unsigned channels = stage->out.channels, width = channels / stage->step;

    for (size_t i = 0; i < n; i++, tile += channels, out += out_step) {
        if (stage->step == 1)
            memcpy(out, tile, channels * sizeof *out);
        for (unsigned group = 0; stage->step > 1 && group < stage->step; group++)
            for (unsigned c = 0; c < width; c++)
                out[c * stage->step + group] = tile[group * width + c];
    }
}

static void forward_tile(const struct engine *engine, const struct stage *stage, const struct buffers *b,
                         unsigned image, size_t first, size_t n)
{
    const unsigned channels = stage->out.channels;

    for (size_t i = 0; i < n; i++)
        memcpy(b->tile + i * channels, b->start, channels * sizeof *b->tile);
    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = term_at(engine, stage, t);
        const size_t step = view_tensor(engine->network, &term->in)->channels;
        const struct span span = span_of(engine, stage, term, first, n);

        if (coefficient(engine, term) != 0)
            pixels_add(span.n, term->in.channels, cpu_values(engine, &term->in, image) + span.first * step, step,
                       b->scale + t * channels, b->tile + tile_start(stage, term), channels);
    }
}

static void forward_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(engine->network, stage, &part->room);
    const size_t pixels = n_pixels(engine, stage), step = view_tensor(engine->network, &stage->out)->channels;
    const size_t size = tile_size(engine, stage);

    weigh_lines(engine, stage, &b);
    for (unsigned image = part->first; image < part->end; image++)
        for (size_t first = 0; first < pixels; first += size) {
            forward_tile(engine, stage, &b, image, first, tile_pixels(pixels, first, size));
            store_tile(stage, b.tile, tile_pixels(pixels, first, size),
                       cpu_values(engine, &stage->out, image) + first * step, step);
        }
}

void cpu_mix_forward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, forward_part);
}

/* --- back: sums --- */

/* The gradient of out by groups: a tile of its own, or out itself where there is one group. */
static const float *load_tile(const struct stage *stage, float *tile, size_t n, const float *gradient, size_t *step)
{
    const unsigned channels = stage->out.channels, width = channels / stage->step;

    if (stage->step == 1)
        return gradient;
    for (size_t i = 0; i < n; i++, gradient += *step)
        for (unsigned group = 0; group < stage->step; group++)
            for (unsigned c = 0; c < width; c++)
                tile[i * channels + group * width + c] = gradient[c * stage->step + group];
    *step = channels;
    return tile;
}

static void sum_tile(const struct engine *engine, const struct stage *stage, const struct buffers *b, unsigned image,
                     size_t first, size_t n)
{
    const unsigned channels = stage->out.channels;
    size_t step = view_tensor(engine->network, &stage->out)->channels;
    const float *gradient = load_tile(stage, b->tile, n, cpu_gradients(engine, &stage->out, image) + first * step,
                                      &step);

    pixels_sum(n, channels, gradient, step, b->partial);
    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = term_at(engine, stage, t);
        const size_t in_step = view_tensor(engine->network, &term->in)->channels;
        const struct span span = span_of(engine, stage, term, first, n);

        pixels_dot(span.n, term->in.channels, cpu_values(engine, &term->in, image) + span.first * in_step, in_step,
                   gradient + tile_start(stage, term), step, b->partial + (1 + t) * channels);
    }
}

static void sums_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    const struct buffers b = take(engine->network, stage, &part->room);
    const size_t pixels = n_pixels(engine, stage), n = (1 + stage->n_terms) * stage->out.channels;
    const size_t size = tile_size(engine, stage);

    memset(b.sums, 0, n * sizeof *b.sums);
    for (unsigned image = part->first; image < part->end; image++) {
        memset(b.partial, 0, n * sizeof *b.partial);
        for (size_t first = 0; first < pixels; first += size)
            sum_tile(engine, stage, &b, image, first, tile_pixels(pixels, first, size));
        for (size_t i = 0; i < n; i++)
            b.sums[i] += (double)b.partial[i];
    }
}

/* --- back: what they mean --- */

static bool is_whole(const struct engine *engine, const struct term *term)
{
    return view_tensor(engine->network, &term->in)->is_mixed_once;
}

/* What channel c of a normalised tensor needs to get its whole gradient. a: sum of dO; with_y: of dO y. */
static void settle_channel(struct engine *engine, const struct stage *stage, const struct buffers *b, size_t t,
                           unsigned c, double a, double with_y)
{
    const struct term *term = term_at(engine, stage, t);
    const struct tensor *tensor = view_tensor(engine->network, &term->in);
    const float *mean = (const float *)engine->statistics + tensor->statistics + term->in.start,
                *rstd = mean + tensor->channels;
    const size_t channels = stage->out.channels, n = stage->n_terms * channels;
    const double m = (double)n_pixels(engine, stage) * engine->n, weight = (double)coefficient(engine, term);
    const double product = (double)rstd[c] * (with_y - (double)mean[c] * a); /* sum of dO xhat */
    const double bend = (double)rstd[c] * product / m, scale = weight * (double)b->scale[t * channels + c];
    float *slopes = b->slopes + t * channels + c;

    slopes[0] = (float)scale;
    slopes[n] = (float)(-scale * bend);
    slopes[2 * n] = (float)(scale * ((double)mean[c] * bend - a / m));
    if (tensor->affine != NO_OFFSET && wants_weights(engine)) {
        float *gradient = (float *)engine->vectors[VECTOR_GRADIENT] + tensor->affine + term->in.start + c;

        gradient[0] += (float)(weight * product);
        gradient[tensor->channels] += (float)(weight * a);
    }
}

static void settle_term(struct engine *engine, const struct stage *stage, const struct buffers *b, size_t t)
{
    const struct term *term = term_at(engine, stage, t);
    const size_t channels = stage->out.channels;
    double sum = 0;

    for (unsigned c = 0; c < term->in.channels; c++) {
        const double a = b->sums[tile_start(stage, term) + c], with_y = b->sums[(1 + t) * channels + c];

        sum += (double)b->scale[t * channels + c] * with_y + (double)b->shift[t * channels + c] * a;
        if (is_whole(engine, term))
            settle_channel(engine, stage, b, t, c, a, with_y);
        else
            b->slopes[t * channels + c] = coefficient(engine, term);
    }
    if (term->coefficient != NO_OFFSET)
        engine->coefficient_gradient[term->coefficient] += sum;
}

/* All parts' sums into the first one's room, whose slopes the other parts then read. */
static void settle(struct engine *engine, const struct stage *stage)
{
    struct part first = cpu_part(engine, 0);
    const struct buffers b = take(engine->network, stage, &first.room);
    const size_t n = (1 + stage->n_terms) * stage->out.channels;

    for (unsigned p = 1; p < PARTS; p++) {
        struct part part = cpu_part(engine, p);
        const struct buffers other = take(engine->network, stage, &part.room);

        for (size_t i = 0; part.first < part.end && i < n; i++)
            b.sums[i] += other.sums[i];
    }
    read_lines(engine, stage, &b);
    for (size_t t = 0; t < stage->n_terms; t++)
        settle_term(engine, stage, &b, t);
}

/* --- back: to the terms --- */

static void spread_tile(struct engine *engine, const struct stage *stage, const float *slopes, float *tile,
                        unsigned image, size_t first, size_t n)
{
    const size_t channels = stage->out.channels;
    size_t step = view_tensor(engine->network, &stage->out)->channels;
    const float *gradient = load_tile(stage, tile, n, cpu_gradients(engine, &stage->out, image) + first * step, &step);

    for (size_t t = 0; t < stage->n_terms; t++, slopes += channels) {
        const struct term *term = term_at(engine, stage, t);
        const size_t in_step = view_tensor(engine->network, &term->in)->channels;
        const struct span span = span_of(engine, stage, term, first, n);
        float *out = cpu_gradients(engine, &term->in, image) + span.first * in_step;

        if (is_whole(engine, term))
            pixels_bend(span.n, term->in.channels, gradient + tile_start(stage, term), step,
                        cpu_values(engine, &term->in, image) + span.first * in_step, in_step, slopes,
                        stage->n_terms * channels, out, in_step);
        else if (term->in.tensor != NETWORK_INPUT)
            pixels_add(span.n, term->in.channels, gradient + tile_start(stage, term), step, slopes, out, in_step);
    }
}

static void spread_part(struct engine *engine, const void *owner, struct part *part)
{
    const struct stage *stage = owner;
    struct part first_part = cpu_part(engine, 0);
    const float *slopes = take(engine->network, stage, &first_part.room).slopes;
    const size_t pixels = n_pixels(engine, stage), size = tile_size(engine, stage);
    float *tile = take(engine->network, stage, &part->room).tile;

    for (unsigned image = part->first; image < part->end; image++)
        for (size_t first = 0; first < pixels; first += size)
            spread_tile(engine, stage, slopes, tile, image, first, tile_pixels(pixels, first, size));
}

void cpu_mix_backward(struct engine *engine, const struct stage *stage)
{
    cpu_each_part(engine, stage, sums_part);
    settle(engine, stage);
    cpu_each_part(engine, stage, spread_part);
}
