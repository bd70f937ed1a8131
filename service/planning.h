/*
 * From a trial's values to the roles of its job.
 */
#ifndef HONE_SERVICE_PLANNING_H
#define HONE_SERVICE_PLANNING_H

#include "service/live.h"
#include "trialrunner/plan.h"

/* Render the template with the trial's values and plan the job, whose roles may listen on plan->n_ports ports from
   first_port on. Everything in the arena; warnings are added to faults. */
int planning_plan(struct service *service, const struct live *live, const struct trial *trial, int first_port,
                  struct arena *arena, struct plan *plan, struct faults *faults);
/* Can a trial of it be planned and can it fit? Warnings of the plan, one a line. ERR_INVALID, ERR_LIMIT. */
int planning_try(struct service *service, struct live *live, struct text *warnings);

#endif
