/*
 * The TEXT format: Katib's, with its defects mended.
 *
 * A line counts if it holds the name of a metric; each match of each filter whose first group is such a name is a report.
 * A name that is only the end of a longer one (`loss` in val/loss=0.3) does not count, and neither does an empty
 * value. A carriage return ends a line too, for progress bars write many into one.
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/status.h"
#include "trialrunner/collectors/filter.h"
#include "trialrunner/collectors/reported.h"

enum { STEP_DIGITS = 18 };

struct text_format {
    struct metrics_query query; /* texts borrowed */
    size_t n_filters;
    struct filter *filters[];
};

static void destroy(void *state)
{
    struct text_format *format = state;

    for (size_t i = 0; format != NULL && i < format->n_filters; i++)
        filter_destroy(format->filters[i]);
    free(format);
}

static int create(const struct metrics_query *query, void **state)
{
    const char *const *patterns = query->n_filters > 0 ? query->filters : &default_metrics_filter;
    size_t n = query->n_filters > 0 ? query->n_filters : 1;
    struct text_format *format = xcalloc(1, sizeof *format + n * sizeof(struct filter *));

    *state = NULL;
    format->query = *query;
    for (; format->n_filters < n; format->n_filters++) {
        int status = filter_create(patterns[format->n_filters], &format->filters[format->n_filters]);

        if (status < 0) {
            destroy(format);
            return status;
        }
    }
    *state = format;
    return 0;
}

static bool holds_a_metric(const struct metrics_query *query, const char *bytes, size_t length)
{
    for (size_t i = 0; i < query->n_metrics; i++) {
        if (memmem(bytes, length, query->metrics[i], strlen(query->metrics[i])) != NULL)
            return true;
    }
    return false;
}

static bool is_word_byte(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The first word, if it is a time as in 2026-01-02T03:04:05.678Z; else 0. */
static int64_t read_time(const char *bytes, size_t length)
{
    const char *space = memchr(bytes, ' ', length);
    size_t n = space ? (size_t)(space - bytes) : length;
    char word[CLOCK_TEXT_SIZE];
    int64_t time_us;

    if (n == 0 || n >= sizeof word || !isdigit((unsigned char)*bytes))
        return 0;
    memcpy(word, bytes, n);
    word[n] = '\0';
    return clock_parse(word, &time_us) ? time_us : 0;
}

static const char *skip_spaces(const char *bytes, const char *end)
{
    while (bytes < end && *bytes == ' ')
        bytes++;
    return bytes;
}

/* The whole number behind `word=` (or `word 3`, if a space will do) at bytes; -1 if there is none. */
static int64_t read_count(const char *bytes, const char *end, bool takes_space)
{
    const char *digits = skip_spaces(bytes, end);
    int64_t count = 0;
    int n = 0;

    if (digits < end && *digits == '=')
        digits = skip_spaces(digits + 1, end);
    else if (!takes_space || digits == bytes)
        return -1;
    for (; digits < end && isdigit((unsigned char)*digits) && n < STEP_DIGITS; digits++, n++)
        count = count * 10 + (*digits - '0');

    bool is_longer = digits < end && is_word_byte(*digits);
    bool is_fraction = end - digits >= 2 && *digits == '.' && isdigit((unsigned char)digits[1]);

    return n == 0 || is_longer || is_fraction ? -1 : count;
}

/* step=3, global_step=3, epoch=3, Epoch 3: the first of these words that the line has a count for. */
static int64_t read_step(const char *bytes, size_t length)
{
    static const struct {
        const char *word;
        bool takes_space;
    } words[] = { { "step", false }, { "global_step", false }, { "epoch", true } };
    const char *end = bytes + length;

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        size_t n = strlen(words[i].word);

        for (const char *at = bytes; (size_t)(end - at) >= n; at++) {
            if ((at > bytes && (is_word_byte(at[-1]) || at[-1] == '/')) || strncasecmp(at, words[i].word, n) != 0)
                continue;

            int64_t step = read_count(at + n, end, words[i].takes_space);

            if (step >= 0)
                return step;
        }
    }
    return -1;
}

/* Does the name only end a longer one, that begins behind the previous match? Only what the match itself leaves out is asked: a
   filter may well have a prefix of its own. */
static bool is_tail(const char *bytes, const struct filter_match *match, size_t previous_end)
{
    if (match->name != match->start)
        return false;
    for (size_t i = match->start; i > previous_end; i--) {
        if (is_word_byte(bytes[i - 1]))
            return true;
        if (strchr("/|-", bytes[i - 1]) == NULL || bytes[i - 1] == '\0')
            return false;
    }
    return false;
}

static void scan(struct text_format *format, struct filter *filter, const char *bytes, size_t length,
                 struct report *report, report_sink *sink, void *owner)
{
    const struct metrics_query *query = &format->query;
    char value[METRIC_VALUE_LIMIT + 1];
    struct filter_match match;

    for (size_t from = 0; filter_next(filter, bytes, length, from, &match) > 0; from = match.end) {
        const char *name = bytes + match.name;
        size_t name_length = match.name_length;

        trim(&name, &name_length);
        report->metric = metric_find(query, name, name_length);
        if (report->metric == query->n_metrics || is_tail(bytes, &match, from) ||
            !value_copy(bytes + match.value, match.value_length, value))
            continue;
        report->value = value;
        sink(owner, report);
    }
}

static void read_part(struct text_format *format, const char *bytes, size_t length, report_sink *sink, void *owner)
{
    struct report report;

    if (length > FILTER_LINE_LIMIT)
        length = FILTER_LINE_LIMIT;
    if (!holds_a_metric(&format->query, bytes, length))
        return;
    report = (struct report){ .time_us = read_time(bytes, length), .step = read_step(bytes, length) };
    for (size_t i = 0; i < format->n_filters; i++)
        scan(format, format->filters[i], bytes, length, &report, sink, owner);
}

static void line(void *state, const char *bytes, size_t length, report_sink *sink, void *owner)
{
    struct text_format *format = state;

    while (length > 0) {
        const char *end = memchr(bytes, '\r', length);
        size_t part = end ? (size_t)(end - bytes) : length;

        read_part(format, bytes, part, sink, owner);
        bytes += part + (end != NULL);
        length -= part + (end != NULL);
    }
}

const struct metrics_format metrics_format_text = {
    .name = "TEXT",
    .create = create,
    .line = line,
    .destroy = destroy,
};
