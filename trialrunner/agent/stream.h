/*
 * The reports of one role: lines in, numbered reports out, into the journal and the spool.
 *
 * A role's metrics come from one place: what a container prints, its metrics file, or the page that it serves.
 */
#ifndef HONE_TRIALRUNNER_AGENT_STREAM_H
#define HONE_TRIALRUNNER_AGENT_STREAM_H

#include "trialrunner/agent/journal.h"
#include "trialrunner/agent/spool.h"
#include "trialrunner/collectors/collector.h"

/* A line that held reports, as it is remembered. */
struct metric_line {
    uint64_t hash;
    int64_t end, length;
};

struct stream {
    int role;
    const struct metrics_query *query;
    const struct metrics_format *format;
    void *reader;
    struct spool *spool;
    struct journal journal;
    int64_t *counts;          /* (n_metrics) reports so far, for lines without a step */
    size_t n_lines, capacity; /* remembered, oldest first; only with is_file */
    struct metric_line *lines;
    bool is_file;
    int64_t end; /* behind the last line that held reports */

    const struct metric_line *current; /* line being read */
    bool is_probe;
    size_t n_found;
};

/* path: the journal, read back if it is there. is_file: remember lines, for a file that may be rewritten. ERR_INVALID: a filter is
   wrong; ERR_IO. */
int stream_open(struct stream *stream, int role, const struct metrics_query *query, const struct metrics_format *format,
                bool is_file, const char *path, struct spool *spool);
/* Read one line (no end), which stands before `end` in its file and takes `length` bytes there. Returns how many reports it held. */
size_t stream_line(struct stream *stream, const char *bytes, size_t n, int64_t end, int64_t length);
/* A report that stands in no line. */
void stream_report(struct stream *stream, const struct report *report);
/* How many reports would it hold? */
size_t stream_probe(struct stream *stream, const char *bytes, size_t n);
/* Forget all remembered lines but the last n. */
void stream_forget(struct stream *stream, size_t n_kept);
/* May it read on? Not while too much waits for the service or the disk. */
bool stream_is_full(const struct stream *stream);
void stream_close(struct stream *stream);

uint64_t stream_hash(const char *bytes, size_t n);

#endif
