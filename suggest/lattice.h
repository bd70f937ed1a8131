/*
 * The coordinates that points of a space really have: the middle of its cell for whatever has a step or choices, NAN where
 * inactive. A search among coordinates moves a full point, in which inactive parameters keep a coordinate too, and masks it.
 */
#ifndef HONE_SUGGEST_LATTICE_H
#define HONE_SUGGEST_LATTICE_H

#include "suggest/space.h"

struct lattice;

struct lattice *lattice_create(const struct space *space);
void lattice_destroy(struct lattice *lattice); /* accepts NULL */

/* Number of different coordinates of parameter i; INFINITY if continuous. */
double lattice_size(const struct lattice *lattice, size_t i);
/* The k-th of them, ascending, and the number of the one nearest to u. Of parameters with finitely many. */
double lattice_coordinate(const struct lattice *lattice, size_t i, uint64_t k);
uint64_t lattice_index(const struct lattice *lattice, size_t i, double u);
/* Coordinate for a number in [0, 1), as even as the space's own distribution. */
double lattice_draw(const struct lattice *lattice, size_t i, double u);
/* x (n) from a full point: NAN where inactive. */
void lattice_mask(const struct lattice *lattice, const double *full, double *x);

#endif
