/*
 * The Sobol sequence, scrambled: trial number t gets point t - 1, whoever asks and in whatever order.
 */
#include "suggest/sobol.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/entries.h"
#include "suggest/quasi.h"

static const struct setting settings[] = {
    RANDOM_STATE,
    { 0 },
};

struct sobol {
    const struct space *space;
    struct quasi *quasi; /* (space->n) */
};

/* Recurrence of Bratley and Fox, ACM TOMS 14 (1988), algorithm 659. */
void sobol_expand(unsigned dimension, uint32_t directions[SOBOL_BITS])
{
    const struct sobol_direction *row = &sobol_directions[dimension];
    unsigned degree = 0;

    while (row->polynomial >> (degree + 1) != 0)
        degree++;
    for (unsigned k = 0; k < SOBOL_BITS; k++) {
        uint32_t m = dimension == 0 ? 1 : row->initial[k < degree ? k : 0];
        if (dimension > 0 && k >= degree) {
            m = directions[k - degree];
            for (unsigned j = 1; j <= degree; j++)
                if (row->polynomial >> (degree - j) & 1)
                    m ^= directions[k - j] << j;
        }
        directions[k] = m;
    }
    for (unsigned k = 0; k < SOBOL_BITS; k++)
        directions[k] <<= SOBOL_BITS - 1 - k;
}

uint32_t sobol_coordinate(const uint32_t directions[SOBOL_BITS], uint32_t index)
{
    uint32_t coordinate = 0;

    for (uint32_t gray = index ^ (index >> 1), k = 0; gray != 0; gray >>= 1, k++)
        if (gray & 1)
            coordinate ^= directions[k];
    return coordinate;
}

static uint32_t reverse_bits(uint32_t x)
{
    x = (x >> 16) | (x << 16);
    x = (x & 0x00ff00ff) << 8 | (x & 0xff00ff00) >> 8;
    x = (x & 0x0f0f0f0f) << 4 | (x & 0xf0f0f0f0) >> 4;
    x = (x & 0x33333333) << 2 | (x & 0xcccccccc) >> 2;
    return (x & 0x55555555) << 1 | (x & 0xaaaaaaaa) >> 1;
}

/* On reversed bits, a sum or an even multiple carries upwards only (Laine and Karras, 2011); constants of N. Vegdahl,
   Building a better LK hash (2021). */
uint32_t sobol_scramble(uint32_t coordinate, uint32_t seed)
{
    uint32_t x = reverse_bits(coordinate);

    x ^= x * 0x3d20adeau;
    x += seed;
    x *= (seed >> 16) | 1;
    x ^= x * 0x05526c56u;
    x ^= x * 0x53a22864u;
    return reverse_bits(x);
}

static void *create(const struct suggest_problem *problem, const struct setting_value *values, uint64_t seed)
{
    struct sobol *sobol = xcalloc(1, sizeof *sobol);

    (void)values;
    sobol->space = problem->space;
    sobol->quasi = quasi_create(problem->space->n);
    quasi_seed(sobol->quasi, seed, "sobol.scramble");
    return sobol;
}

static void destroy(void *state)
{
    struct sobol *sobol = state;

    if (sobol == NULL)
        return;
    quasi_destroy(sobol->quasi);
    free(sobol);
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    const struct sobol *sobol = state;
    uint32_t index = (uint32_t)(request->number - 1);

    (void)history;
    for (size_t i = 0; i < sobol->space->n; i++) {
        const struct parameter *p = &sobol->space->parameters[i];
        double u = quasi_coordinate(sobol->quasi, i, index, request->draw > 0 ? rng_word(&request->rng) : 0);
        out->x[i] = p->type == PARAMETER_CATEGORICAL ? floor(u * (double)p->n_choices) : u;
    }
    snprintf(out->why, sizeof out->why, "point %" PRIu32 " of a scrambled Sobol sequence", index);
    return 0;
}

const struct suggest_method suggest_sobol = {
    .name = "sobol",
    .summary = "scrambled Sobol points: evenly spread, in any number of dimensions",
    .settings = settings,
    .check = check_parameters,
    .create = create,
    .suggest = suggest,
    .destroy = destroy,
    .any_setting = true,
};
