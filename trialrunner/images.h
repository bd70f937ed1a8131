/*
 * The image map: what stands on this host for a container image.
 *
 *   images:
 *     - match: "ghcr.io/kubeflow/katib/pytorch-mnist-*"    # glob
 *       workingDir: pytorch-mnist                          # relative to this file
 *       entrypoint: [python3, train.py]                    # for containers without a command
 *       paths: {/opt/pytorch-mnist: pytorch-mnist}         # container path -> host path
 *       env: {NAME: value}
 */
#ifndef HONE_TRIALRUNNER_IMAGES_H
#define HONE_TRIALRUNNER_IMAGES_H

#include "base/faults.h"
#include "base/node.h"

struct image {
    const char *match;
    const char *working_directory; /* absolute; NULL: not given */
    size_t n_entrypoint, n_paths, n_env;
    const char *const *entrypoint;
    const char *const *paths; /* (2 n_paths) container path, absolute host path */
    const char *const *env;   /* (n_env) NAME=value */
};

struct images {
    size_t n;
    const struct image *items;
};

/* root may be NULL: an empty map. directory: what relative paths are relative to. Faults are noted; in the arena. */
void images_parse(const struct node *root, const char *file, const char *directory, struct arena *arena,
                  struct images *images, struct faults *faults);
/* The first that matches; NULL: none. */
const struct image *images_find(const struct images *images, const char *name);

#endif
