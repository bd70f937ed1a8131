/*
 * Counter-based random numbers: Philox4x32-10 (Salmon et al., SC'11).
 *
 * A stream is named by (seed, number, purpose), never global: the same three give the same numbers in any thread and in
 * any order of calls.
 */
#ifndef HONE_BASE_RNG_H
#define HONE_BASE_RNG_H

#include <stdint.h>

struct rng {
    uint32_t key[2];
    uint32_t counter[4];
    uint32_t block[4];
    unsigned n_left; /* words of block not yet handed out */
};

/* purpose: a short constant name such as "random" or "sobol.scramble". */
struct rng rng_stream(uint64_t seed, uint64_t number, const char *purpose);

uint32_t rng_word(struct rng *rng);
double rng_uniform(struct rng *rng);             /* [0, 1), 53 bits */
double rng_normal(struct rng *rng);              /* mean 0, standard deviation 1 */
uint64_t rng_below(struct rng *rng, uint64_t n); /* 0 .. n-1 without bias; n > 0 */

/* One Philox4x32-10 block, for tests against the published vectors. */
void rng_philox(const uint32_t key[2], const uint32_t counter[4], uint32_t block[4]);

#endif
