/*
 * The Sobol sequence in base 2, in the order of the Gray code, 32 bits a coordinate. For sobol.c and its tests.
 */
#ifndef HONE_SUGGEST_SOBOL_H
#define HONE_SUGGEST_SOBOL_H

#include <stdint.h>

enum { SOBOL_TABLE_DIMENSIONS = 1111, SOBOL_DEGREE_LIMIT = 13, SOBOL_BITS = 32 };

struct sobol_direction {
    uint16_t polynomial;                  /* primitive over GF(2), all coefficients as bits */
    uint16_t initial[SOBOL_DEGREE_LIMIT]; /* m_1 .. m_degree */
};

extern const struct sobol_direction sobol_directions[SOBOL_TABLE_DIMENSIONS];

/* The direction numbers of one dimension, counted from 0, below SOBOL_TABLE_DIMENSIONS. */
void sobol_expand(unsigned dimension, uint32_t directions[SOBOL_BITS]);
/* Coordinate of point `index` of the plain sequence, in units of 2^-32. */
uint32_t sobol_coordinate(const uint32_t directions[SOBOL_BITS], uint32_t index);
/* Owen's nested uniform scrambling, by hash: what happens to a bit depends on the bits above it and the seed only. */
uint32_t sobol_scramble(uint32_t coordinate, uint32_t seed);

#endif
