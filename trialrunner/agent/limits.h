/*
 * Limits on CPU and memory of a container: a control group of its own where we may make one, below our own or beside it in what
 * was delegated to us; else RLIMIT_DATA and a look at its memory now and then.
 */
#ifndef HONE_TRIALRUNNER_AGENT_LIMITS_H
#define HONE_TRIALRUNNER_AGENT_LIMITS_H

#include <stdbool.h>

#include "base/memory.h"
#include "trialrunner/plan.h"

enum limit_controller { LIMIT_CPU, LIMIT_MEMORY, N_LIMIT_CONTROLLERS };

/* Where this process may make groups. Zeroed: nowhere. */
struct limits {
    bool is_v2;
    char *directory[N_LIMIT_CONTROLLERS]; /* NULL: this one cannot be limited; v2: the same for both */
};

/* Look, and try by making a group and removing it. HONE_NO_CGROUP in the environment: nowhere. */
void limits_find(struct limits *limits);
void limits_release(struct limits *limits);

/* The groups of one container. */
struct limit_group {
    char *directory[N_LIMIT_CONTROLLERS];
    bool is_v2;
    int procs_fds[N_LIMIT_CONTROLLERS]; /* (n_fds) for process_spec */
    size_t n_fds;
};

/* Make groups for the limits that are declared. What cannot be made is left to limit_fallback. A zeroed group is none. */
void limit_group_open(const struct limits *limits, const char *name, const struct resources *limit,
                      struct limit_group *group);
void limit_group_close_fds(struct limit_group *group);
bool limit_group_holds_memory(const struct limit_group *group);
/* Did the kernel kill in it for lack of memory? */
bool limit_group_ran_out(const struct limit_group *group);
double limit_group_peak(const struct limit_group *group); /* bytes; 0: unknown */
/* Kill what is in it. */
void limit_group_kill(const struct limit_group *group);
/* Remove it; what is still in it dies. false: it is not empty yet, try again. */
bool limit_group_remove(struct limit_group *group);

/* Kill what is in a group that an agent before this one left, and remove it. */
void limits_clear_up(const char *directory);

/* "512Mi", "1500M", "1234567" */
const char *limit_format(double bytes, struct arena *arena);

#endif
