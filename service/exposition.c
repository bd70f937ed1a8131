/*
 * Samples as lines.
 */
#include "service/exposition.h"

#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

enum { LABELS_LIMIT = 8, NUMBER_SIZE = 32 };

const double histogram_waits[] = { .0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10, 30 };
const double histogram_runs[] = { .1, .5, 1, 5, 15, 60, 300, 900, 1800, 3600, 7200, 14400, 43200, 86400 };

void histogram_add(struct histogram *histogram, const double *bounds, double value)
{
    size_t i = 0;

    while (i < HISTOGRAM_BOUNDS && value > bounds[i])
        i++;
    histogram->counts[i]++;
    histogram->sum += value;
}

void exposition_family(struct text *out, const char *name, const char *type, const char *help)
{
    text_printf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void escape(struct text *out, const char *value)
{
    for (; *value != '\0'; value++) {
        if (*value == '\\' || *value == '"')
            text_printf(out, "\\%c", *value);
        else if (*value == '\n')
            text_printf(out, "\\n");
        else
            text_add_char(out, *value);
    }
}

static const char *number(double value, char text[NUMBER_SIZE])
{
    if (isnan(value))
        return "NaN";
    if (isinf(value))
        return value > 0 ? "+Inf" : "-Inf";
    snprintf(text, NUMBER_SIZE, "%.15g", value);
    if (strtod(text, NULL) != value)
        snprintf(text, NUMBER_SIZE, "%.17g", value);
    return text;
}

void exposition_sample(struct text *out, const char *name, const char *const *labels, double value)
{
    char text[NUMBER_SIZE];

    text_printf(out, "%s", name);
    for (size_t i = 0; labels[i] != NULL; i += 2) {
        text_printf(out, "%s%s=\"", i == 0 ? "{" : ",", labels[i]);
        escape(out, labels[i + 1]);
        text_printf(out, "\"");
    }
    text_printf(out, "%s %s\n", labels[0] != NULL ? "}" : "", number(value, text));
}

void exposition_single(struct text *out, const char *name, const char *type, const char *help, double value)
{
    static const char *const none[] = { NULL };

    exposition_family(out, name, type, help);
    exposition_sample(out, name, none, value);
}

void exposition_histogram(struct text *out, const char *name, const char *label, const char *value,
                          const struct histogram *histogram, const double *bounds)
{
    char bucket[128], bound[NUMBER_SIZE];
    const char *labels[LABELS_LIMIT] = { label, value };
    const char **after = label != NULL ? labels + 2 : labels;
    int64_t n = 0;

    snprintf(bucket, sizeof bucket, "%s_bucket", name);
    after[0] = "le";
    after[1] = bound;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; i++) {
        snprintf(bound, sizeof bound, "%g", i < HISTOGRAM_BOUNDS ? bounds[i] : 0);
        if (i == HISTOGRAM_BOUNDS)
            snprintf(bound, sizeof bound, "+Inf");
        n += histogram->counts[i];
        exposition_sample(out, bucket, labels, (double)n);
    }
    after[0] = NULL;
    snprintf(bucket, sizeof bucket, "%s_sum", name);
    exposition_sample(out, bucket, labels, histogram->sum);
    snprintf(bucket, sizeof bucket, "%s_count", name);
    exposition_sample(out, bucket, labels, (double)n);
}
