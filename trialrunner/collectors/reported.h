/*
 * What both formats do with a value before it is reported.
 */
#ifndef HONE_TRIALRUNNER_COLLECTORS_REPORTED_H
#define HONE_TRIALRUNNER_COLLECTORS_REPORTED_H

#include "trialrunner/collectors/collector.h"

/* Index of the metric of that name; n_metrics when there is none. */
size_t metric_find(const struct metrics_query *query, const char *name, size_t length);
/* Cut white space at both ends. */
void trim(const char **bytes, size_t *length);
/* The value as text in buffer; false for what can be no value: empty, too long, not UTF-8. */
bool value_copy(const char *bytes, size_t length, char buffer[METRIC_VALUE_LIMIT + 1]);

#endif
