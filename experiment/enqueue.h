/*
 * Points that are tried first: spec.hone.enqueue.
 */
#ifndef HONE_EXPERIMENT_ENQUEUE_H
#define HONE_EXPERIMENT_ENQUEUE_H

#include "experiment/spec.h"

/* Is this trial one of them? Trials are numbered from 1. */
bool enqueue_has(const struct spec *spec, int64_t number);
/* Its values (space.n): those that the file gives, exactly; what is left out and active is drawn at random, always the same for
   (seed, number). */
void enqueue_fill(const struct spec *spec, uint64_t seed, int64_t number, double *values);

/* values (n) hold what is given, NAN elsewhere: complete them in the same way. */
void enqueue_complete(const struct space *space, uint64_t seed, int64_t number, double *values);

#endif
