/*
 * Prometheus' text format, version 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).
 */
#ifndef HONE_SERVICE_EXPOSITION_H
#define HONE_SERVICE_EXPOSITION_H

#include <stdint.h>

#include "base/text.h"

enum { HISTOGRAM_BOUNDS = 14 };

struct histogram {
    int64_t counts[HISTOGRAM_BOUNDS + 1]; /* up to each bound, and above all of them */
    double sum;
};

/* Upper bounds, rising: of what a person waits for, and of what runs for a while. In seconds. */
extern const double histogram_waits[HISTOGRAM_BOUNDS], histogram_runs[HISTOGRAM_BOUNDS];

void histogram_add(struct histogram *histogram, const double *bounds, double value);

/* Labels are a name and a value each, ended by NULL; values are escaped. */
void exposition_family(struct text *out, const char *name, const char *type, const char *help);
void exposition_sample(struct text *out, const char *name, const char *const *labels, double value);
/* label NULL: none. */
void exposition_histogram(struct text *out, const char *name, const char *label, const char *value,
                          const struct histogram *histogram, const double *bounds);
/* A family of one sample. */
void exposition_single(struct text *out, const char *name, const char *type, const char *help, double value);

#endif
