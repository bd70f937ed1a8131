/*
 * ConfigMaps and Secrets: checked, and found by name. Of this room only.
 */
#ifndef HONE_EXPERIMENT_RESOURCE_H
#define HONE_EXPERIMENT_RESOURCE_H

#include "base/faults.h"

/* Note what is wrong with a ConfigMap or Secret document; values are never shown. May it be used? */
bool resource_check(const struct node *root, const char *file, struct arena *arena, struct faults *faults);

#endif
