/*
 * How an attempt ended, as the service is told.
 */
#ifndef HONE_TRIALRUNNER_AGENT_END_H
#define HONE_TRIALRUNNER_AGENT_END_H

#include "base/node.h"
#include "trialrunner/agent/supervise.h"

const struct node *end_body(const struct ending *ending, const struct order *order, struct arena *arena);

/* The end that an earlier agent has written into the directory but perhaps not delivered. NULL: none. */
const struct node *end_read(const char *directory, const struct order *order, struct arena *arena);

#endif
