/*
 * One container of a role: starting it, and what is left to do when it has ended. For supervise*.c alone.
 */
#ifndef HONE_TRIALRUNNER_AGENT_RUN_H
#define HONE_TRIALRUNNER_AGENT_RUN_H

#include <sys/resource.h>

#include "trialrunner/agent/supervise.h"

/* GPUs for all containers of the role, for one try. ERR_LIMIT. */
int run_take_gpus(struct supervisor *supervisor, struct role_run *role);
void run_give_gpus(struct supervisor *supervisor, struct role_run *role);

int run_start(struct supervisor *supervisor, struct role_run *role, struct run *run);
/* Its process is gone: what else is in its process group and control group dies, its peak of memory is noted. */
void run_ended(struct supervisor *supervisor, struct run *run);
void run_signal(const struct run *run, int signal);
/* Over its memory limit where no control group holds it? Then it is killed. */
void run_check_memory(struct supervisor *supervisor, struct run *run);
/* Hold a container that prints faster than it can be read, and let it go on. */
void run_throttle(struct run *run);
/* "exit code 3", "out of memory: limit 512Mi". Newly allocated. */
char *run_failure(const struct run *run, int status, const struct rusage *usage);

/* Open a container's output, once. */
int run_open_output(struct supervisor *supervisor, struct role_run *role, struct run *run, bool must_exist);
/* Follow the metrics file of the role's current try, if metrics are read from one. */
void run_follow(struct supervisor *supervisor, struct role_run *role);

#endif
