/*
 * When an experiment is over, and when one that is over may go on. Of this room only.
 */
#ifndef HONE_EXPERIMENT_COMPLETION_H
#define HONE_EXPERIMENT_COMPLETION_H

#include "experiment/experiment.h"

struct completion {
    const char *type, *reason, *message; /* of the condition */
};

/* Why it is over by now, by the first rule that says so: goal, maxFailedTrialCount, maxTrialCount, no point left, timeoutSeconds.
   NULL: it is not. */
const struct completion *completion_judge(const struct experiment *experiment);
/* Succeeded by maxTrialCount, and resumePolicy LongRunning or FromVolume. */
bool completion_can_restart(const struct experiment *experiment);

#endif
