/*
 * Streams over Philox4x32-10, each block a pure function of key and counter.
 *
 * The key is made of seed and purpose, the upper half of the counter is the number, the lower half counts blocks: streams
 * of one seed and purpose never overlap.
 */
#include "base/rng.h"

#include <assert.h>
#include <math.h>

#include "base/philox.h"

void rng_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t block[4])
{
    philox(key, counter, block);
}

/* FNV-1a. */
static uint64_t hash(const char *text)
{
    uint64_t h = 0xCBF29CE484222325;

    for (; *text != '\0'; text++)
        h = (h ^ (unsigned char)*text) * 0x100000001B3;
    return h;
}

/* The finalizer of SplitMix64 (Steele et al., OOPSLA'14): a bijection in which every bit of x moves every other. */
static uint64_t mix(uint64_t x)
{
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9;
    x = (x ^ x >> 27) * 0x94D049BB133111EB;
    return x ^ x >> 31;
}

struct rng rng_stream(uint64_t seed, uint64_t number, const char *purpose)
{
    uint64_t key = mix(seed + mix(hash(purpose)));

    return (struct rng){
        .key = { (uint32_t)key, (uint32_t)(key >> 32) },
        .counter = { 0, 0, (uint32_t)number, (uint32_t)(number >> 32) },
    };
}

uint32_t rng_word(struct rng *rng)
{
    if (rng->n_left == 0) {
        rng_philox(rng->key, rng->counter, rng->block);
        rng->n_left = 4;
        if (++rng->counter[0] == 0)
            rng->counter[1]++;
    }
    return rng->block[4 - rng->n_left--];
}

static uint64_t two_words(struct rng *rng)
{
    uint64_t low = rng_word(rng);

    return (uint64_t)rng_word(rng) << 32 | low;
}

double rng_uniform(struct rng *rng)
{
    return (double)(two_words(rng) >> 11) * 0x1p-53;
}

/* Box and Muller (1958). The second number is thrown away, so that the stream has no state but its counter. */
double rng_normal(struct rng *rng)
{
    double radius = sqrt(-2.0 * log1p(-rng_uniform(rng)));

    return radius * cos(2.0 * M_PI * rng_uniform(rng));
}

uint64_t rng_below(struct rng *rng, uint64_t n)
{
    assert(n > 0);

    uint64_t uneven = -n % n; /* 2^64 mod n: that many values at the low end would favour some remainders */
    uint64_t value;

    do
        value = two_words(rng);
    while (value < uneven);
    return value % n;
}
