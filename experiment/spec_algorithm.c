/*
 * spec.algorithm and spec.earlyStopping: a name of a table, and settings by the rows of what it names.
 */
#include <string.h>

#include "base/status.h"
#include "experiment/reader.h"

static const char *nearest_setting(struct reader *reader, const struct setting *rows, const char *name)
{
    const char **names;
    size_t n = 0;

    while (rows != NULL && rows[n].name != NULL)
        n++;
    names = arena_array(reader->arena, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = rows[i].name;
    return text_nearest(name, names);
}

/* A method that hands its settings to the trial takes any, as in Katib; elsewhere one that nobody knows is an error. */
static void say_unknown_setting(struct reader *reader, struct fields *item, const struct setting *rows,
                                const char *name, const char *algorithm)
{
    const char *near = nearest_setting(reader, rows, name);
    const struct suggest_method *method = suggest_method_find(algorithm, NULL);
    const char *hint = near != NULL ? arena_printf(reader->arena, "; did you mean %s?", near) : "";

    if (method != NULL && method->any_setting)
        fields_warning(item, "name", "unknown setting %s for algorithm %s: only the trial may know it%s", name,
                       algorithm, hint);
    else
        fields_error(item, "name", "unknown setting %s for algorithm %s%s", name, algorithm, hint);
}

static void read_setting(struct reader *reader, struct fields *item, const struct setting *rows, const char *algorithm,
                         struct setting_value *values)
{
    const char *name = fields_required(item, "name", "the name of a setting");
    const char *text = fields_text(item, "value", NULL);
    const struct setting *row = name != NULL ? setting_find(rows, name) : NULL;

    if (fields_node(item, "value") == NULL)
        fields_error(item, "value", "expected a value, got nothing");
    if (name == NULL)
        return;
    if (row == NULL)
        say_unknown_setting(reader, item, rows, name, algorithm);
    else if (values[row - rows].given)
        fields_error(item, "name", "expected different names, got \"%s\" again", name);
    else if (text != NULL && setting_parse(row, text, &values[row - rows]) < 0)
        fields_error(item, "value", "%s: %s", name, fail_message());
}

/* One value a row, those of algorithmSettings over the rows' own. */
static struct setting_value *read_settings(struct reader *reader, struct fields *fields, const struct setting *rows,
                                           const char *algorithm)
{
    const struct node *list = reader_list(fields, "algorithmSettings", LIST_LIMIT);
    size_t n;
    struct setting_value *values = setting_defaults(rows, reader->arena, &n);
    size_t n_errors = reader->faults->n_errors;

    for (size_t i = 0; list != NULL && i < list->length; i++) {
        struct fields item;

        if (!reader_open_item(reader, fields, "algorithmSettings", list, i, &item))
            continue;
        read_setting(reader, &item, rows, algorithm, values);
        reader_close(reader, &item);
    }
    for (size_t i = 0; i < n; i++) {
        if (rows[i].required && !values[i].given && reader->faults->n_errors == n_errors)
            fields_error(fields, "algorithmSettings", "expected %s for algorithm %s: %s, got nothing", rows[i].name,
                         algorithm, setting_expectation(&rows[i], reader->arena));
    }
    return values;
}

static void say_unknown_algorithm(struct fields *fields, const char *what, const char *name, const char *near)
{
    fields_error(fields, "algorithmName", "expected the name of a %s, got \"%s\"%s%s%s", what, name,
                 near != NULL ? "; did you mean " : "", near != NULL ? near : "", near != NULL ? "?" : "");
}

/* pbt's trials look where its setting says; of the others, those whose trials climb rungs of a resource go on from each other. */
const char *spec_checkpoint_path(const struct spec *spec)
{
    const struct setting *rows = spec->method->settings;
    const struct setting *directory = rows != NULL ? setting_find(rows, "suggestion_trial_dir") : NULL;

    if (directory != NULL)
        return spec->settings[directory - rows].text;
    return rows != NULL && setting_find(rows, "resource_name") != NULL ? "/var/lib/hone/checkpoint" : NULL;
}

struct suggest_problem spec_problem(const struct spec *spec)
{
    return (struct suggest_problem){
        .space = &spec->space,
        .n_objectives = spec_n_objectives(spec),
        .n_constraints = spec->n_constraints,
        .is_noisy = spec->hone.noisy,
        .parallel_trial_count = spec->parallel_trial_count > 0 ? spec->parallel_trial_count : 1,
        .max_trial_count = spec->max_trial_count,
        .n_layers = spec->n_layers,
    };
}

/* Where the text holds the name, not as a part of a longer one; NULL: nowhere. */
static const char *find_name(const char *text, const char *name)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_";
    size_t length = strlen(name);

    for (const char *at = text; length > 0 && (at = strstr(at, name)) != NULL; at++) {
        bool is_start = at == text || strchr(letters, at[-1]) == NULL;

        if (is_start && (at[length] == '\0' || strchr(letters, at[length]) == NULL))
            return at;
    }
    return NULL;
}

