/*
 * Waiting for experiments: their state by the service's events, until all have finished or somebody interrupts.
 */
#ifndef HONE_CLI_FOLLOW_H
#define HONE_CLI_FOLLOW_H

#include "cli/progress.h"
#include "cli/session.h"

struct followed {
    struct target target;
    struct arena arena;            /* of experiment */
    const struct node *experiment; /* its newest view; NULL before the first */
};

/* The first SIGINT, SIGTERM or SIGHUP ends follow(); a second one ends the process at once, exit code 130. */
void follow_catch_signals(void);
bool follow_is_interrupted(void);

enum { FOLLOW_FINISHED = 0, FOLLOW_INTERRUPTED = 1 };

/* FOLLOW_FINISHED: each is Succeeded, Failed or Stopped. progress may be NULL. ERR_NOT_FOUND: one was deleted meanwhile. */
int follow(struct session *session, struct followed *items, size_t n, struct progress *progress);
/* Release all of them: no new trials, the running ones are stopped to be repeated later. Returns when none runs. */
int follow_release(struct session *session, const struct followed *items, size_t n);

bool followed_is_finished(const struct followed *item);
void followed_release(struct followed *items, size_t n); /* their memory */

#endif
