/*
 * Whole lines go on where they lie; only one that was cut by the end of a read is copied.
 */
#include "trialrunner/agent/lines.h"

#include <string.h>

#include "trialrunner/collectors/collector.h"

static void keep(struct text *partial, const char *bytes, size_t length)
{
    size_t room = METRIC_LINE_LIMIT - partial->length;

    if (length > 0 && room > 0)
        text_add_bytes(partial, bytes, length < room ? length : room);
}

static void give(const char *bytes, size_t length, int64_t start, int64_t end, line_sink *sink, void *owner)
{
    if (length > METRIC_LINE_LIMIT)
        length = METRIC_LINE_LIMIT;
    if (length > 0 && bytes[length - 1] == '\r')
        length--;
    if (length > 0)
        sink(owner, bytes, length, start, end);
}

static void give_partial(struct lines *lines, int64_t end, line_sink *sink, void *owner)
{
    give(text_string(&lines->partial), lines->partial.length, lines->start, end, sink, owner);
    text_clear(&lines->partial);
}

void lines_feed(struct lines *lines, const char *bytes, size_t length, int64_t offset, line_sink *sink, void *owner)
{
    const char *at = bytes, *end = bytes + length, *newline;

    for (; at < end && (newline = memchr(at, '\n', (size_t)(end - at))) != NULL; at = newline + 1) {
        int64_t behind = offset + (newline + 1 - bytes);

        if (lines->partial.length == 0) {
            give(at, (size_t)(newline - at), offset + (at - bytes), behind, sink, owner);
        } else {
            keep(&lines->partial, at, (size_t)(newline - at));
            give_partial(lines, behind, sink, owner);
        }
    }
    if (lines->partial.length == 0)
        lines->start = offset + (at - bytes);
    keep(&lines->partial, at, (size_t)(end - at));
    lines->end = offset + (int64_t)length;
}

void lines_finish(struct lines *lines, line_sink *sink, void *owner)
{
    if (lines->partial.length > 0)
        give_partial(lines, lines->end, sink, owner);
}

void lines_reset(struct lines *lines)
{
    text_clear(&lines->partial);
}

void lines_release(struct lines *lines)
{
    text_release(&lines->partial);
}
