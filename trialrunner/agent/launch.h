/*
 * Starting one container: its environment, private paths, limits and output put together.
 */
#ifndef HONE_TRIALRUNNER_AGENT_LAUNCH_H
#define HONE_TRIALRUNNER_AGENT_LAUNCH_H

#include "trialrunner/agent/limits.h"
#include "trialrunner/agent/paths.h"
#include "trialrunner/order.h"
#include "trialrunner/process.h"

struct launch {
    const struct order *order;
    const struct container *container;
    struct paths_place place;
    const char *gpus;   /* of this container: "0,2"; "" none */
    const char *needed; /* path that must be private; NULL: none */
    int output_fd;
    const char *output_path;
    const struct limit_group *group;
};

/* Name of the environment variable that marks every process of an attempt; its value is the attempt's directory. */
extern const char launch_tag_name[];

int launch_container(const struct launch *launch, struct process *process);

#endif
