/*
 * What one container prints: a file that it appends to, read as it grows, its middle freed when it is long.
 */
#ifndef HONE_TRIALRUNNER_AGENT_OUTPUT_H
#define HONE_TRIALRUNNER_AGENT_OUTPUT_H

#include "trialrunner/agent/lines.h"
#include "trialrunner/agent/stream.h"

struct output {
    char *path;
    int fd;                /* for appending and reading; -1: not open */
    int watch;             /* of inotify; -1: none */
    struct stream *stream; /* NULL: nobody reads it, it is only kept short */
    struct lines lines;
    int64_t position, freed_to; /* read so far; end of the hole */
    int64_t limit;              /* bytes kept; 0: all */
    bool is_dirty;              /* may have grown */
};

/* position: where reading goes on. Existing output is kept. */
int output_open(struct output *output, const char *path, struct stream *stream, int64_t position, int64_t limit,
                int inotify);
/* The container starts (again): its first line begins a line. */
int output_begin(struct output *output);
/* Read on for a while. is_dirty stays when there is more. */
void output_read(struct output *output);
/* Bytes printed that were not read yet. */
int64_t output_backlog(const struct output *output);
/* Its writers are dead and all of it was read: the last line counts without an end. */
void output_finish(struct output *output);
/* Append the last lines, for people. */
void output_add_tail(const struct output *output, struct text *out);
void output_close(struct output *output, int inotify);

#endif
