/*
 * Points of the file, completed.
 */
#include "experiment/enqueue.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool enqueue_has(const struct spec *spec, int64_t number)
{
    return number >= 1 && (uint64_t)number <= spec->n_enqueued;
}

/* The value of one coordinate, whatever the others are. */
static double decode_one(const struct space *space, size_t i, double x)
{
    struct parameter parameter = space->parameters[i];
    const struct space alone = { 1, &parameter };
    double value;

    parameter.activation = NULL;
    space_decode(&alone, &x, &value);
    return value;
}

void enqueue_complete(const struct space *space, uint64_t seed, int64_t number, double *values)
{
    struct rng rng = rng_stream(seed, (uint64_t)number, "enqueue");
    double *x = xcalloc(space->n + 1, sizeof *x);

    space_draw(space, &rng, x);
    for (size_t i = 0; i < space->n; i++) {
        if (!space_is_active(space, values, i))
            values[i] = NAN;
        else if (isnan(values[i]))
            values[i] = decode_one(space, i, x[i]);
    }
    free(x);
}

void enqueue_fill(const struct spec *spec, uint64_t seed, int64_t number, double *values)
{
    memcpy(values, spec->enqueued + (size_t)(number - 1) * spec->space.n, spec->space.n * sizeof *values);
    enqueue_complete(&spec->space, seed, number, values);
}
