/*
 * A pod template as a role: every field honoured, or named in a warning that says what it means here.
 */
#ifndef HONE_TRIALRUNNER_POD_H
#define HONE_TRIALRUNNER_POD_H

#include "trialrunner/plan.h"

/* Note unknown and wrong fields of a pod template (`spec.template` of a Job). strict_keys: unknown keys are errors. */
void pod_check(const struct node *template, const char *file, const char *path, bool strict_keys, struct arena *arena,
               struct faults *faults);

/* The same of a container that is put into pods whose volumes are not known yet. */
void pod_check_container(const struct node *container, const char *file, const char *path, struct arena *arena,
                         struct faults *faults);

/* What the owner of a pod adds to it: each text "name=value". */
struct pod_owner {
    const char *pod;  /* the pod's name, for metadata.name */
    int metrics_port; /* 0: none */
    size_t n_labels, n_annotations, n_env;
    const char *const *labels, *const *annotations;
    const char *const *env; /* goes before the manifest's own */
};

/* Fill role (name and index are the caller's) from a rendered template. Its warnings come once each however many pods
   are planned into the same faults. ERR_INVALID: a field is wrong, a ConfigMap or Secret is missing, a fieldRef cannot be
   resolved, ... */
int pod_plan(const struct node *template, const struct plan_context *context, const struct pod_owner *owner,
             struct arena *arena, struct role *role, struct faults *faults);

/* terminationGracePeriodSeconds (30 unless given) and activeDeadlineSeconds (0: none) of a template. */
double pod_grace_s(const struct node *template);
double pod_deadline_s(const struct node *template);

#endif
