/*
 * Reading a line by a format, and what was reported, as one text.
 */
#ifndef HONE_TESTS_TRIALRUNNER_REPORTS_H
#define HONE_TESTS_TRIALRUNNER_REPORTS_H

#include <inttypes.h>

#include "base/status.h"
#include "base/text.h"
#include "tests/test.h"
#include "trialrunner/collectors/collector.h"

struct reports {
    const struct metrics_query *query;
    struct text out;
};

static inline void note_report(void *owner, const struct report *report)
{
    struct reports *reports = owner;

    text_printf(&reports->out, "%s=%s", reports->query->metrics[report->metric], report->value);
    if (report->step >= 0)
        text_printf(&reports->out, "#%" PRId64, report->step);
    if (report->time_us != 0)
        text_printf(&reports->out, "@%" PRId64, report->time_us);
    text_add(&reports->out, ";");
}

/* Overwrite a part of a line. */
static inline void put(char *at, const char *text)
{
    while (*text != '\0')
        *at++ = *text++;
}

/* "metric=value#step@time_us;" for each report. The caller frees it. */
static inline char *read_bytes(const struct metrics_format *format, const struct metrics_query *query,
                               const char *bytes, size_t length)
{
    struct reports reports = { .query = query };
    void *state;

    assert_int_equal(format->create(query, &state), 0);
    format->line(state, bytes, length, note_report, &reports);
    format->destroy(state);
    return reports.out.data ? reports.out.data : xstrdup("");
}

/* Does the line give exactly these reports? */
static inline void assert_reports_at(const struct metrics_format *format, const struct metrics_query *query,
                                     const char *line, const char *want, const char *file, int at)
{
    char *got = read_bytes(format, query, line, strlen(line));
    bool is_equal = strcmp(got, want) == 0;

    if (!is_equal)
        print_error("\"%s\" gave \"%s\", want \"%s\"\n", line, got, want);
    free(got);
    if (!is_equal)
        _fail(file, at);
}
#define assert_reports(format, query, line, want) assert_reports_at(format, query, line, want, __FILE__, __LINE__)

#endif
