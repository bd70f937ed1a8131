/*
 * Lines of either format, as a collector of one's own prints them: an object of JSON where it holds a report, else text.
 */
#include <stdlib.h>

#include "base/status.h"
#include "trialrunner/collectors/collector.h"

struct formats {
    void *json, *text;
    report_sink *sink;
    void *owner;
    size_t n; /* reports of the line */
};

static void destroy(void *state)
{
    struct formats *formats = state;

    if (formats->json != NULL)
        metrics_format_json.destroy(formats->json);
    if (formats->text != NULL)
        metrics_format_text.destroy(formats->text);
    free(formats);
}

static int create(const struct metrics_query *query, void **state)
{
    struct formats *formats = xcalloc(1, sizeof *formats);
    int status = metrics_format_json.create(query, &formats->json);

    if (status == 0)
        status = metrics_format_text.create(query, &formats->text);
    if (status < 0)
        destroy(formats);
    else
        *state = formats;
    return status;
}

static void count(void *owner, const struct report *report)
{
    struct formats *formats = owner;

    formats->n++;
    formats->sink(formats->owner, report);
}

static void line(void *state, const char *bytes, size_t length, report_sink *sink, void *owner)
{
    struct formats *formats = state;

    formats->sink = sink;
    formats->owner = owner;
    formats->n = 0;
    metrics_format_json.line(formats->json, bytes, length, count, formats);
    if (formats->n == 0)
        metrics_format_text.line(formats->text, bytes, length, sink, owner);
}

const struct metrics_format metrics_format_any = {
    .name = "ANY",
    .create = create,
    .line = line,
    .destroy = destroy,
};
