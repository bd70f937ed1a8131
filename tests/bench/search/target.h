/*
 * A problem of the list (problems.json) as a method sees it: a space, and points that are given losses, by the synthetic
 * problems of this program or by a child process that serves others.
 */
#ifndef HONE_TESTS_BENCH_SEARCH_TARGET_H
#define HONE_TESTS_BENCH_SEARCH_TARGET_H

#include "base/node.h"
#include "suggest/history.h"
#include "tests/bench/search/problems.h"

struct child; /* a server of problems */

/* command: list of words. NULL after fail(). */
struct child *child_start(const struct node *command);
void child_stop(struct child *child); /* accepts NULL */

struct target {
    struct space space; /* the resource, if there is one, last: an int named "resource", from 1 */
    size_t n_objectives, n_constraints;
    double full_resource; /* NAN: trials have no resource */
    double fidelity_unit,
        least_fidelity; /* of the child's fidelity: what one resource is, and what it cannot be below */
    bool is_noisy;
    struct problem *problem; /* NULL: the child's */
    struct child *child;
    const char *name;
    uint64_t instance;
    double sign; /* -1 where the child's values are maximised */
    struct arena arena;
};

struct verdict {
    enum outcome outcome;
    double losses[PROBLEM_OBJECTIVES_LIMIT], violations[PROBLEM_CONSTRAINTS_LIMIT];
    double truth; /* first loss without noise */
};

/* child NULL: one of the synthetic problems. has_resource: a problem with a fidelity is searched with it. */
int target_open(struct target *target, const char *name, uint64_t instance, struct child *child, bool has_resource);
void target_close(struct target *target);
/* values as the space says; k: how many points were judged before; resource NAN: the full one. */
int target_judge(struct target *target, const double *values, uint64_t k, double resource, struct verdict *verdict);

#endif
