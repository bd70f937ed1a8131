/*
 * What a trial is told, by name: its search parameters as they are; of a nasConfig what Katib makes of it: architecture
 * and nn_config (enas), algorithm-settings, search-space and num-layers (darts).
 */
#ifndef HONE_EXPERIMENT_ASSIGNMENT_H
#define HONE_EXPERIMENT_ASSIGNMENT_H

#include "experiment/spec.h"

size_t assignment_count(const struct spec *spec);
const char *assignment_name(const struct spec *spec, size_t i);
/* Index of that name; assignment_count: none. */
size_t assignment_find(const struct spec *spec, const char *name);
/* Texts (assignment_count) of values (spec->space.n); NULL for an inactive parameter. In the arena. */
const char *const *assignment_texts(const struct spec *spec, const double *values, struct arena *arena);

#endif
