/*
 * Checking the manifests of the Training Operator's kinds: replica specs by type. For replica_*.c alone.
 */
#ifndef HONE_TRIALRUNNER_JOBS_REPLICA_CHECK_H
#define HONE_TRIALRUNNER_JOBS_REPLICA_CHECK_H

#include "trialrunner/plan.h"
#include "trialrunner/shape.h"

struct replica_type {
    const char *name; /* NULL ends the rows */
    bool is_required;
    int64_t replicas; /* exactly so many; 0: any */
};

struct replica;
struct replica_env;
struct replica_set;

struct replica_kind {
    const char *name;
    const char *specs;     /* key of the replica specs */
    const char *container; /* that every pod must have; NULL: any */
    const struct shape *spec;
    const struct replica_type *types;
    enum restart_policy restart; /* unless a replica says */
    void (*environment)(const struct replica_set *set, const struct replica *replica, struct replica_env *env);
    bool (*decides)(const struct replica_set *set, const struct replica *replica); /* must succeed for the job to */
    bool (*leads)(const struct replica_set *set, const struct replica *replica);   /* carries job-role: master */
    bool is_first_alone; /* the first starts what the others are to run: they are counted, not started */
    bool (*ends_with_one)(const struct replica_set *set); /* any one that decides is enough; NULL: never */
};

/* A check under way. */
struct replicas {
    const struct replica_kind *kind;
    struct shape_walk walk;
    const struct node *spec, *specs;
    const char *path; /* of specs */
};

/* Opens replicas and notes what is wrong with any kind. */
void replicas_check(const struct replica_kind *kind, const struct node *manifest, const char *file, const char *path,
                    struct arena *arena, struct faults *faults, struct replicas *replicas);
/* Spec of a type, whose name the operator takes in any case; NULL: absent. */
const struct node *replicas_find(const struct node *specs, const char *name);
void replicas_complain(const struct replicas *replicas, const struct node *at, const char *path, const char *text);

#endif
