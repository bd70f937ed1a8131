/*
 * Volumes that are files: ConfigMaps, Secrets, the downward API, and projections of several. For pod*.c alone.
 */
#ifndef HONE_TRIALRUNNER_POD_FILES_H
#define HONE_TRIALRUNNER_POD_FILES_H

#include "trialrunner/pod_parts.h"

/* Is the volume one of these? Then its files; container: the one that mounts it. */
bool pod_is_files(const struct node *volume);
int pod_files(const struct pod *pod, const struct node *container, const struct node *volume,
              const struct mount_file **files, size_t *n);

#endif
