/*
 * Summaries of reported metrics. A value is kept as the text that was written; its number only decides.
 */
#include "experiment/observation.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/message.h"
#include "base/number.h"
#include "base/status.h"

/* The number in a report; NAN for nan and for text. */
static double numeric(const char *value)
{
    double number;

    return value != NULL && number_parse_any(value, &number) ? number : NAN;
}

static void keep(char **kept, double *kept_value, const char *value, double number)
{
    char *old = *kept;

    *kept = xstrdup(value);
    free(old); /* after the copy: value may be what was kept */
    *kept_value = number;
}

static void metric_clear(struct metric_summary *metric)
{
    free(metric->min);
    free(metric->max);
    free(metric->latest);
    memset(metric, 0, sizeof *metric);
    metric->min_value = metric->max_value = metric->latest_value = NAN;
}

void observation_init(struct observation *observation, size_t n_metrics)
{
    observation->n = n_metrics;
    observation->metrics = xcalloc(n_metrics, sizeof *observation->metrics);
    for (size_t i = 0; i < n_metrics; i++)
        metric_clear(&observation->metrics[i]);
}

void observation_release(struct observation *observation)
{
    for (size_t i = 0; i < observation->n; i++)
        metric_clear(&observation->metrics[i]);
    free(observation->metrics);
    *observation = (struct observation){ 0 };
}

void observation_add(struct observation *observation, size_t i, int64_t time_us, const char *value)
{
    struct metric_summary *metric = &observation->metrics[i];
    double number = numeric(value);

    if (metric->n_reports++ == 0 || time_us >= metric->latest_us) {
        keep(&metric->latest, &metric->latest_value, value, number);
        metric->latest_us = time_us;
    }
    if (isnan(number))
        return;
    if (metric->min == NULL || number < metric->min_value)
        keep(&metric->min, &metric->min_value, value, number);
    if (metric->max == NULL || number > metric->max_value)
        keep(&metric->max, &metric->max_value, value, number);
}

/* Text that is neither empty nor nan, in whatever case and with whatever sign. */
static bool is_word(const char *value)
{
    double number;

    return value != NULL && value[0] != '\0' && !number_parse_any(value, &number);
}

bool observation_is_available(const struct observation *observation, size_t i)
{
    const struct metric_summary *metric = &observation->metrics[i];

    return metric->min != NULL || is_word(metric->latest);
}

const char *observation_value(const struct observation *observation, const struct objective *objective, size_t i,
                              double *number)
{
    const struct metric_summary *metric = &observation->metrics[i];

    *number = NAN;
    if (!observation_is_available(observation, i))
        return NULL;
    if (metric->min == NULL)
        return metric->latest;
    switch (objective->metrics[i].strategy) {
    case STRATEGY_MIN:
        *number = metric->min_value;
        return metric->min;
    case STRATEGY_MAX:
        *number = metric->max_value;
        return metric->max;
    case STRATEGY_LATEST:
        break;
    }
    *number = metric->latest_value;
    return isnan(*number) ? NULL : metric->latest;
}

/* --- Stored form: a list with one list a metric, [] without reports, else [reports, time, latest], followed by [.., min, max]
   unless both are latest. Texts as bytes, for nobody promised that they are UTF-8. --- */

enum { REPORTS, TIME, LATEST, MIN, MAX, N_PARTS };

static struct node *pack_text(struct arena *arena, const char *value)
{
    return value != NULL ? node_bytes(arena, value, strlen(value)) : node_null(arena);
}

static struct node *pack_metric(struct arena *arena, const struct metric_summary *metric)
{
    struct node *list = node_list(arena);

    if (metric->n_reports == 0)
        return list;
    node_add(arena, list, node_integer(arena, (int64_t)metric->n_reports));
    node_add(arena, list, node_integer(arena, metric->latest_us));
    node_add(arena, list, pack_text(arena, metric->latest));
    if (!text_equal(metric->min, metric->latest) || !text_equal(metric->max, metric->latest)) {
        node_add(arena, list, pack_text(arena, metric->min));
        node_add(arena, list, pack_text(arena, metric->max));
    }
    return list;
}

void observation_pack(const struct observation *observation, struct text *out)
{
    struct arena arena = { 0 };
    struct node *list = node_list(&arena);

    for (size_t i = 0; i < observation->n; i++)
        node_add(&arena, list, pack_metric(&arena, &observation->metrics[i]));
    message_encode(list, out);
    arena_release(&arena);
}

/* null only where an extreme may be absent. */
static bool unpack_text(const struct node *node, bool is_extreme, char **value, double *number)
{
    if (is_extreme && node->kind == NODE_NULL)
        return true;
    if (node->kind != NODE_BYTES || memchr(node->text, '\0', node->length) != NULL)
        return false;
    *value = xmalloc(node->length + 1);
    memcpy(*value, node->text, node->length);
    (*value)[node->length] = '\0';
    *number = numeric(*value);
    return !is_extreme || !isnan(*number);
}

static bool unpack_metric(const struct node *list, struct metric_summary *metric)
{
    struct node *const *part = list->items;

    metric_clear(metric);
    if (list->kind != NODE_LIST || (list->length != 0 && list->length != LATEST + 1 && list->length != N_PARTS))
        return false;
    if (list->length == 0)
        return true;
    if (part[REPORTS]->kind != NODE_INTEGER || part[REPORTS]->integer <= 0 || part[TIME]->kind != NODE_INTEGER)
        return false;
    metric->n_reports = (uint64_t)part[REPORTS]->integer;
    metric->latest_us = part[TIME]->integer;
    if (!unpack_text(part[LATEST], false, &metric->latest, &metric->latest_value))
        return false;
    if (list->length == LATEST + 1) {
        keep(&metric->min, &metric->min_value, metric->latest, metric->latest_value);
        keep(&metric->max, &metric->max_value, metric->latest, metric->latest_value);
        return !isnan(metric->latest_value);
    }
    return unpack_text(part[MIN], true, &metric->min, &metric->min_value) &&
           unpack_text(part[MAX], true, &metric->max, &metric->max_value) &&
           (metric->min == NULL) == (metric->max == NULL);
}

int observation_unpack(struct observation *observation, const void *bytes, size_t length)
{
    struct arena arena = { 0 };
    struct node *list = NULL;
    bool fits = message_decode(bytes, length, &arena, &list) == 0 && list->kind == NODE_LIST &&
                list->length == observation->n;

    for (size_t i = 0; fits && i < observation->n; i++)
        fits = unpack_metric(list->items[i], &observation->metrics[i]);
    arena_release(&arena);
    return fits ? 0 : fail(ERR_CORRUPT, "a stored observation of %zu metrics cannot be read", observation->n);
}
