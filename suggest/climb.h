/*
 * From one point of a space uphill to a point where neither a small step in its continuous coordinates nor another value of one
 * of the others helps. A part of the maximiser.
 */
#ifndef HONE_SUGGEST_CLIMB_H
#define HONE_SUGGEST_CLIMB_H

#include "suggest/lattice.h"
#include "suggest/maximize.h"

struct climber;

struct climber *climber_create(const struct space *space, const struct lattice *lattice, size_t skip);
void climber_destroy(struct climber *climber); /* accepts NULL */

/* Move the full point (space->n) uphill; the utility there, -INFINITY when every point met is taken. */
double climb(struct climber *climber, const struct maximize_task *task, double *full);

#endif
