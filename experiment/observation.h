/*
 * What a trial reported, in short: smallest, largest and latest value of each metric, as written.
 *
 * nan and text never become a min or max, infinities do (Katib's defects, katib.md 9.3). A metric is available when some
 * report of it is a number other than nan, or, for a metric that has no numeric report at all, a text that is neither empty
 * nor nan.
 */
#ifndef HONE_EXPERIMENT_OBSERVATION_H
#define HONE_EXPERIMENT_OBSERVATION_H

#include "experiment/spec.h"

struct metric_summary {
    char *min, *max, *latest;                  /* as written; NULL before the first */
    double min_value, max_value, latest_value; /* NAN when there is none */
    int64_t latest_us;
    uint64_t n_reports;
};

struct observation {
    size_t n;                       /* metrics of the objective, same order */
    struct metric_summary *metrics; /* (n) */
};

void observation_init(struct observation *observation, size_t n_metrics);
void observation_release(struct observation *observation);
/* One report of metric i. timestamps: later counts as latest, ties go to the later call. */
void observation_add(struct observation *observation, size_t i, int64_t time_us, const char *value);
bool observation_is_available(const struct observation *observation, size_t i);
/* Value of metric i by its strategy as text and number (NAN for text); NULL when unavailable, which the latest value also is
   when it is nan or text and others were numbers: a training that ends in nan has no final value. */
const char *observation_value(const struct observation *observation, const struct objective *objective, size_t i,
                              double *number);

/* Compact bytes for the database, and back into an initialised observation of as many metrics (else ERR_CORRUPT). */
void observation_pack(const struct observation *observation, struct text *out);
int observation_unpack(struct observation *observation, const void *bytes, size_t length);

#endif
