/*
 * spec.hone: what Katib has no field for.
 */
#include <math.h>
#include <string.h>

#include "base/status.h"
#include "experiment/reader.h"
#include "trialrunner/engines/engine.h"

const char *const keep_names[] = { "all", "best", "failed", "none", NULL };

static const char *const known_engines[] = { "local", "slurm", "kubernetes", NULL };
static const double DEFAULT_LOG_LIMIT = 64 << 20, LEAST_LOG_LIMIT = 4096, GREATEST_LOG_LIMIT = 1LL << 50;
static const double SECONDS_LIMIT = 1e9;

static bool is_metric(const struct objective *objective, const char *name)
{
    for (size_t i = 0; i < objective->n_metrics; i++) {
        if (text_equal(objective->metrics[i].name, name))
            return true;
    }
    return false;
}

/* A metric's name, of those that are kept. */
static const char *read_metric(struct reader *reader, struct fields *item)
{
    const char *name = fields_required(item, "metricName", "the name of a metric");

    if (name != NULL && !is_metric(&reader->spec->objective, name))
        fields_error(item, "metricName", "expected a metric of spec.objective (additionalMetricNames too), got \"%s\"",
                     name);
    return name;
}

/* The first objective is spec.objective, so that Katib and Hone mean the same by it. */
static void check_first_objective(struct reader *reader, struct fields *item, const char *name, int type)
{
    const struct objective *objective = &reader->spec->objective;

    if (objective->n_metrics == 0)
        return;
    if (name != NULL && !text_equal(name, objective->metrics[0].name))
        fields_error(item, "metricName", "expected spec.objective's metric first, \"%s\", got \"%s\"",
                     objective->metrics[0].name != NULL ? objective->metrics[0].name : "", name);
    if (type >= 0 && type != (int)objective->type)
        fields_error(item, "type", "expected spec.objective's type, %s, got %s", objective_type_names[objective->type],
                     objective_type_names[type]);
}

static void read_objectives(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "objectives", LIST_LIMIT);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;
        const char *name;
        int type;

        if (!reader_open_item(reader, fields, "objectives", list, i, &item))
            continue;
        name = read_metric(reader, &item);
        type = reader_choice(&item, "type", objective_type_names);
        fields_real(&item, "goal", 0, -INFINITY, INFINITY);
        if (i == 0)
            check_first_objective(reader, &item, name, type);
        reader_close(reader, &item);
    }
    if (list != NULL && list->length > 1)
        reader_missing(reader, fields_path(fields, "objectives"), NULL);
}

static void read_constraints(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "constraints", LIST_LIMIT);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;
        double min, max;

        if (!reader_open_item(reader, fields, "constraints", list, i, &item))
            continue;
        read_metric(reader, &item);
        min = fields_real(&item, "min", -INFINITY, -INFINITY, INFINITY);
        max = fields_real(&item, "max", INFINITY, -INFINITY, INFINITY);
        if (fields_node(&item, "min") == NULL && fields_node(&item, "max") == NULL)
            fields_error(&item, NULL, "expected min or max, got neither");
        if (min > max)
            fields_error(&item, "min", "expected at most max = %g, got %g", max, min);
        reader_close(reader, &item);
    }
    if (list != NULL && list->length > 0)
        reader_missing(reader, fields_path(fields, "constraints"), NULL);
}

/* space_parse begins with the parameter's name, which the path says already. */
static const char *without_name(const char *message, const char *name)
{
    size_t length = strlen(name);

    return text_starts_with(message, name) && text_starts_with(message + length, ": ") ? message + length + 2 : message;
}

/* Points to begin with: parameter names and values. */
static void check_point(struct reader *reader, const struct node *point, const char *path)
{
    const struct space *space = &reader->spec->space;

    for (size_t k = 0; k < point->length; k++) {
        const char *name = point->keys[k]->text, *text = node_to_text(reader->arena, point->items[k]);
        const char *at = arena_printf(reader->arena, "%s.%s", path, name);
        double value;
        size_t i = 0;

        while (i < space->n && !text_equal(space->parameters[i].name, name))
            i++;
        if (i == space->n)
            faults_error(reader->faults, reader->file, point->keys[k], at,
                         "expected the name of a parameter, got \"%s\"", name);
        else if (text == NULL)
            faults_error(reader->faults, reader->file, point->items[k], at, "expected a value, got %s",
                         node_kind_name(point->items[k]));
        else if (space_parse(space, i, text, &value) < 0)
            faults_error(reader->faults, reader->file, point->items[k], at, "%s", without_name(fail_message(), name));
    }
}

static void read_enqueue(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "enqueue", LIST_LIMIT);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        const char *path = arena_printf(reader->arena, "%s[%zu]", fields_path(fields, "enqueue"), i);

        if (list->items[i]->kind != NODE_MAP)
            faults_error(reader->faults, reader->file, list->items[i], path, "expected a map, got %s",
                         node_kind_name(list->items[i]));
        else if (reader->is_space_sound)
            check_point(reader, list->items[i], path);
    }
    if (list != NULL && list->length > 0)
        reader_missing(reader, fields_path(fields, "enqueue"), NULL);
}

