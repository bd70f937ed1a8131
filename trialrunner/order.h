/*
 * The order: the one self-contained message an agent gets. On every engine the same; no descriptor, parent or local path of the
 * service in it but the address it must call.
 */
#ifndef HONE_TRIALRUNNER_ORDER_H
#define HONE_TRIALRUNNER_ORDER_H

#include "base/text.h"
#include "trialrunner/collectors/collector.h"
#include "trialrunner/plan.h"

struct order {
    const char *address; /* ZeroMQ endpoint of the service */
    const char *key;     /* secret of this attempt, 32 hex digits: every message carries it */
    const char *experiment, *namespace, *trial;
    int64_t experiment_id, number, attempt;
    struct plan plan;
    const char *gpus; /* "0,2": CUDA_VISIBLE_DEVICES of roles that asked for GPUs; NULL: none */
    struct metrics_query metrics;
    const char *collector;    /* kind */
    const char *format;       /* TEXT or JSON */
    const char *metrics_path; /* absolute, as the trial sees it; NULL: no file is read */
    const char *http_path;    /* of the page that a role serves on its metrics_port, or else on http_port; NULL: none */
    int http_port;
    int64_t log_limit; /* bytes of output kept a container */
};

void order_encode(const struct order *order, struct text *out);
/* Checked field by field against the limits of plan.h; everything in the arena. ERR_INVALID. */
int order_decode(const void *bytes, size_t length, struct arena *arena, struct order *order);

#endif
