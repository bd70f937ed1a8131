/*
 * Prometheus' text format (prometheus.io/docs/instrumenting/exposition_formats): a page of series with their values.
 */
#ifndef HONE_TRIALRUNNER_COLLECTORS_EXPOSITION_H
#define HONE_TRIALRUNNER_COLLECTORS_EXPOSITION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One line `name{labels} value time`; texts borrowed from the page, not ended by NUL. */
struct sample {
    const char *name, *labels, *value;
    size_t name_length, labels_length, value_length; /* labels: what stands between the braces */
    int64_t time_us;                                 /* 0: the line has none */
};
typedef void sample_sink(void *owner, const struct sample *sample);

/* All samples of a page, in its order. Comments and what is no sample are passed over. */
void exposition_read(const char *bytes, size_t length, sample_sink *sink, void *owner);

/* Is it the series that a metric names? `accuracy` is any series of that name, `accuracy{set="val"}` one that has all these labels. */
bool exposition_matches(const struct sample *sample, const char *metric);

#endif
