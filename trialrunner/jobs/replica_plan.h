/*
 * From the replica specs of a Training Operator's job to the roles of a gang. For the files of the kinds alone.
 *
 * On one machine every replica has the address of that machine and a port of its own, in place of a name and the kind's one port.
 */
#ifndef HONE_TRIALRUNNER_JOBS_REPLICA_PLAN_H
#define HONE_TRIALRUNNER_JOBS_REPLICA_PLAN_H

#include "trialrunner/jobs/job_kind.h"
#include "trialrunner/jobs/replica_check.h"

/* One pod to be. */
struct replica {
    const char *type; /* as in the kind's rows */
    int index, n;     /* of n of its type */
    const struct node *spec;
    int port;
};

struct replica_set {
    const struct replica_kind *kind;
    const struct plan_context *context;
    struct arena *arena;
    const struct node *spec; /* of the job */
    size_t n;
    struct replica *items; /* (n) type after type in the order of the kind's rows */
};

/* NULL: there is none. */
const struct replica *replicas_first(const struct replica_set *set, const char *type);
int replicas_count(const struct replica_set *set, const char *type);
bool replica_is(const struct replica *replica, const char *type);
/* "127.0.0.1" */
const char *replicas_host(const struct replica_set *set);
/* "127.0.0.1:23001" */
const char *replica_address(const struct replica_set *set, const struct replica *replica);

/* Environment of a replica as it is gathered. */
struct replica_env {
    struct arena *arena;
    size_t n;
    const char *items[32];
};
void replica_set_env(struct replica_env *env, const char *name, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Fill plan. ERR_INVALID. */
int replicas_plan(const struct replica_kind *kind, const struct node *manifest, const struct plan_context *context,
                  struct arena *arena, struct plan *plan, struct faults *faults);
struct node *replicas_status(bool succeeded, const char *reason, const char *message, struct arena *arena);

#define REPLICAS_SUCCEEDED "status.conditions.#(type==\"Succeeded\")#|#(status==\"True\")#"
#define REPLICAS_FAILED    "status.conditions.#(type==\"Failed\")#|#(status==\"True\")#"
#define MASTER_LABEL       "training.kubeflow.org/job-role", "master"

extern const struct shape run_policy_shape[], elastic_shape[]; /* what several kinds take */

#endif
