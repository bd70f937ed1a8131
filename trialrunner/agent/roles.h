/*
 * What becomes of roles: started, tried again, counted. For supervise.c alone.
 */
#ifndef HONE_TRIALRUNNER_AGENT_ROLES_H
#define HONE_TRIALRUNNER_AGENT_ROLES_H

#include <sys/resource.h>

#include "trialrunner/agent/supervise.h"

/* The one place that sets how the attempt ended; the first to call it counts. Everything gets TERM. message is taken; tail_of: whose
   last lines explain it, NULL: none. */
void supervisor_decide(struct supervisor *supervisor, const char *end, char *message, const char *job_reason,
                       const struct run *tail_of, int64_t now_ms);

bool role_runs(const struct role_run *role);
bool roles_run(const struct supervisor *supervisor);
void role_signal(const struct role_run *role, int signal);
void roles_signal(const struct supervisor *supervisor, int signal);

/* Begin pending roles, as many as may run at once. */
void roles_start_pending(struct supervisor *supervisor, int64_t now_ms);
/* The next try of a role. */
void role_start(struct supervisor *supervisor, struct role_run *role, int64_t now_ms);
/* One container of it, again. */
void role_start_run(struct supervisor *supervisor, struct role_run *role, struct run *run, int64_t now_ms);
void role_container_ended(struct supervisor *supervisor, struct role_run *role, struct run *run, int status,
                          const struct rusage *usage, int64_t now_ms);

#endif
