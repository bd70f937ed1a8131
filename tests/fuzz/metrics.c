/*
 * Fuzz target: lines of both formats. The first line of an input is a filter (empty: the default), the rest are lines.
 */
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trialrunner/collectors/collector.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "loss", "val/loss", "a b", "x" };

/* What every report promises, whatever the line. */
static void check(void *owner, const struct report *report)
{
    size_t length = strlen(report->value), bad;

    (void)owner;
    if (report->metric >= sizeof names / sizeof names[0] || report->step < -1 || length == 0 ||
        length > METRIC_VALUE_LIMIT || !text_is_utf8(report->value, length, &bad))
        abort();
}

static void read_lines(const struct metrics_format *format, const struct metrics_query *query, const char *bytes,
                       size_t length)
{
    void *state;

    if (format->create(query, &state) < 0)
        return;
    while (length > 0) {
        const char *end = memchr(bytes, '\n', length);
        size_t line = end ? (size_t)(end - bytes) : length;

        format->line(state, bytes, line, check, NULL);
        bytes += line + (end != NULL);
        length -= line + (end != NULL);
    }
    format->destroy(state);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *bytes = (const char *)data, *end = memchr(bytes, '\n', size);
    size_t filter_length = end ? (size_t)(end - bytes) : 0, skipped = end ? filter_length + 1 : 0;
    char *filter = strndup(bytes, filter_length);
    const char *filters[] = { filter };
    const struct metrics_query query = {
        .n_metrics = sizeof names / sizeof names[0],
        .metrics = names,
        .n_filters = *filter != '\0',
        .filters = filters,
    };

    read_lines(&metrics_format_text, &query, bytes + skipped, size - skipped);
    read_lines(&metrics_format_json, &query, bytes + skipped, size - skipped);
    free(filter);
    return 0;
}
