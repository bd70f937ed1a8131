/*
 * spec.objective: what is optimised, and by which strategy a metric's reports become one value.
 */
#include <math.h>

#include "experiment/reader.h"

const char *const objective_type_names[] = { "minimize", "maximize", NULL };
const char *const strategy_names[] = { "min", "max", "latest", NULL };

/* Index of a metric by name; n when there is none. */
static size_t find_metric(const struct metric *metrics, size_t n, const char *name)
{
    size_t i = 0;

    while (i < n && !text_equal(metrics[i].name, name))
        i++;
    return i;
}

static enum strategy strategy_of(int type)
{
    return type == OBJECTIVE_MAXIMIZE ? STRATEGY_MAX : STRATEGY_MIN;
}

/* The list under that name of spec.hone, which is read later on, and its members as far as they may be used. */
static const struct node *peek(const struct reader *reader, const char *name, size_t *n)
{
    const struct node *list = node_get(node_path(reader->spec->node, "spec.hone"), name);

    *n = list == NULL || list->kind != NODE_LIST ? 0 : list->length < LIST_LIMIT ? list->length : LIST_LIMIT;
    return list;
}

/* What is an objective or bound by a constraint is collected, named here or not. */
static void add_hone_metrics(struct reader *reader, struct objective *objective, struct metric *metrics)
{
    static const char *const lists[] = { "objectives", "constraints" };

    for (size_t k = 0; k < sizeof lists / sizeof *lists; k++) {
        size_t n;
        const struct node *list = peek(reader, lists[k], &n);

        for (size_t i = 0; i < n; i++) {
            const char *name = node_to_text(reader->arena, node_get(list->items[i], "metricName"));
            const struct node *type = node_get(list->items[i], "type");
            size_t metric = name != NULL ? find_metric(metrics, objective->n_metrics, name) : 0;

            if (name == NULL || *name == '\0')
                continue;
            if (metric == objective->n_metrics)
                metrics[objective->n_metrics++] = (struct metric){ name, STRATEGY_LATEST };
            if (k == 0 && metric > 0 && !reader->spec->by_clients && type != NULL && type->kind == NODE_TEXT)
                metrics[metric].strategy = strategy_of(text_equal(type->text, "maximize") ? OBJECTIVE_MAXIMIZE
                                                                                          : OBJECTIVE_MINIMIZE);
        }
    }
}

static struct metric *read_names(struct reader *reader, struct fields *fields, struct objective *objective)
{
    const struct node *list;
    size_t n, n_objectives, n_constraints;
    const char *const *names = reader_texts(fields, "additionalMetricNames", LIST_LIMIT, &n, &list);
    struct metric *metrics;

    peek(reader, "objectives", &n_objectives);
    peek(reader, "constraints", &n_constraints);
    metrics = arena_array(reader->arena, n + 1 + n_objectives + n_constraints, sizeof *metrics);

    metrics[0].name = fields_required(fields, "objectiveMetricName", "the name of a metric");
    metrics[0].strategy = reader->spec->by_clients ? STRATEGY_LATEST : strategy_of(objective->type);
    objective->n_metrics = 1;
    objective->metrics = metrics;
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(reader->arena, "%s[%zu]", fields_path(fields, "additionalMetricNames"), i);
        size_t known = find_metric(metrics, objective->n_metrics, names[i]);

        if (*names[i] == '\0')
            faults_error(reader->faults, reader->file, list->items[i], path,
                         "expected the name of a metric, got nothing");
        else if (known == 0)
            faults_error(reader->faults, reader->file, list->items[i], path,
                         "expected a metric other than objectiveMetricName, got \"%s\"", names[i]);
        else if (known < objective->n_metrics)
            faults_error(reader->faults, reader->file, list->items[i], path,
                         "expected different names, got \"%s\" again", names[i]);
        else
            metrics[objective->n_metrics++] = (struct metric){ names[i], STRATEGY_LATEST };
    }
    add_hone_metrics(reader, objective, metrics);
    return metrics;
}

static void read_strategies(struct reader *reader, struct fields *fields, struct metric *metrics, size_t n_metrics)
{
    const struct node *list = reader_list(fields, "metricStrategies", LIST_LIMIT);
    bool *is_given = arena_array(reader->arena, n_metrics, sizeof *is_given);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;
        const char *name;
        size_t metric;
        int strategy;

        if (!reader_open_item(reader, fields, "metricStrategies", list, i, &item))
            continue;
        name = fields_required(&item, "name", "the name of a metric");
        strategy = reader_choice(&item, "value", strategy_names);
        metric = name != NULL ? find_metric(metrics, n_metrics, name) : n_metrics;
        if (name != NULL && metric == n_metrics) {
            fields_warning(&item, "name", "expected a metric of the objective, got \"%s\"", name);
        } else if (name != NULL && is_given[metric]) {
            fields_error(&item, "name", "expected different names, got \"%s\" again", name);
        } else if (name != NULL && strategy >= 0) {
            metrics[metric].strategy = (enum strategy)strategy;
            is_given[metric] = true;
        }
        reader_close(reader, &item);
    }
}

void read_objective(struct reader *reader, struct fields *spec)
{
    struct objective *objective = &reader->spec->objective;
    struct metric *metrics;
    struct fields fields;

    if (!reader_child(spec, "objective", "an objective", &fields))
        return;
    objective->type = reader_choice(&fields, "type", objective_type_names) == OBJECTIVE_MAXIMIZE ? OBJECTIVE_MAXIMIZE
                                                                                                 : OBJECTIVE_MINIMIZE;
    objective->has_goal = fields_node(&fields, "goal") != NULL;
    objective->goal = fields_real(&fields, "goal", 0, -INFINITY, INFINITY);
    metrics = read_names(reader, &fields, objective);
    read_strategies(reader, &fields, metrics, objective->n_metrics);
    reader_close(reader, &fields);
}
