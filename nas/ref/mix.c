/*
 * Weighted sums of terms.
 */
#include <string.h>

#include "nas/ref/ref.h"

static double coefficient(const struct engine *engine, const struct term *term)
{
    return term->coefficient != NO_OFFSET ? engine->coefficients[term->coefficient] : 1;
}

static void mix_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const struct spot at = { pixel.image, pixel.y, pixel.x };
    double *out = out_value(engine, stage, pixel);

    memset(out, 0, stage->out.channels * sizeof *out);
    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = &engine->network->terms[stage->first_term + t];

        for (unsigned c = 0; c < term->in.channels; c++)
            out[term->start + c * stage->step] += coefficient(engine, term) * read_at(engine, &term->in, false, at, c);
    }
}

static void mix_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const struct spot at = { pixel.image, pixel.y, pixel.x };
    const double *out = out_gradient(engine, stage, pixel);

    for (size_t t = 0; t < stage->n_terms; t++) {
        const struct term *term = &engine->network->terms[stage->first_term + t];
        double sum = 0;

        for (unsigned c = 0; c < term->in.channels; c++) {
            const double gradient = out[term->start + c * stage->step];

            sum += gradient * read_at(engine, &term->in, false, at, c);
            add_at(engine, &term->in, false, at, c, coefficient(engine, term) * gradient);
        }
        if (term->coefficient != NO_OFFSET)
            engine->coefficient_gradient[term->coefficient] += sum;
    }
}

void ref_mix_forward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, mix_pixel);
}

void ref_mix_backward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, mix_pixel_back);
}
