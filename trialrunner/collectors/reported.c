/*
 * Names and values as they are reported.
 */
#include "trialrunner/collectors/reported.h"

#include <string.h>

#include "base/text.h"

size_t metric_find(const struct metrics_query *query, const char *name, size_t length)
{
    size_t i = 0;

    while (i < query->n_metrics &&
           (strlen(query->metrics[i]) != length || memcmp(query->metrics[i], name, length) != 0))
        i++;
    return i;
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

void trim(const char **bytes, size_t *length)
{
    while (*length > 0 && is_space(**bytes)) {
        ++*bytes;
        --*length;
    }
    while (*length > 0 && is_space((*bytes)[*length - 1]))
        --*length;
}

bool value_copy(const char *bytes, size_t length, char buffer[METRIC_VALUE_LIMIT + 1])
{
    size_t bad;

    trim(&bytes, &length);
    if (length == 0 || length > METRIC_VALUE_LIMIT || !text_is_utf8(bytes, length, &bad))
        return false;
    memcpy(buffer, bytes, length);
    buffer[length] = '\0';
    return true;
}
