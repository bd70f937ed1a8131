/*
 * spec.hone.enqueue and spec.hone.warmStart: what is known before the search begins.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/status.h"
#include "experiment/reader.h"

/* space_parse begins with the parameter's name, which the path says already. */
static const char *without_name(const char *message, const char *name)
{
    size_t length = strlen(name);

    return text_starts_with(message, name) && text_starts_with(message + length, ": ") ? message + length + 2 : message;
}

/* Index of the parameter of that name; space->n: none. */
static size_t find_parameter(const struct space *space, const char *name)
{
    size_t i = 0;

    while (i < space->n && !text_equal(space->parameters[i].name, name))
        i++;
    return i;
}

/* One value of a point, kept in its place of values. */
static void read_value(struct reader *reader, const struct node *key, const struct node *item, const char *at,
                       double *values)
{
    const struct space *space = &reader->spec->space;
    const char *text = node_to_text(reader->arena, item);
    size_t i = find_parameter(space, key->text);

    if (i == space->n)
        faults_error(reader->faults, reader->file, key, at, "expected the name of a parameter, got \"%s\"", key->text);
    else if (text == NULL)
        faults_error(reader->faults, reader->file, item, at, "expected a value, got %s", node_kind_name(item));
    else if (space_parse(space, i, text, &values[i]) < 0)
        faults_error(reader->faults, reader->file, item, at, "%s", without_name(fail_message(), key->text));
}

/* A value that only sometimes exists needs the value that it depends on, and one under which it does exist. */
static void check_activity(struct reader *reader, const struct node *point, const char *path, const double *values)
{
    const struct space *space = &reader->spec->space;

    for (size_t k = 0; k < point->length; k++) {
        size_t i = find_parameter(space, point->keys[k]->text);
        const struct parameter *on = i < space->n && space->parameters[i].activation != NULL
                                         ? &space->parameters[space->parameters[i].activation->parameter]
                                         : NULL;
        const char *at = arena_printf(reader->arena, "%s.%s", path, point->keys[k]->text);

        if (on != NULL && isnan(values[on - space->parameters]))
            faults_error(reader->faults, reader->file, point->keys[k], at,
                         "expected a value of %s too, on which it depends", on->name);
        else if (on != NULL && !space_is_active(space, values, i))
            faults_error(
                reader->faults, reader->file, point->keys[k], at,
                "expected no value, for it does not exist where %s is %s", on->name,
                space_format(space, (size_t)(on - space->parameters), values[on - space->parameters], reader->arena));
    }
}

static void read_point(struct reader *reader, const struct node *point, const char *path, double *values)
{
    size_t n_errors = reader->faults->n_errors;

    for (size_t i = 0; i < reader->spec->space.n; i++)
        values[i] = NAN;
    for (size_t k = 0; k < point->length; k++)
        read_value(reader, point->keys[k], point->items[k],
                   arena_printf(reader->arena, "%s.%s", path, point->keys[k]->text), values);
    if (reader->faults->n_errors == n_errors)
        check_activity(reader, point, path, values);
}

static void read_enqueue(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "enqueue", LIST_LIMIT);
    struct spec *spec = reader->spec;
    size_t n = list != NULL ? list->length : 0;
    double *points = arena_array(reader->arena, n * spec->space.n, sizeof *points);

    spec->enqueued = points;
    spec->n_enqueued = n;
    for (size_t i = 0; i < n; i++) {
        const char *path = arena_printf(reader->arena, "%s[%zu]", fields_path(fields, "enqueue"), i);

        if (list->items[i]->kind != NODE_MAP)
            faults_error(reader->faults, reader->file, list->items[i], path, "expected a map, got %s",
                         node_kind_name(list->items[i]));
        else if (reader->is_space_sound)
            read_point(reader, list->items[i], path, points + i * spec->space.n);
    }
    if (n > 0 && spec->max_trial_count > 0 && (int64_t)n > spec->max_trial_count)
        fields_warning(fields, "enqueue", "more points than maxTrialCount = %lld: the last ones are not tried",
                       (long long)spec->max_trial_count);
}

static const char *absolute(const struct reader *reader, const char *file)
{
    char *path = file_absolute(reader->bundle->directory, file);
    const char *kept = arena_strdup(reader->arena, path);

    free(path);
    return kept;
}

static void read_source(struct reader *reader, struct fields *item, struct warm_source *source)
{
    const struct spec *spec = reader->spec;
    const char *file = fields_text(item, "file", NULL), *namespace = fields_text(item, "namespace", NULL);

    source->experiment = fields_text(item, "experiment", NULL);
    if ((source->experiment == NULL) == (file == NULL)) {
        fields_error(item, NULL, "expected either experiment or file, got %s", file != NULL ? "both" : "neither");
    } else if (file != NULL) {
        source->file = absolute(reader, file);
        source->shown = file;
    } else {
        source->namespace = namespace != NULL ? namespace : spec->namespace;
        source->shown = arena_printf(reader->arena, "%s/%s", source->namespace, source->experiment);
        if (text_equal(source->experiment, spec->name) && text_equal(source->namespace, spec->namespace))
            fields_error(item, "experiment", "expected another Experiment than this one, got \"%s\"", spec->name);
    }
    if (namespace != NULL && source->experiment == NULL)
        fields_error(item, "namespace", "expected it beside an experiment");
}

static void read_warm_start(struct reader *reader, struct fields *fields)
{
    const struct node *list = reader_list(fields, "warmStart", LIST_LIMIT);
    size_t n = list != NULL ? list->length : 0;
    struct warm_source *sources = arena_array(reader->arena, n, sizeof *sources);

    reader->spec->warm = sources;
    for (size_t i = 0; i < n; i++) {
        struct fields item;

        if (!reader_open_item(reader, fields, "warmStart", list, i, &item))
            continue;
        read_source(reader, &item, &sources[reader->spec->n_warm++]);
        reader_close(reader, &item);
    }
}

void read_prior_knowledge(struct reader *reader, struct fields *hone)
{
    read_enqueue(reader, hone);
    read_warm_start(reader, hone);
}
