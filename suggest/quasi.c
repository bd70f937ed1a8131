/*
 * Direction numbers are expanded once; scrambling is two words a dimension.
 */
#include "suggest/quasi.h"

#include <stdlib.h>

#include "base/memory.h"
#include "base/rng.h"
#include "suggest/sobol.h"

struct dimension {
    uint32_t directions[SOBOL_BITS];
    uint32_t seed;       /* of the scrambling */
    uint32_t index_seed; /* of the index's, beyond the table */
};

struct quasi {
    size_t n;
    struct dimension dimensions[]; /* (n) */
};

struct quasi *quasi_create(size_t n)
{
    struct quasi *quasi = xcalloc(1, sizeof *quasi + n * sizeof quasi->dimensions[0]);

    quasi->n = n;
    for (size_t i = 0; i < n; i++)
        sobol_expand(i < SOBOL_TABLE_DIMENSIONS ? (unsigned)i : 0, quasi->dimensions[i].directions);
    return quasi;
}

void quasi_destroy(struct quasi *quasi)
{
    free(quasi);
}

void quasi_seed(struct quasi *quasi, uint64_t seed, const char *purpose)
{
    for (size_t i = 0; i < quasi->n; i++) {
        struct rng rng = rng_stream(seed, i, purpose);
        quasi->dimensions[i].seed = rng_word(&rng);
        quasi->dimensions[i].index_seed = rng_word(&rng);
    }
}

double quasi_coordinate(const struct quasi *quasi, size_t dimension, uint32_t index, uint32_t twist)
{
    const struct dimension *d = &quasi->dimensions[dimension];

    if (dimension >= SOBOL_TABLE_DIMENSIONS)
        index = sobol_scramble(index, d->index_seed);
    uint32_t bits = sobol_scramble(sobol_coordinate(d->directions, index), d->seed ^ twist);
    return ((double)bits + 0.5) / 4294967296.0;
}
