/*
 * A container's mounts on this host: private binds where a mount namespace is allowed, else its command and environment rewritten
 * to name the host's directories.
 */
#ifndef HONE_TRIALRUNNER_AGENT_PATHS_H
#define HONE_TRIALRUNNER_AGENT_PATHS_H

#include "trialrunner/plan.h"
#include "trialrunner/process.h"

/* Whose mounts: one try of a role of an attempt. */
struct paths_place {
    const char *directory; /* of the attempt; the trial's is the one above */
    const char *role;
    int try;
};

struct paths {
    size_t n_binds, n_rewrites;
    struct process_bind *binds;    /* outer ones first */
    struct process_bind *rewrites; /* (n_rewrites) target is written as source */
    const char **argv, **env;      /* ended by NULL */
    const char *working_directory;
};

/* Make the directories and files of the mounts, and decide how each is seen. needed: a path that must be private (the metrics file),
   NULL: none. Everything in the arena. ERR_UNSUPPORTED: a mount can be shown in neither way. */
int paths_prepare(const struct paths_place *place, const struct container *container, const char *needed,
                  struct arena *arena, struct paths *paths);

/* Where on the host the container's file lies. In the arena. */
const char *paths_on_host(const struct paths_place *place, const struct container *container, const char *path,
                          struct arena *arena);

#endif
