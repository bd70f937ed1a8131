/*
 * Reading and trimming a container's output.
 */
#include "trialrunner/agent/output.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"
#include "base/memory.h"
#include "base/status.h"
#include "trialrunner/agent/utf8.h"

enum {
    CHUNK = 64 << 10,
    CHUNKS_A_TURN = 16,
    TAIL_LINES = 20,
    TAIL_BYTES = 4096,
    TAIL_WINDOW = 16 << 10,
    TRIM_STEP = 64 << 10,
    BLOCK = 4096,
};

int output_open(struct output *output, const char *path, struct stream *stream, int64_t position, int64_t limit,
                int inotify)
{
    *output = (struct output){
        .path = xstrdup(path),
        .watch = -1,
        .stream = stream,
        .position = position,
        .limit = limit,
        .is_dirty = true,
    };
    output->fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (output->fd < 0)
        return fail_errno(errno, "open %s", path);
    if (inotify >= 0)
        output->watch = inotify_add_watch(inotify, path, IN_MODIFY);
    return 0;
}

static int64_t size_of(const struct output *output)
{
    struct stat about;

    return fstat(output->fd, &about) == 0 ? about.st_size : 0;
}

int output_begin(struct output *output)
{
    int64_t size = size_of(output);
    char last = '\n';

    if (size > 0 && pread(output->fd, &last, 1, size - 1) == 1 && last != '\n' && write(output->fd, "\n", 1) != 1)
        return fail_errno(errno, "write %s", output->path);
    return 0;
}

static void take_line(void *owner, const char *bytes, size_t length, int64_t start, int64_t end)
{
    stream_line(owner, bytes, length, end, end - start);
}

/* Free the middle of what was read: half of the limit stays at the beginning, half at the end. */
static void trim(struct output *output)
{
    int64_t keep = output->limit / 2, from, to;

    if (output->limit <= 0)
        return;
    from = (keep + BLOCK - 1) / BLOCK * BLOCK;
    to = (output->position - keep) / BLOCK * BLOCK;
    if (to <= from || to - (output->freed_to > from ? output->freed_to : from) < TRIM_STEP)
        return;
    if (fallocate(output->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, from, to - from) < 0) {
        log_warning("output.limit", "%s: logLimit has no effect here, its middle cannot be freed", output->path);
        output->limit = 0;
    }
    output->freed_to = to;
}

/* Somebody cut the file, as `> /dev/stdout` in a script does. */
static void start_over(struct output *output)
{
    if (output->stream != NULL)
        lines_finish(&output->lines, take_line, output->stream);
    output->position = 0;
    output->freed_to = 0;
}

void output_read(struct output *output)
{
    static char chunk[CHUNK];
    int64_t size = size_of(output);
    ssize_t n = 1;

    output->is_dirty = false;
    if (size < output->position)
        start_over(output);
    if (output->stream == NULL) {
        output->position = size;
        trim(output);
        return;
    }
    for (int i = 0; i < CHUNKS_A_TURN && n > 0 && !stream_is_full(output->stream); i++) {
        n = pread(output->fd, chunk, sizeof chunk, output->position);
        if (n <= 0)
            break;
        lines_feed(&output->lines, chunk, (size_t)n, output->position, take_line, output->stream);
        output->position += n;
    }
    output->is_dirty = size_of(output) > output->position;
    trim(output);
}

int64_t output_backlog(const struct output *output)
{
    return size_of(output) - output->position;
}

void output_finish(struct output *output)
{
    if (output->stream != NULL)
        lines_finish(&output->lines, take_line, output->stream);
}

void output_add_tail(const struct output *output, struct text *out)
{
    char window[TAIL_WINDOW];
    int64_t size = size_of(output), from = size > TAIL_WINDOW ? size - TAIL_WINDOW : 0;
    ssize_t n = pread(output->fd, window, sizeof window, from);

    if (n > 0)
        utf8_add_tail(out, window, (size_t)n, TAIL_LINES, TAIL_BYTES);
}

void output_close(struct output *output, int inotify)
{
    if (output->path == NULL)
        return;
    if (output->watch >= 0)
        inotify_rm_watch(inotify, output->watch);
    if (output->fd >= 0)
        close(output->fd);
    free(output->path);
    lines_release(&output->lines);
    *output = (struct output){ .fd = -1, .watch = -1 };
}
