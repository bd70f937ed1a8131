/*
 * The kinds by name, for the table.
 */
#ifndef HONE_TRIALRUNNER_JOBS_JOB_TABLE_H
#define HONE_TRIALRUNNER_JOBS_JOB_TABLE_H

#include "trialrunner/jobs/job_kind.h"

extern const struct job_kind job_kind_job, job_kind_train_job, job_kind_pytorch, job_kind_tensorflow, job_kind_xgboost,
    job_kind_mpi, job_kind_paddle, job_kind_jax;

#endif
