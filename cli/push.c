/*
 * hone report inside a trial: one line of JSON at the end of the file that the collector Push reads.
 */
#include "cli/push.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/status.h"

const char *push_file(void)
{
    const char *path = getenv("HONE_REPORT_FILE");

    return path != NULL && *path != '\0' ? path : NULL;
}

int push_report(const char *path, const struct node *said, struct arena *arena)
{
    const struct node *metrics = node_get(said, "metrics"), *step = node_get(said, "step");
    struct node *line = node_map(arena);
    struct text out = { 0 };
    int file, status = 0;

    node_set(arena, line, "timestamp", node_real(arena, (double)clock_wall_us() / 1e6));
    if (step != NULL)
        node_set(arena, line, "step", node_copy(arena, step));
    for (size_t i = 0; metrics != NULL && i < metrics->length; i++)
        node_set(arena, line, metrics->keys[i]->text, node_copy(arena, metrics->items[i]));
    json_write(line, JSON_COMPACT, &out);
    text_add_char(&out, '\n');
    file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (file < 0 || write(file, out.data, out.length) != (ssize_t)out.length) /* one write: lines stay whole */
        status = fail_errno(errno, "%s", path);
    if (file >= 0)
        close(file);
    text_release(&out);
    return status;
}
