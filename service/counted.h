/*
 * What metrics.c counts and metrics_write.c writes.
 */
#ifndef HONE_SERVICE_COUNTED_H
#define HONE_SERVICE_COUNTED_H

#include "service/exposition.h"

enum namespace_count {
    COUNT_EXPERIMENT_CREATED,
    COUNT_EXPERIMENT_SUCCEEDED,
    COUNT_EXPERIMENT_FAILED,
    COUNT_EXPERIMENT_DELETED,
    COUNT_TRIAL_CREATED,
    COUNT_TRIAL_SUCCEEDED,
    COUNT_TRIAL_FAILED,
    COUNT_TRIAL_DELETED,
    COUNT_TRIAL_METRICS_UNAVAILABLE,
    COUNT_TRIAL_EARLY_STOPPED,
    COUNT_TRIAL_KILLED,
    COUNT_TRIAL_RETRIED,
    N_NAMESPACE_COUNTS
};

enum { N_CODES = 32 }; /* more than there are in status.h */

struct metrics {
    size_t n_namespaces, namespaces_capacity;
    struct namespace_counts {
        char *name;
        int64_t n[N_NAMESPACE_COUNTS];
    } * namespaces;
    size_t n_ops, ops_capacity;
    struct op_counts {
        const char *op; /* as in its table, so that the pointer tells it */
        int64_t n[N_CODES];
        struct histogram seconds;
    } * ops;
    size_t n_algorithms, algorithms_capacity;
    struct algorithm_counts {
        const char *name;
        struct histogram seconds;
    } * algorithms;
    size_t n_refusals, refusals_capacity;
    struct refusal_counts {
        const char *reason;
        int64_t n;
    } * refusals;
    struct histogram trial_seconds;
    int64_t started_us;
};

#endif
