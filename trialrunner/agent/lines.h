/*
 * Bytes in, lines out, in bounded memory whatever comes.
 */
#ifndef HONE_TRIALRUNNER_AGENT_LINES_H
#define HONE_TRIALRUNNER_AGENT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* A line without its end (\n or \r\n), cut at METRIC_LINE_LIMIT. It stands at [start, end) in the offsets given to feed, its end
   included. Empty lines are left out. */
typedef void line_sink(void *owner, const char *bytes, size_t length, int64_t start, int64_t end);

/* A zeroed struct is empty and ready. */
struct lines {
    struct text partial; /* of the line that has begun */
    int64_t start, end;  /* offset of that line, and behind the bytes that were fed */
};

/* offset: of the first byte. Bytes follow one another; lines_reset() before a jump. */
void lines_feed(struct lines *lines, const char *bytes, size_t length, int64_t offset, line_sink *sink, void *owner);
/* There will be no more: a last line that has no end is one, too. */
void lines_finish(struct lines *lines, line_sink *sink, void *owner);
void lines_reset(struct lines *lines);
void lines_release(struct lines *lines);

#endif
