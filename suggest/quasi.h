/*
 * Scrambled Sobol points in any number of dimensions: the sequence of sobol.h, each dimension with a scrambling of its own.
 *
 * Dimensions beyond the table repeat the first one (van der Corput) over an index that is itself scrambled, another way in
 * each: a block of 2^k points is still one in each of 2^k strata, and pairs of dimensions are unrelated rather than evenly
 * spread (the padding of Burley, Practical hash-based Owen scrambling, JCGT 9.4, 2020).
 */
#ifndef HONE_SUGGEST_QUASI_H
#define HONE_SUGGEST_QUASI_H

#include <stddef.h>
#include <stdint.h>

struct quasi;

/* n dimensions, unscrambled until seeded. */
struct quasi *quasi_create(size_t n);
void quasi_destroy(struct quasi *quasi); /* accepts NULL */

/* Scramble anew, by the streams (seed, dimension, purpose): O(n). */
void quasi_seed(struct quasi *quasi, uint64_t seed, const char *purpose);

/* Coordinate of point `index` in one dimension, in (0, 1). twist: 0, or another scrambling of the same point. */
double quasi_coordinate(const struct quasi *quasi, size_t dimension, uint32_t index, uint32_t twist);

#endif