static void read_warm_start(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "warmStart", LIST_LIMIT);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;
        const char *experiment, *file;

        if (!reader_open_item(reader, fields, "warmStart", list, i, &item))
            continue;
        experiment = fields_text(&item, "experiment", NULL);
        file = fields_text(&item, "file", NULL);
        if ((experiment == NULL) == (file == NULL))
            fields_error(&item, NULL, "expected either experiment or file, got %s", file != NULL ? "both" : "neither");
        if (fields_text(&item, "namespace", NULL) != NULL && experiment == NULL)
            fields_error(&item, "namespace", "expected it beside an experiment");
        reader_close(reader, &item);
    }
    if (list != NULL && list->length > 0)
        reader_missing(reader, fields_path(fields, "warmStart"), NULL);
}

static void check_role_template(struct reader *reader, struct fields *item, const char *path)
{
    const struct node *manifest = reader->spec->template.manifest;
    const struct node *template = path != NULL ? node_path(manifest, path) : NULL;

    if (path != NULL && manifest != NULL && (template == NULL || template->kind != NODE_MAP))
        fields_error(item, "template", "expected the path of a pod template in trialSpec, got \"%s\"", path);
}

static void read_roles(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "roles", LIST_LIMIT);
    const char **names = arena_array(reader->arena, list != NULL ? list->length : 0, sizeof *names);

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;

        if (!reader_open_item(reader, fields, "roles", list, i, &item))
            continue;
        names[i] = fields_required(&item, "name", "a name");
        for (size_t k = 0; k < i; k++) {
            if (names[i] != NULL && text_equal(names[i], names[k]))
                fields_error(&item, "name", "expected different names, got \"%s\" again", names[i]);
        }
        check_role_template(reader, &item,
                            fields_required(&item, "template", "the path of a pod template in trialSpec"));
        fields_integer(&item, "replicas", 1, 1, COUNT_LIMIT);
        reader_close(reader, &item);
    }
    if (list != NULL && list->length > 0)
        reader_missing(reader, fields_path(fields, "roles"), NULL);
}

static int64_t read_log_limit(struct fields *fields)
{
    double bytes = fields_quantity(fields, "logLimit", DEFAULT_LOG_LIMIT);

    if (!(bytes >= LEAST_LOG_LIMIT && bytes <= GREATEST_LOG_LIMIT)) {
        fields_error(fields, "logLimit", "expected from 4Ki to 1Pi bytes, got %g", bytes);
        return (int64_t)DEFAULT_LOG_LIMIT;
    }
    return (int64_t)bytes;
}

static double read_timeout(struct fields *fields)
{
    double seconds = fields_real(fields, "timeoutSeconds", 0, 0, SECONDS_LIMIT);

    if (seconds == 0 && fields_node(fields, "timeoutSeconds") != NULL)
        fields_error(fields, "timeoutSeconds", "expected a number above 0, got 0");
    return seconds;
}

static void read_what_this_build_lacks(struct reader *reader, struct fields *fields)
{
    read_objectives(reader, fields);
    read_constraints(reader, fields);
    read_enqueue(reader, fields);
    read_warm_start(reader, fields);
    read_roles(reader, fields);
    if (fields_boolean(fields, "noisy", false))
        reader_missing(reader, fields_path(fields, "noisy"), NULL);
    if (fields_integer(fields, "stopAfterNoProgress", 0, 1, COUNT_LIMIT) > 0)
        reader_missing(reader, fields_path(fields, "stopAfterNoProgress"), NULL);
}

void read_hone(struct reader *reader, struct fields *spec)
{
    struct hone_options *hone = &reader->spec->hone;
    struct fields fields;

    fields_child(spec, "hone", &fields);
    read_what_this_build_lacks(reader, &fields);
    hone->has_seed = fields_node(&fields, "seed") != NULL;
    hone->seed = (uint64_t)fields_integer(&fields, "seed", 0, 0, INT64_MAX);
    hone->timeout_s = read_timeout(&fields);
    hone->retries = fields_integer(&fields, "retries", 0, 0, COUNT_LIMIT);
    hone->backoff_s = fields_real(&fields, "backoffSeconds", 0, 0, SECONDS_LIMIT);
    hone->log_limit = read_log_limit(&fields);
    hone->keep = (enum keep)fields_choice(&fields, "keep", KEEP_ALL, keep_names);
    hone->engine = known_engines[fields_choice(&fields, "engine", 0, known_engines)];
    if (engine_find(hone->engine) == NULL)
        reader_missing(reader, fields_path(&fields, "engine"), hone->engine);
    reader_close(reader, &fields);
}
