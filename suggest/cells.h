/*
 * The cells of a stepped parameter in model coordinates: which part of [0, 1] each of its values owns.
 *
 * Exact where cells are wide enough to matter: a parameter of up to CELLS_LIMIT values, and the first CELLS_LIMIT values on
 * a log scale, where they are the widest. Cells beyond are so narrow that the density at the middle says the same.
 */
#ifndef HONE_SUGGEST_CELLS_H
#define HONE_SUGGEST_CELLS_H

#include "suggest/space.h"

enum { CELLS_LIMIT = 128 };

struct cells {
    size_t n;      /* 0: none (continuous, or all narrow) */
    double *edges; /* (n + 1) ascending, from 0 */
};

void cells_init(struct cells *cells, const struct space *space, size_t parameter);
void cells_release(struct cells *cells);

/* The cell that x lies in; n when it is past the last one. */
size_t cells_find(const struct cells *cells, double x);

#endif
