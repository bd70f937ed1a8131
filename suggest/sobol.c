/*
 * The Sobol sequence, scrambled: trial number t gets point t - 1, whoever asks and in whatever order.
 *
 * Dimensions beyond the table repeat the first one (van der Corput) over an index that is itself scrambled, another way in
 * each: a block of 2^k points is still one in each of 2^k strata, and pairs of dimensions are unrelated rather than evenly
 * spread (the padding of Burley, Practical hash-based Owen scrambling, JCGT 9.4, 2020).
 */
#include "suggest/sobol.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/entries.h"

static const struct setting settings[] = {
    RANDOM_STATE,
    { 0 },
};

struct dimension {
    uint32_t directions[SOBOL_BITS];
    uint32_t seed;       /* of the scrambling */
    uint32_t index_seed; /* of the index's, beyond the table */
};

struct sobol {
    const struct space *space;
    struct dimension dimensions[]; /* (n) */
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
    const struct space *space = problem->space;
    struct sobol *sobol = xcalloc(1, sizeof *sobol + space->n * sizeof sobol->dimensions[0]);

    (void)values;
    sobol->space = space;
    for (size_t i = 0; i < space->n; i++) {
        struct rng rng = rng_stream(seed, i, "sobol.scramble");
        sobol_expand(i < SOBOL_TABLE_DIMENSIONS ? (unsigned)i : 0, sobol->dimensions[i].directions);
        sobol->dimensions[i].seed = rng_word(&rng);
        sobol->dimensions[i].index_seed = rng_word(&rng);
    }
    return sobol;
}

/* twist: 0, or another scrambling for a point that is drawn again. */
static double coordinate(const struct sobol *sobol, size_t i, uint32_t index, uint32_t twist)
{
    const struct dimension *dimension = &sobol->dimensions[i];

    if (i >= SOBOL_TABLE_DIMENSIONS)
        index = sobol_scramble(index, dimension->index_seed);
    uint32_t bits = sobol_scramble(sobol_coordinate(dimension->directions, index), dimension->seed ^ twist);
    return ((double)bits + 0.5) / 4294967296.0;
}

static int suggest(void *state, const struct history *history, struct suggest_request *request, struct suggestion *out)
{
    const struct sobol *sobol = state;
    uint32_t index = (uint32_t)(request->number - 1);

    (void)history;
    for (size_t i = 0; i < sobol->space->n; i++) {
        const struct parameter *p = &sobol->space->parameters[i];
        double u = coordinate(sobol, i, index, request->draw > 0 ? rng_word(&request->rng) : 0);
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
    .destroy = free,
    .any_setting = true,
};
