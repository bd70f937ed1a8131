/*
 * Appending is the common case and is read on from where we were. Whether it still is the same file shows in its last metric
 * line: it must stand where it stood. If not, the file is aligned with the metric lines that are remembered: the longest run of
 * them that it begins with is known, the rest is new.
 */
#include "trialrunner/agent/follow.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/memory.h"
#include "trialrunner/agent/event_files.h"

enum { CHUNK = 64 << 10, CHUNKS_A_TURN = 16 };

static void watch_directory(struct follow *follow, int inotify)
{
    char *directory = file_directory(follow->path);

    if (inotify >= 0)
        follow->watch = inotify_add_watch(inotify, directory, IN_MODIFY | IN_CREATE | IN_MOVED_TO | IN_CLOSE_WRITE);
    free(directory);
}

void follow_open(struct follow *follow, const char *path, struct stream *stream, int64_t position, int inotify)
{
    *follow = (struct follow){
        .path = xstrdup(path),
        .fd = -1,
        .watch = -1,
        .stream = stream,
        .position = position,
        .is_dirty = true,
    };
    watch_directory(follow, inotify);
}

void follow_open_events(struct follow *follow, const char *directory, struct stream *stream)
{
    *follow = (struct follow){ .path = xstrdup(directory), .fd = -1, .watch = -1, .stream = stream, .is_dirty = true };
    follow->events = event_files_open(directory, stream);
}

/* Does the last metric line stand where it stood? */
static bool is_in_place(const struct follow *follow)
{
    const struct stream *stream = follow->stream;
    const struct metric_line *last = stream->n_lines > 0 ? &stream->lines[stream->n_lines - 1] : NULL;
    size_t n;
    char *bytes;
    bool is_same;

    if (last == NULL)
        return true;
    if (last->end > follow->position || last->length > last->end)
        return false;
    n = last->length < METRIC_LINE_LIMIT ? (size_t)last->length : METRIC_LINE_LIMIT;
    bytes = xmalloc(n + 1);
    is_same = pread(follow->fd, bytes, n, last->end - last->length) == (ssize_t)n;
    if (n > 0 && bytes[n - 1] == '\n')
        n--;
    if (n > 0 && bytes[n - 1] == '\r')
        n--;
    is_same = is_same && stream_hash(bytes, n) == last->hash;
    free(bytes);
    return is_same;
}

static char chunk[CHUNK];

/* false: the end. */
static bool feed(struct follow *follow, ssize_t n, line_sink *sink)
{
    if (n <= 0)
        return false;
    lines_feed(&follow->lines, chunk, (size_t)n, follow->position, sink, follow);
    follow->position += n;
    return true;
}

static void take_line(void *owner, const char *bytes, size_t length, int64_t start, int64_t end)
{
    struct follow *follow = owner;

    stream_line(follow->stream, bytes, length, end, end - start);
}

/* What was appended. Looked at once more after it was read: it may have been rewritten in between. */
static void read_on(struct follow *follow, int n_chunks, bool minds_limit)
{
    for (int i = 0; i < n_chunks && !(minds_limit && stream_is_full(follow->stream)); i++) {
        ssize_t n = pread(follow->fd, chunk, CHUNK, follow->position);

        if (!is_in_place(follow))
            break;
        if (!feed(follow, n, take_line))
            return;
    }
    follow->is_dirty = true;
}

static int64_t size_of(const struct follow *follow)
{
    struct stat about;

    return fstat(follow->fd, &about) == 0 ? about.st_size : 0;
}

/* Chunks that hold the file as it is now. */
static int chunks_of(const struct follow *follow)
{
    return (int)(size_of(follow) / CHUNK) + 1;
}

