/*
 * Each scalar becomes a line of JSON, as if the training had written it: numbered, remembered and journaled like any other.
 */
#include "trialrunner/agent/event_files.h"

#include <dirent.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/memory.h"
#include "trialrunner/collectors/event.h"

enum { FILES_LIMIT = 1000, DEPTH_LIMIT = 8, RECORD_LIMIT = 64 << 20, RECORDS_A_TURN = 4096 };

struct event_file {
    char *path;
    int64_t position; /* behind the last whole record */
    bool is_bad;
};

struct event_files {
    char *directory;
    struct stream *stream;
    size_t n, capacity;
    struct event_file *files;
    size_t n_known; /* lines of an earlier agent, by their hashes, rising */
    uint64_t *known;
    size_t buffer_size;
    unsigned char *buffer;
    const struct event_file *current;
    int64_t n_lines;
};

static int by_size(const void *a, const void *b)
{
    uint64_t left = *(const uint64_t *)a, right = *(const uint64_t *)b;

    return (left > right) - (left < right);
}

struct event_files *event_files_open(const char *directory, struct stream *stream)
{
    struct event_files *files = xcalloc(1, sizeof *files);

    files->directory = xstrdup(directory);
    files->stream = stream;
    files->n_known = stream->n_lines;
    files->known = xcalloc(files->n_known + 1, sizeof *files->known);
    for (size_t i = 0; i < files->n_known; i++)
        files->known[i] = stream->lines[i].hash;
    qsort(files->known, files->n_known, sizeof *files->known, by_size);
    return files;
}

void event_files_close(struct event_files *files)
{
    if (files == NULL)
        return;
    for (size_t i = 0; i < files->n; i++)
        free(files->files[i].path);
    free(files->files);
    free(files->known);
    free(files->buffer);
    free(files->directory);
    free(files);
}

/* --- finding files --- */

static bool is_known_path(const struct event_files *files, const char *path)
{
    for (size_t i = 0; i < files->n; i++)
        if (text_equal(files->files[i].path, path))
            return true;
    return false;
}

static void add_file(struct event_files *files, const char *path)
{
    if (files->n == FILES_LIMIT || is_known_path(files, path))
        return;
    files->files = grow(files->files, files->n, &files->capacity, sizeof *files->files);
    files->files[files->n++] = (struct event_file){ .path = xstrdup(path) };
}

static void walk(struct event_files *files, const char *directory, int depth)
{
    DIR *stream = opendir(directory);

    if (stream == NULL)
        return; /* not there yet */
    for (const struct dirent *entry; (entry = readdir(stream)) != NULL;) {
        char *path = file_join(directory, entry->d_name);
        struct stat about;

        if (entry->d_name[0] != '.' && lstat(path, &about) == 0) {
            if (S_ISDIR(about.st_mode) && depth < DEPTH_LIMIT)
                walk(files, path, depth + 1);
            else if (S_ISREG(about.st_mode) && strstr(entry->d_name, "tfevents") != NULL)
                add_file(files, path);
        }
        free(path);
    }
    closedir(stream);
}

/* --- from scalars to lines --- */

/* Does the directory of path end with these n bytes? */
static bool directory_ends_with(const char *path, const char *name, size_t n)
{
    size_t length = (size_t)(strrchr(path, '/') - path);

    return length >= n && memcmp(path + length - n, name, n) == 0;
}

static bool is_metric(const struct event_file *file, const struct scalar *scalar, const char *metric)
{
    const char *slash = strrchr(metric, '/'), *name = slash != NULL ? slash + 1 : metric;
    size_t length = strlen(name);

    if (scalar->tag_length == strlen(metric) && memcmp(scalar->tag, metric, scalar->tag_length) == 0)
        return true;
    if (slash != NULL && !directory_ends_with(file->path, metric, (size_t)(slash - metric)))
        return false;
    return scalar->tag_length >= length && memcmp(scalar->tag, name, length) == 0;
}

static void report(struct event_files *files, const struct scalar *scalar, const char *metric)
{
    struct arena arena = { 0 };
    struct node *line = node_map(&arena);
    struct text text = { 0 };
    uint64_t hash;

    node_set(&arena, line, metric,
             node_text(&arena, arena_printf(&arena, scalar->is_single ? "%.9g" : "%.17g", scalar->value)));
    node_set(&arena, line, "step", node_integer(&arena, scalar->step > 0 ? scalar->step : 0));
    if (isfinite(scalar->wall_s))
        node_set(&arena, line, "timestamp", node_real(&arena, scalar->wall_s));
    node_set(&arena, line, "event file", node_text(&arena, files->current->path + strlen(files->directory)));
    node_set(&arena, line, "event offset", node_integer(&arena, files->current->position));
    json_write(line, JSON_COMPACT, &text);
    hash = stream_hash(text.data, text.length);
    if (bsearch(&hash, files->known, files->n_known, sizeof hash, by_size) == NULL)
        stream_line(files->stream, text.data, text.length, ++files->n_lines, 1);
    text_release(&text);
    arena_release(&arena);
}

static void take(void *owner, const struct scalar *scalar)
{
    struct event_files *files = owner;
    const struct metrics_query *query = files->stream->query;

    for (size_t i = 0; i < query->n_metrics; i++)
        if (is_metric(files->current, scalar, query->metrics[i]))
            report(files, scalar, query->metrics[i]);
}

/* --- reading --- */

static void give_up(struct event_file *file, const char *what)
{
    file->is_bad = true;
    log_warning("events.damaged", "%s: %s at byte %lld; the rest of it is passed over", file->path, what,
                (long long)file->position);
}

static bool read_at(int fd, void *bytes, size_t n, int64_t offset)
{
    return pread(fd, bytes, n, offset) == (ssize_t)n;
}

/* 1: a whole record was read; 0: there is none yet, or the file is given up. */
static int read_record(struct event_files *files, struct event_file *file, int fd)
{
    unsigned char header[EVENT_HEADER_SIZE];
    uint64_t length;

    if (!read_at(fd, header, sizeof header, file->position))
        return 0;
    if (!event_header_read(header, &length) || length > RECORD_LIMIT) {
        give_up(file, "a frame that is damaged");
        return 0;
    }
    if (length + EVENT_TRAILER_SIZE > files->buffer_size) {
        files->buffer_size = length + EVENT_TRAILER_SIZE;
        free(files->buffer);
        files->buffer = xmalloc(files->buffer_size);
    }
    if (!read_at(fd, files->buffer, length + EVENT_TRAILER_SIZE, file->position + EVENT_HEADER_SIZE))
        return 0; /* it is being written */
    if (!event_is_whole(files->buffer, length, files->buffer + length) ||
        !event_read(files->buffer, length, take, files))
        log_warning("events.damaged", "%s: the record at byte %lld is passed over", file->path,
                    (long long)file->position);
    file->position += (int64_t)length + EVENT_HEADER_SIZE + EVENT_TRAILER_SIZE;
    return 1;
}

/* false: it was enough for now. */
static bool read_file(struct event_files *files, struct event_file *file)
{
    int fd = file->is_bad ? -1 : open(file->path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    int n = 0;

    if (fd < 0)
        return true;
    files->current = file;
    while (n < RECORDS_A_TURN && !stream_is_full(files->stream) && read_record(files, file, fd) == 1)
        n++;
    close(fd);
    return n < RECORDS_A_TURN && !stream_is_full(files->stream);
}

bool event_files_read(struct event_files *files)
{
    bool is_all = true;

    walk(files, files->directory, 0);
    for (size_t i = 0; i < files->n; i++)
        is_all = read_file(files, &files->files[i]) && is_all;
    return is_all;
}
