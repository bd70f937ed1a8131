/*
 * The job kinds that Hone knows, and the contract of each: rendered manifest in, plan out. Pure.
 */
#ifndef HONE_TRIALRUNNER_JOBS_JOB_KIND_H
#define HONE_TRIALRUNNER_JOBS_JOB_KIND_H

#include "trialrunner/plan.h"

struct job_kind {
    const char *api_version, *kind;
    const char *success_condition, *failure_condition; /* Katib's defaults; NULL: none */
    const char *primary_labels[5]; /* Katib's default primaryPodLabels: key, value, ... ended by NULL */

    /* Note what is wrong with a manifest (before or after rendering: placeholders may stand in place of numbers). path: of the
       manifest in the file. */
    void (*check)(const struct node *manifest, const char *file, const char *path, struct arena *arena,
                  struct faults *faults);
    /* Fill plan, in the arena; warnings say what of the manifest has another meaning here. ERR_INVALID. NULL in the table:
       known, not in this build. */
    int (*plan)(const struct node *manifest, const struct plan_context *context, struct arena *arena, struct plan *plan,
                struct faults *faults);
    /* The status an operator would write: a map with `status.conditions` and counts, for success and failure conditions. NULL: the
       end alone decides. */
    struct node *(*status)(bool succeeded, const char *reason, const char *message, struct arena *arena);
};

/* All kinds, ended by NULL. To add one: write its file, add one line in job_kinds.c. */
extern const struct job_kind *const job_kinds[];

/* Stands for every other kind, where spec.hone.roles says which pods it has. Not in the table. It has no status: how its roles end
   decides, not the conditions of the file. */
extern const struct job_kind job_kind_given;

/* Kind of a manifest by its apiVersion and kind; NULL: not known. */
const struct job_kind *job_kind_find(const char *api_version, const char *kind);

#endif
