/*
 * What this machine has to give, and what is given: cores, memory and GPUs that trials declare.
 */
#ifndef HONE_TRIALRUNNER_CAPACITY_H
#define HONE_TRIALRUNNER_CAPACITY_H

#include "trialrunner/plan.h"

enum { GPU_LIMIT = 64 };

struct capacity {
    double cpus, memory; /* there are */
    int n_gpus;
    double cpus_taken, memory_taken;
    bool gpu_taken[GPU_LIMIT];
};

/* Online cores of our affinity mask, physical memory, /dev/nvidia[0-9] or the number in HONE_GPUS. */
void capacity_detect(struct capacity *capacity);
/* Can it ever fit? ERR_LIMIT: "asks for 4 GPUs, this machine has 2". */
int capacity_check(const struct capacity *capacity, const struct resources *wanted);
/* Take if free: true, and the GPUs' indexes as "0,2" in gpus ("" when none were asked for). */
bool capacity_take(struct capacity *capacity, const struct resources *wanted, char gpus[256]);
/* Take exactly these again (after a restart). */
void capacity_retake(struct capacity *capacity, const struct resources *wanted, const char *gpus);
void capacity_give(struct capacity *capacity, const struct resources *wanted, const char *gpus);

#endif
