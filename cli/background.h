/*
 * Experiments in the background: a `hone conduct` in a session of its own.
 */
#ifndef HONE_CLI_BACKGROUND_H
#define HONE_CLI_BACKGROUND_H

#include "cli/session.h"

/* Start it for n targets and wait until it conducts them. Its log is the database's path with .log at the end. The session's client
   must be closed. ERR_IO with where to look: it ended at once. *pid: of the process. */
int background_start(const char *database, const struct target *targets, size_t n, int64_t *pid);

#endif
