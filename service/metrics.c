/*
 * Counting.
 */
#include "service/metrics.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "db/events.h"
#include "service/counted.h"

struct metrics *metrics_create(void)
{
    struct metrics *metrics = xcalloc(1, sizeof *metrics);

    metrics->started_us = clock_wall_us();
    return metrics;
}

void metrics_destroy(struct metrics *metrics)
{
    if (metrics == NULL)
        return;
    for (size_t i = 0; i < metrics->n_namespaces; i++)
        free(metrics->namespaces[i].name);
    free(metrics->namespaces);
    free(metrics->ops);
    free(metrics->algorithms);
    free(metrics->refusals);
    free(metrics);
}

/* --- of namespaces --- */

static int64_t *counts_of(struct metrics *metrics, const char *namespace)
{
    for (size_t i = 0; i < metrics->n_namespaces; i++)
        if (text_equal(metrics->namespaces[i].name, namespace))
            return metrics->namespaces[i].n;
    metrics->namespaces = grow(metrics->namespaces, metrics->n_namespaces, &metrics->namespaces_capacity,
                               sizeof *metrics->namespaces);
    metrics->namespaces[metrics->n_namespaces] = (struct namespace_counts){ .name = xstrdup(namespace) };
    return metrics->namespaces[metrics->n_namespaces++].n;
}

static int count_of_condition(const struct experiment *experiment)
{
    const struct condition *condition = experiment_condition(experiment);

    if (condition == NULL || !condition->status)
        return -1;
    return text_equal(condition->type, "Succeeded") ? COUNT_EXPERIMENT_SUCCEEDED
           : text_equal(condition->type, "Failed")  ? COUNT_EXPERIMENT_FAILED
                                                    : -1;
}

static int count_of_end(const struct trial *trial)
{
    static const int counts[] = {
        [TRIAL_PENDING] = -1,
        [TRIAL_RUNNING] = -1,
        [TRIAL_SUCCEEDED] = COUNT_TRIAL_SUCCEEDED,
        [TRIAL_FAILED] = COUNT_TRIAL_FAILED,
        [TRIAL_KILLED] = COUNT_TRIAL_KILLED,
        [TRIAL_EARLY_STOPPED] = COUNT_TRIAL_EARLY_STOPPED,
        [TRIAL_METRICS_UNAVAILABLE] = COUNT_TRIAL_METRICS_UNAVAILABLE,
    };

    return counts[trial->state];
}

static int count_of_event(const struct live *live, const struct trial *trial, int kind)
{
    switch (kind) {
    case EVENT_EXPERIMENT_CREATED:
        return COUNT_EXPERIMENT_CREATED;
    case EVENT_EXPERIMENT_CONDITION:
        return count_of_condition(live->experiment);
    case EVENT_TRIAL_CREATED:
        return COUNT_TRIAL_CREATED;
    case EVENT_TRIAL_ATTEMPT_ENDED:
        return COUNT_TRIAL_RETRIED;
    case EVENT_TRIAL_ENDED:
        return trial != NULL ? count_of_end(trial) : -1;
    default:
        return -1;
    }
}

void metrics_event(struct metrics *metrics, const struct live *live, int64_t number, int kind)
{
    const struct trial *trial = number > 0 ? experiment_trial(live->experiment, number) : NULL;
    int which = count_of_event(live, trial, kind);

    if (which >= 0)
        counts_of(metrics, live->spec->namespace)[which]++;
    if (kind == EVENT_TRIAL_ENDED && trial != NULL && trial->started_us > 0 && trial->ended_us >= trial->started_us)
        histogram_add(&metrics->trial_seconds, histogram_runs, (double)(trial->ended_us - trial->started_us) / 1e6);
}

void metrics_deleted(struct metrics *metrics, const struct live *live)
{
    int64_t *counts = counts_of(metrics, live->spec->namespace);

    counts[COUNT_EXPERIMENT_DELETED]++;
    counts[COUNT_TRIAL_DELETED] += (int64_t)live->experiment->n_trials;
}

/* --- of names that the program itself gives: there are few --- */

void metrics_answered(struct metrics *metrics, const struct caller *caller, int status)
{
    const char *op = caller->op != NULL ? caller->op : "unknown";
    size_t i = 0;

    while (i < metrics->n_ops && metrics->ops[i].op != op)
        i++;
    if (i == metrics->n_ops) {
        metrics->ops = grow(metrics->ops, metrics->n_ops, &metrics->ops_capacity, sizeof *metrics->ops);
        metrics->ops[metrics->n_ops++] = (struct op_counts){ .op = op };
    }
    metrics->ops[i].n[status < 0 && -status < N_CODES ? -status : 0]++;
    histogram_add(&metrics->ops[i].seconds, histogram_waits, (double)(clock_steady_us() - caller->came_us) / 1e6);
}

void metrics_suggested(struct metrics *metrics, const char *algorithm, double seconds)
{
    size_t i = 0;

    while (i < metrics->n_algorithms && !text_equal(metrics->algorithms[i].name, algorithm))
        i++;
    if (i == metrics->n_algorithms) {
        metrics->algorithms = grow(metrics->algorithms, metrics->n_algorithms, &metrics->algorithms_capacity,
                                   sizeof *metrics->algorithms);
        metrics->algorithms[metrics->n_algorithms++] = (struct algorithm_counts){ .name = algorithm };
    }
    histogram_add(&metrics->algorithms[i].seconds, histogram_waits, seconds);
}

void metrics_refused(struct metrics *metrics, const char *reason)
{
    size_t i = 0;

    while (i < metrics->n_refusals && !text_equal(metrics->refusals[i].reason, reason))
        i++;
    if (i == metrics->n_refusals) {
        metrics->refusals = grow(metrics->refusals, metrics->n_refusals, &metrics->refusals_capacity,
                                 sizeof *metrics->refusals);
        metrics->refusals[metrics->n_refusals++] = (struct refusal_counts){ .reason = reason };
    }
    metrics->refusals[i].n++;
}
