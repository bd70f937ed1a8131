/*
 * nasConfig: what may be built (operations with their parameters) and on what (the graph).
 */
#ifndef HONE_NAS_SEARCH_SPACE_H
#define HONE_NAS_SEARCH_SPACE_H

#include "base/fields.h"

/* Note what is wrong with the map `nasConfig` (path: "spec.nasConfig"), by Katib's rules for the method ("enas", "darts"
   or another): graphConfig sizes and layers, operationType, parameters and their feasible spaces; an operation without
   parameters is taken (skip_connection). */
void nas_check(const struct node *nas_config, const char *method, const char *file, struct arena *arena,
               struct faults *faults);

#endif