struct place {
    const struct node *node;
    const char *path;
};

/* What a method says belongs to the written value of the setting that it names first; else to the field. */
static struct place place_of_fault(struct reader *reader, const char *fault, const char *field)
{
    const struct node *list = node_path(reader->spec->node, "spec.algorithm.algorithmSettings");
    struct place place = { node_path(reader->spec->node, field), field };
    const char *first = NULL;

    for (size_t i = 0; list != NULL && list->kind == NODE_LIST && i < list->length; i++) {
        const struct node *name = node_get(list->items[i], "name");
        const char *at = name != NULL && name->kind == NODE_TEXT ? find_name(fault, name->text) : NULL;

        if (at == NULL || (first != NULL && at >= first))
            continue;
        first = at;
        place.node = node_get(list->items[i], "value");
        place.path = arena_printf(reader->arena, "spec.algorithm.algorithmSettings[%zu].value", i);
    }
    return place;
}

void check_method(struct reader *reader)
{
    const struct spec *spec = reader->spec;
    const struct suggest_problem problem = spec_problem(spec);
    const char *fault = NULL, *warning = NULL;

    if (!reader->is_space_sound || !reader->is_method_sound ||
        spec->by_clients) /* the space grows: judged when it is searched */
        return;
    if (spec->method->check != NULL)
        fault = spec->method->check(&problem, spec->settings, reader->arena);
    if (fault == NULL && spec->method->warn != NULL)
        warning = spec->method->warn(&problem, spec->settings, reader->arena);
    if (fault != NULL) {
        struct place place = place_of_fault(reader, fault, "spec.algorithm.algorithmName");

        faults_error(reader->faults, reader->file, place.node, place.path, "%s", fault);
    }
    if (warning != NULL) {
        struct place place = place_of_fault(reader, warning, "spec.algorithm.algorithmSettings");

        faults_warning(reader->faults, reader->file, place.node, place.path, "%s", warning);
    }
}

void read_algorithm(struct reader *reader, struct fields *spec)
{
    struct fields fields;
    const char *name, *near = NULL;
    size_t n_errors = reader->faults->n_errors;

    if (!reader_child(spec, "algorithm", "an algorithm", &fields))
        return;
    name = fields_required(&fields, "algorithmName", "the name of a search method");
    reader->spec->method = name != NULL ? suggest_method_find(name, &near) : NULL;
    if (name != NULL && reader->spec->method == NULL)
        say_unknown_algorithm(&fields, "search method", name, near);
    if (reader->spec->method != NULL) {
        reader->spec->settings = read_settings(reader, &fields, reader->spec->method->settings, name);
        reader->is_method_sound = reader->faults->n_errors == n_errors;
        if (reader->spec->method->create == NULL)
            reader_missing(reader, fields_path(&fields, "algorithmName"), name);
    } else {
        fields_node(&fields, "algorithmSettings");
    }
    reader_close(reader, &fields);
}

static void check_rule(struct fields *fields, const struct earlystop_rule *rule, const struct setting_value *values)
{
    const char *fault = values != NULL && rule->check != NULL ? rule->check(values) : NULL;

    if (fault != NULL)
        fields_error(fields, "algorithmSettings", "%s", fault);
}

void read_early_stopping(struct reader *reader, struct fields *spec)
{
    struct fields fields;
    const char *name, *near = NULL;
    const struct earlystop_rule *rule;

    if (fields_node(spec, "earlyStopping") == NULL || !reader_child(spec, "earlyStopping", "a rule", &fields))
        return;
    name = fields_required(&fields, "algorithmName", "the name of an early-stopping rule");
    rule = name != NULL ? earlystop_rule_find(name, &near) : NULL;
    if (name != NULL && rule == NULL)
        say_unknown_algorithm(&fields, "early-stopping rule", name, near);
    if (rule != NULL) {
        reader->spec->early_stopping = rule;
        reader->spec->early_stopping_settings = read_settings(reader, &fields, rule->settings, name);
        check_rule(&fields, rule, reader->spec->early_stopping_settings);
    } else {
        fields_node(&fields, "algorithmSettings");
    }
    reader_close(reader, &fields);
}
