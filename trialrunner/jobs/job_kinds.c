/*
 * All job kinds.
 */
#include <string.h>

#include "trialrunner/jobs/job_table.h"

const struct job_kind *const job_kinds[] = {
    &job_kind_job,        &job_kind_train_job, &job_kind_pytorch,
    &job_kind_tensorflow, &job_kind_xgboost,   &job_kind_mpi,
    &job_kind_paddle,     &job_kind_jax,       NULL,
};

const struct job_kind *job_kind_find(const char *api_version, const char *kind)
{
    for (const struct job_kind *const *row = job_kinds; *row != NULL; row++) {
        if (strcmp((*row)->api_version, api_version) == 0 && strcmp((*row)->kind, kind) == 0)
            return *row;
    }
    return NULL;
}
