/*
 * The status that an operator would write, for the kinds' `status`.
 */
#ifndef HONE_TRIALRUNNER_JOBS_JOB_STATUS_H
#define HONE_TRIALRUNNER_JOBS_JOB_STATUS_H

#include <stdbool.h>

#include "base/node.h"

/* {status: {conditions: [{type, status: "True", reason, message}], <count>: 1}}; reason and message may be NULL. */
struct node *job_status(const char *type, const char *count, const char *reason, const char *message,
                        struct arena *arena);

#endif
