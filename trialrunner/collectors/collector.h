/*
 * Metrics collectors: bytes in, (time, step, metric, value as written) out.
 */
#ifndef HONE_TRIALRUNNER_COLLECTORS_COLLECTOR_H
#define HONE_TRIALRUNNER_COLLECTORS_COLLECTOR_H

#include <stdbool.h>
#include <stdint.h>

#include "base/memory.h"

enum { METRIC_VALUE_LIMIT = 4096, METRIC_LINE_LIMIT = 1 << 20 }; /* bytes; the rest of a longer line is passed over */

/* What to look for; texts borrowed. */
struct metrics_query {
    size_t n_metrics;
    const char *const *metrics; /* names, the objective first */
    size_t n_filters;
    const char *const *filters; /* regular expressions with two groups, name and value */
};

/* One report. */
struct report {
    size_t metric;     /* index in metrics */
    int64_t time_us;   /* 0: the line has none */
    int64_t step;      /* -1: the line has none */
    const char *value; /* as written; borrowed until the callback returns */
};
typedef void report_sink(void *owner, const struct report *report);

/* Reads lines of one format. */
struct metrics_format {
    const char *name; /* TEXT, JSON, ANY */
    /* ERR_INVALID: a filter does not compile or has fewer than two groups. */
    int (*create)(const struct metrics_query *query, void **state);
    /* One line without its end, length <= METRIC_LINE_LIMIT, not NUL-ended, any bytes. Lines that say nothing are passed over. */
    void (*line)(void *state, const char *bytes, size_t length, report_sink *sink, void *owner);
    void (*destroy)(void *state);
};
extern const struct metrics_format metrics_format_text, metrics_format_json, metrics_format_any;

/* A kind as in collector.kind. */
struct collector_kind {
    const char *name;
    const char *summary;
    const char *default_path; /* fileSystemPath.path; NULL: takes none */
    bool shell;               /* the primary command is run through `sh -c` */
    bool reads_output;        /* reads the container's own output */
    bool is_custom;           /* which is not the training's but that of a container beside it */
    bool reads_file;          /* reads fileSystemPath.path */
    bool is_events;           /* which is a directory of TensorFlow's event files */
    bool
        is_pushed; /* the training itself appends to default_path, as lines of JSON: nothing of it is the file's choice */
    bool is_scraped; /* asks the training for a page over HTTP */
    bool available;  /* false: known by name, not in this build */
};

/* All kinds, ended by a zeroed row; the first is the default. To add one: write its file, add its row. */
extern const struct collector_kind collector_kinds[];
const struct collector_kind *collector_kind_find(const char *name);

/* Can it be asked for: from a slash, of printable ASCII without blanks? */
bool page_path_is_valid(const char *path);

/* Katib's default metricsFormat for TEXT, mended so that nan, inf and `1.` are values: one filter. */
extern const char *const default_metrics_filter;
/* ERR_INVALID with what is wrong: does not compile, or has not two groups. */
int metrics_filter_check(const char *filter);

#endif
