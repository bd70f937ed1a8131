/*
 * Numbering reports.
 */
#include "trialrunner/agent/stream.h"

#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/status.h"
#include "trialrunner/agent/utf8.h"

enum { LINES_LIMIT = 1 << 20 };

/* FNV-1a, eight bytes at a time. */
uint64_t stream_hash(const char *bytes, size_t n)
{
    uint64_t hash = 14695981039346656037U ^ n;

    for (; n >= 8; bytes += 8, n -= 8) {
        uint64_t word;

        memcpy(&word, bytes, 8);
        hash = (hash ^ word) * 1099511628211U;
        hash ^= hash >> 29;
    }
    for (; n > 0; bytes++, n--)
        hash = (hash ^ (unsigned char)*bytes) * 1099511628211U;
    return hash;
}

static void remember(struct stream *stream, const struct metric_line *line)
{
    stream->end = line->end;
    if (!stream->is_file)
        return;
    if (stream->n_lines == LINES_LIMIT)
        stream_forget(stream, LINES_LIMIT / 2);
    stream->lines = grow(stream->lines, stream->n_lines, &stream->capacity, sizeof *stream->lines);
    stream->lines[stream->n_lines++] = *line;
}

static void spool_entry(struct stream *stream, int64_t sequence, const struct journal_entry *entry, const char *value)
{
    struct spooled report = {
        .role = stream->role,
        .sequence = sequence,
        .time_us = entry->time_us,
        .step = entry->step,
        .metric = entry->metric,
    };

    spool_add(stream->spool, &report, value, entry->length);
}

/* An entry of the journal: what an agent before this one has numbered. */
static void recall(void *owner, int64_t sequence, const struct journal_entry *entry, const char *value)
{
    struct stream *stream = owner;
    struct metric_line line = { entry->line, entry->end, entry->line_length };

    if (entry->metric >= stream->query->n_metrics)
        return;
    stream->counts[entry->metric] = entry->count;
    if (stream->n_lines == 0 || stream->end != line.end || stream->lines[stream->n_lines - 1].hash != line.hash)
        remember(stream, &line);
    spool_entry(stream, sequence, entry, value);
}

int stream_open(struct stream *stream, int role, const struct metrics_query *query, const struct metrics_format *format,
                bool is_file, const char *path, struct spool *spool)
{
    *stream = (struct stream){
        .role = role,
        .query = query,
        .format = format,
        .spool = spool,
        .journal.fd = -1,
        .is_file = is_file,
    };
    stream->counts = xcalloc(query->n_metrics + 1, sizeof *stream->counts);
    TRY(format->create(query, &stream->reader));
    return journal_open(&stream->journal, path, recall, stream);
}

/* As a text of at most METRIC_VALUE_LIMIT bytes that a message can carry. */
static void mend_value(const char *value, struct text *out)
{
    struct text mended = { 0 };

    utf8_add(&mended, value, strnlen(value, METRIC_VALUE_LIMIT));
    while (mended.length > METRIC_VALUE_LIMIT ||
           (mended.length > 0 && !text_is_utf8(mended.data, mended.length, &(size_t){ 0 })))
        mended.data[--mended.length] = '\0';
    text_add_bytes(out, text_string(&mended), mended.length);
    text_release(&mended);
}

static void take(void *owner, const struct report *report)
{
    struct stream *stream = owner;
    struct journal_entry entry = { .metric = (uint32_t)report->metric,
                                   .time_us = report->time_us,
                                   .step = report->step };
    struct text value = { 0 };

    stream->n_found++;
    if (stream->is_probe || report->metric >= stream->query->n_metrics)
        return;
    mend_value(report->value, &value);
    entry.line = stream->current->hash;
    entry.end = stream->current->end;
    entry.line_length = stream->current->length;
    entry.count = ++stream->counts[report->metric];
    entry.length = (uint32_t)value.length;
    if (entry.time_us == 0)
        entry.time_us = clock_wall_us();
    if (entry.step < 0)
        entry.step = entry.count;
    spool_entry(stream, journal_add(&stream->journal, &entry, text_string(&value)), &entry, text_string(&value));
    text_release(&value);
}

size_t stream_line(struct stream *stream, const char *bytes, size_t n, int64_t end, int64_t length)
{
    struct metric_line line = { stream_hash(bytes, n), end, length };

    stream->current = &line;
    stream->is_probe = false;
    stream->n_found = 0;
    stream->format->line(stream->reader, bytes, n, take, stream);
    stream->current = NULL;
    if (stream->n_found > 0)
        remember(stream, &line);
    return stream->n_found;
}

void stream_report(struct stream *stream, const struct report *report)
{
    struct metric_line none = { 0 };

    stream->current = &none;
    stream->is_probe = false;
    take(stream, report);
    stream->current = NULL;
}

size_t stream_probe(struct stream *stream, const char *bytes, size_t n)
{
    stream->is_probe = true;
    stream->n_found = 0;
    stream->format->line(stream->reader, bytes, n, take, stream);
    return stream->n_found;
}

void stream_forget(struct stream *stream, size_t n_kept)
{
    if (n_kept < stream->n_lines && n_kept > 0)
        memmove(stream->lines, stream->lines + stream->n_lines - n_kept, n_kept * sizeof *stream->lines);
    stream->n_lines = n_kept < stream->n_lines ? n_kept : stream->n_lines;
}

bool stream_is_full(const struct stream *stream)
{
    return spool_is_full(stream->spool) || stream->journal.pending.length > JOURNAL_SIZE_LIMIT;
}

void stream_close(struct stream *stream)
{
    if (stream->reader != NULL)
        stream->format->destroy(stream->reader);
    journal_close(&stream->journal);
    free(stream->counts);
    free(stream->lines);
    *stream = (struct stream){ .journal.fd = -1 };
}
