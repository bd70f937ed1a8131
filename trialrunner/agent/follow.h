/*
 * A metrics file, or a directory of event files (event_files.h). A file may appear late, grow, be replaced, be cut, or be written anew with
 * every report, as cloudml-hypertune does with its last 100 lines. Every report counts once.
 */
#ifndef HONE_TRIALRUNNER_AGENT_FOLLOW_H
#define HONE_TRIALRUNNER_AGENT_FOLLOW_H

#include <sys/types.h>

#include "trialrunner/agent/lines.h"
#include "trialrunner/agent/stream.h"

struct follow {
    char *path;
    int fd;    /* -1: not there yet */
    int watch; /* of inotify, on its directory; -1: none, ask now and then */
    struct stream *stream;
    struct event_files *events; /* NULL: it is one file, which the rest is about */
    struct lines lines;
    int64_t position; /* read so far */
    bool is_dirty;    /* may have changed */

    /* While a file that was rewritten is compared with what is remembered. */
    uint64_t *fresh; /* (n_fresh) hashes of its metric lines */
    size_t n_fresh, capacity;
    size_t n_known, next; /* how many of them were seen before; the next to compare */
    bool is_end;          /* those are the last of the remembered ones */
    bool is_wrong;        /* it has changed again: to be compared anew */
};

/* Nothing is opened yet: the file, or directory, may not be there. position: where an earlier agent had come to in the file. */
void follow_open(struct follow *follow, const char *path, struct stream *stream, int64_t position, int inotify);
void follow_open_events(struct follow *follow, const char *directory, struct stream *stream);
/* Read what is new. */
void follow_read(struct follow *follow, int inotify);
/* Its writers are dead: the last line counts without an end. */
void follow_finish(struct follow *follow, int inotify);
void follow_close(struct follow *follow, int inotify);

#endif
