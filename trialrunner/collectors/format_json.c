/*
 * The JSON format: one object a line, {"accuracy": 0.85, "step": 3, "timestamp": 1638422847.28}.
 *
 * Values are numbers or texts (Katib takes texts only). NaN and Infinity, which Python writes, are taken too. A line
 * that is no object is passed over.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "trialrunner/collectors/reported.h"

static int create(const struct metrics_query *query, void **state)
{
    struct metrics_query *kept = xcalloc(1, sizeof *kept);

    *kept = *query;
    *state = kept;
    return 0;
}

/* Length of a NaN, Infinity or -Infinity at bytes; 0 for anything else. */
static size_t special_length(const char *bytes, size_t length)
{
    static const char *const words[] = { "NaN", "Infinity", "-Infinity" };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i]);

        if (length >= n && memcmp(bytes, words[i], n) == 0)
            return n;
    }
    return 0;
}

/* JSON has no NaN: those outside of texts are put in quotes. */
static void quote_specials(const char *bytes, size_t length, struct text *out)
{
    bool in_text = false;

    for (size_t i = 0; i < length;) {
        size_t special = in_text ? 0 : special_length(bytes + i, length - i);
        size_t n = special > 0 ? special : in_text && bytes[i] == '\\' && i + 1 < length ? 2 : 1;

        if (bytes[i] == '"')
            in_text = !in_text;
        if (special > 0)
            text_add_char(out, '"');
        text_add_bytes(out, bytes + i, n);
        if (special > 0)
            text_add_char(out, '"');
        i += n;
    }
}

static struct node *read_object(const char *bytes, size_t length, struct arena *arena)
{
    struct text quoted = { 0 };
    struct node *root = NULL;
    bool is_special = memmem(bytes, length, "NaN", 3) != NULL || memmem(bytes, length, "Infinity", 8) != NULL;

    if (is_special) {
        quote_specials(bytes, length, &quoted);
        bytes = quoted.data;
        length = quoted.length;
    }

    int status = json_read(bytes, length, arena, &root);

    text_release(&quoted);
    return status == 0 && root->kind == NODE_MAP ? root : NULL;
}

/* RFC 3339, or seconds since 1970 with their fraction; else 0. */
static int64_t read_time(const struct node *node)
{
    static const double last = 253402300799; /* 9999-12-31 */
    int64_t time_us;
    double seconds;

    if (node_to_real(node, &seconds))
        return seconds > 0 && seconds <= last ? llround(seconds * 1e6) : 0;
    return node != NULL && node->kind == NODE_TEXT && clock_parse(node->text, &time_us) ? time_us : 0;
}

static int64_t read_step(const struct node *object)
{
    static const char *const keys[] = { "step", "global_step", "epoch" };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        int64_t step;

        if (node_to_integer(node_get(object, keys[i]), &step) && step >= 0)
            return step;
    }
    return -1;
}

static bool is_value(const struct node *node)
{
    return node != NULL && (node->kind == NODE_TEXT || node->kind == NODE_INTEGER || node->kind == NODE_REAL);
}

static void line(void *state, const char *bytes, size_t length, report_sink *sink, void *owner)
{
    const struct metrics_query *query = state;
    struct arena arena = { 0 };
    char buffer[METRIC_VALUE_LIMIT + 1];
    const struct node *object = NULL;
    struct report report;

    trim(&bytes, &length);
    if (length > 0 && *bytes == '{')
        object = read_object(bytes, length, &arena);
    if (object != NULL)
        report = (struct report){ .time_us = read_time(node_get(object, "timestamp")), .step = read_step(object) };
    for (size_t i = 0; object != NULL && i < query->n_metrics; i++) {
        const struct node *node = node_get(object, query->metrics[i]);
        const char *value = is_value(node) ? node_to_text(&arena, node) : NULL;

        if (value == NULL || !value_copy(value, strlen(value), buffer))
            continue;
        report.metric = i;
        report.value = buffer;
        sink(owner, &report);
    }
    arena_release(&arena);
}

const struct metrics_format metrics_format_json = {
    .name = "JSON",
    .create = create,
    .line = line,
    .destroy = free,
};
