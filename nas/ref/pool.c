/*
 * Pooling: the maximum of a window, or the mean over what lies inside.
 */
#include <math.h>

#include "nas/ref/ref.h"

struct pooled {
    double maximum, sum;
    struct spot place; /* of the first maximum */
    unsigned n;        /* places inside */
};

static struct pooled pool(const struct engine *engine, const struct stage *stage, struct pixel pixel, unsigned channel)
{
    const struct tensor *tensor = view_tensor(engine->network, &stage->in);
    struct pooled pooled = { .maximum = -INFINITY };

    for (unsigned ky = 0; ky < stage->kernel; ky++)
        for (unsigned kx = 0; kx < stage->kernel; kx++) {
            const struct spot at = spot_of(stage, pixel, ky, kx);
            const double value = read_at(engine, &stage->in, false, at, channel);

            if (!is_inside(tensor, at.y, at.x))
                continue;
            pooled.n++;
            pooled.sum += value;
            if (value > pooled.maximum) {
                pooled.maximum = value;
                pooled.place = at;
            }
        }
    return pooled;
}

static void pool_pixel(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    double *out = out_value(engine, stage, pixel);

    for (unsigned c = 0; c < stage->in.channels; c++) {
        const struct pooled pooled = pool(engine, stage, pixel, c);

        out[c] = stage->is_max ? pooled.maximum : pooled.sum / pooled.n;
    }
}

static void pool_pixel_back(struct engine *engine, const struct stage *stage, struct pixel pixel)
{
    const double *out = out_gradient(engine, stage, pixel);

    for (unsigned c = 0; c < stage->in.channels; c++) {
        const struct pooled pooled = pool(engine, stage, pixel, c);

        if (stage->is_max) {
            add_at(engine, &stage->in, false, pooled.place, c, out[c]);
            continue;
        }
        for (unsigned ky = 0; ky < stage->kernel; ky++)
            for (unsigned kx = 0; kx < stage->kernel; kx++)
                add_at(engine, &stage->in, false, spot_of(stage, pixel, ky, kx), c, out[c] / pooled.n);
    }
}

void ref_pool_forward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, pool_pixel);
}

void ref_pool_backward(struct engine *engine, const struct stage *stage)
{
    ref_each_pixel(engine, stage, pool_pixel_back);
}