/* The file of that name now. false: there is none. *is_other: it is not the one that was read. */
static bool look(struct follow *follow, bool *is_other)
{
    struct stat named, opened;

    *is_other = false;
    if (stat(follow->path, &named) < 0 || !S_ISREG(named.st_mode))
        return follow->fd >= 0; /* between two versions: what was opened is read to its end */
    if (follow->fd >= 0 && fstat(follow->fd, &opened) == 0 && opened.st_ino == named.st_ino &&
        opened.st_dev == named.st_dev)
        return true;
    if (follow->fd >= 0) {
        *is_other = true;
        if (is_in_place(follow)) /* what was written last before it was moved away */
            read_on(follow, chunks_of(follow), false);
        close(follow->fd);
    }
    follow->fd = open(follow->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    return follow->fd >= 0;
}

static void note_line(void *owner, const char *bytes, size_t length, int64_t start, int64_t end)
{
    struct follow *follow = owner;

    (void)start;
    (void)end;
    if (stream_probe(follow->stream, bytes, length) == 0)
        return;
    follow->fresh = grow(follow->fresh, follow->n_fresh, &follow->capacity, sizeof *follow->fresh);
    follow->fresh[follow->n_fresh++] = stream_hash(bytes, length);
}

/* Is it the next one that was noted? */
static bool is_next(struct follow *follow, const char *bytes, size_t length)
{
    follow->is_wrong = follow->is_wrong || follow->next == follow->n_fresh ||
                       follow->fresh[follow->next] != stream_hash(bytes, length);
    follow->next += !follow->is_wrong;
    return !follow->is_wrong;
}

static void compare_line(void *owner, const char *bytes, size_t length, int64_t start, int64_t end)
{
    struct follow *follow = owner;

    (void)start;
    (void)end;
    if (stream_probe(follow->stream, bytes, length) > 0)
        is_next(follow, bytes, length);
}

static void take_unknown_line(void *owner, const char *bytes, size_t length, int64_t start, int64_t end)
{
    struct follow *follow = owner;
    struct stream *stream = follow->stream;

    if (stream_probe(stream, bytes, length) == 0 || !is_next(follow, bytes, length))
        return;
    if (follow->next > follow->n_known)
        stream_line(stream, bytes, length, end, end - start);
    else if (follow->is_end && follow->next == follow->n_known)
        stream->lines[stream->n_lines - 1] = (struct metric_line){ stream_hash(bytes, length), end, end - start };
}

/* For every prefix of the pattern, the longest proper prefix that it also ends with (Knuth, Morris, Pratt). */
static size_t *failure_table(const uint64_t *pattern, size_t n)
{
    size_t *table = xcalloc(n + 1, sizeof *table);

    for (size_t i = 1, q = 0; i < n; i++) {
        while (q > 0 && pattern[q] != pattern[i])
            q = table[q - 1];
        q += pattern[q] == pattern[i];
        table[i] = q;
    }
    return table;
}

/* How many of the file's metric lines were seen before: all, when they stand somewhere among the remembered ones (a file that is
   just being written anew), else as many as the remembered ones end with. *is_end: they are the last ones, for certain. */
static size_t count_known(const struct follow *follow, bool *is_end)
{
    const struct stream *stream = follow->stream;
    const uint64_t *pattern = follow->fresh;
    size_t n = follow->n_fresh, q = 0, i = 0;
    size_t *table = failure_table(pattern, n);

    for (; i < stream->n_lines && q < n; i++) {
        while (q > 0 && pattern[q] != stream->lines[i].hash)
            q = table[q - 1];
        q += pattern[q] == stream->lines[i].hash;
    }
    free(table);
    *is_end = i == stream->n_lines && n > 0;
    return q;
}

/* From the beginning of the file to where it ends now; what is written meanwhile is for the next time. */
static void read_all(struct follow *follow, line_sink *sink)
{
    follow->position = 0;
    follow->next = 0;
    follow->is_wrong = false;
    lines_reset(&follow->lines);
    for (int n = chunks_of(follow); n > 0 && !follow->is_wrong; n--)
        if (!feed(follow, pread(follow->fd, chunk, CHUNK, follow->position), sink))
            return;
}

/* The file is not what it was: find out what of it is new. One that is just being written can be read as a mixture of two versions;
   only what is the same when read again is believed. */
static void align(struct follow *follow)
{
    follow->n_fresh = 0;
    read_all(follow, note_line);
    read_all(follow, compare_line);
    follow->is_wrong = follow->is_wrong || follow->next != follow->n_fresh;
    if (!follow->is_wrong) {
        follow->n_known = count_known(follow, &follow->is_end);
        if (follow->is_end)
            stream_forget(follow->stream, follow->n_known);
        read_all(follow, take_unknown_line);
    }
    follow->is_dirty = follow->is_wrong || size_of(follow) > follow->position;
}

void follow_read(struct follow *follow, int inotify)
{
    bool is_other;

    if (follow->events != NULL) {
        follow->is_dirty = !event_files_read(follow->events);
        return;
    }
    if (follow->watch < 0)
        watch_directory(follow, inotify);
    follow->is_dirty = false;
    if (!look(follow, &is_other))
        return;
    if (is_other || follow->is_wrong || size_of(follow) < follow->position || !is_in_place(follow))
        align(follow);
    else
        read_on(follow, CHUNKS_A_TURN, true);
}

void follow_finish(struct follow *follow, int inotify)
{
    do
        follow_read(follow, inotify);
    while (follow->is_dirty && !stream_is_full(follow->stream));
    if (!follow->is_dirty)
        lines_finish(&follow->lines, take_line, follow);
}

void follow_close(struct follow *follow, int inotify)
{
    if (follow->path == NULL)
        return;
    if (follow->watch >= 0)
        inotify_rm_watch(inotify, follow->watch);
    if (follow->fd >= 0)
        close(follow->fd);
    event_files_close(follow->events);
    free(follow->path);
    free(follow->fresh);
    lines_release(&follow->lines);
    *follow = (struct follow){ .fd = -1, .watch = -1 };
}
