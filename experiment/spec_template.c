/*
 * spec.trialTemplate: the manifest, in the file or in a ConfigMap, and what its placeholders stand for.
 */
#include <string.h>

#include "base/status.h"
#include "base/yaml.h"
#include "experiment/gjson.h"
#include "experiment/reader.h"
#include "experiment/template.h"
#include "trialrunner/jobs/job_kind.h"

/* Where the manifest stands, for faults in it. */
struct origin {
    const char *file, *path;
};

static void read_trial_parameters(struct reader *reader, struct fields *fields)
{
    struct trial_template *template = &reader->spec->template;
    const struct node *list = reader_list(fields, "trialParameters", LIST_LIMIT);
    size_t n = list != NULL ? list->length : 0;
    struct trial_parameter *parameters = arena_array(reader->arena, n, sizeof *parameters);

    if (fields_node(fields, "trialParameters") == NULL)
        fields_error(fields, "trialParameters", "expected a list, got nothing");
    for (size_t i = 0; i < n; i++) {
        struct fields item;

        if (!reader_open_item(reader, fields, "trialParameters", list, i, &item))
            continue;
        parameters[i].name = fields_required(&item, "name", "a name");
        parameters[i].reference = fields_required(&item, "reference",
                                                  "the name of a search parameter or ${trialSpec...}");
        fields_text(&item, "description", NULL);
        if (parameters[i].name != NULL && strpbrk(parameters[i].name, "{}") != NULL)
            fields_error(&item, "name", "expected a name without { and }, got \"%s\"", parameters[i].name);
        for (size_t k = 0; k < i; k++) {
            if (parameters[i].name != NULL && text_equal(parameters[k].name, parameters[i].name))
                fields_error(&item, "name", "expected different names, got \"%s\" again", parameters[i].name);
            if (parameters[i].reference != NULL && text_equal(parameters[k].reference, parameters[i].reference))
                fields_error(&item, "reference", "expected different references, got \"%s\" again",
                             parameters[i].reference);
        }
        reader_close(reader, &item);
    }
    template->parameters = parameters;
    template->n_parameters = n;
}

static void read_primary_labels(struct reader *reader, struct fields *fields)
{
    struct trial_template *template = &reader->spec->template;
    const struct node *map = fields_node(fields, "primaryPodLabels");
    struct name_value *labels;

    if (map == NULL)
        return;
    if (map->kind != NODE_MAP) {
        fields_error(fields, "primaryPodLabels", "expected a map, got %s", node_kind_name(map));
        return;
    }
    labels = arena_array(reader->arena, map->length, sizeof *labels);
    for (size_t i = 0; i < map->length; i++)
        labels[i] = (struct name_value){ map->keys[i]->text, node_to_text(reader->arena, map->items[i]) };
    for (size_t i = 0; i < map->length; i++) {
        if (labels[i].value == NULL)
            fields_error(fields, "primaryPodLabels", "expected a text for %s, got %s", labels[i].name,
                         node_kind_name(map->items[i]));
    }
    template->primary_labels = labels;
    template->n_primary_labels = map->length;
}

/* The one document of a ConfigMap's text; NULL after a fault. */
static const struct node *read_config_text(struct reader *reader, const char *text, const char *file)
{
    struct node *documents;

    if (yaml_read(text, strlen(text), file, reader->arena, reader->faults, &documents) < 0)
        return NULL;
    if (documents->length == 1)
        return documents->items[0];
    faults_error(reader->faults, file, NULL, NULL, "expected one YAML document, got %zu", documents->length);
    return NULL;
}

static const struct node *read_config_map(struct reader *reader, struct fields *fields, struct origin *origin)
{
    struct fields map;
    const char *name, *namespace, *key;
    const struct node *resource, *text;

    if (!reader_child(fields, "configMap", "a ConfigMap", &map))
        return NULL;
    name = fields_required(&map, "configMapName", "the name of a ConfigMap");
    namespace = fields_required(&map, "configMapNamespace", "the namespace of a ConfigMap");
    key = fields_required(&map, "templatePath", "a key of the ConfigMap's data");
    reader_close(reader, &map);
    if (name == NULL || namespace == NULL || key == NULL)
        return NULL;
    resource = bundle_resource(reader->bundle, "ConfigMap", namespace, name);
    if (resource == NULL) {
        fields_error(&map, "configMapName",
                     "expected a ConfigMap document %s in namespace %s, in this file or one of --with, got none", name,
                     namespace);
        return NULL;
    }
    text = node_get(node_get(resource, "data"), key);
    if (text == NULL || text->kind != NODE_TEXT) {
        fields_error(&map, "templatePath", "expected a key of ConfigMap %s, got \"%s\"", name, key);
        return NULL;
    }
    *origin = (struct origin){ arena_printf(reader->arena, "ConfigMap %s/%s: %s", namespace, name, key), "" };
    reader->spec->template.from_config_map = true;
    return read_config_text(reader, text->text, origin->file);
}

/* trialSpec or configMap, exactly one. */
static const struct node *read_manifest(struct reader *reader, struct fields *fields, struct origin *origin)
{
    const struct node *inline_spec = fields_node(fields, "trialSpec"), *config_map = fields_node(fields, "configMap");
    const struct node *manifest = NULL;

    if (inline_spec != NULL && config_map != NULL)
        fields_error(fields, "configMap", "expected only one of trialSpec and configMap, got both");
    else if (inline_spec == NULL && config_map == NULL)
        fields_error(fields, "trialSpec", "expected trialSpec or configMap, got neither");
    *origin = (struct origin){ reader->file, fields_path(fields, "trialSpec") };
    if (inline_spec != NULL)
        manifest = inline_spec;
    else if (config_map != NULL)
        manifest = read_config_map(reader, fields, origin);
    if (manifest != NULL && manifest->kind != NODE_MAP) {
        faults_error(reader->faults, origin->file, manifest, origin->path, "expected a map, got %s",
                     node_kind_name(manifest));
        return NULL;
    }
    return manifest;
}

static const char *path_in(struct reader *reader, const struct origin *origin, const char *path)
{
    return arena_printf(reader->arena, "%s%s%s", origin->path, *origin->path != '\0' ? "." : "", path);
}

static const char *manifest_text(struct reader *reader, const struct origin *origin, const char *name)
{
    const struct node *manifest = reader->spec->template.manifest, *node = node_get(manifest, name);
    const char *text = node_to_text(reader->arena, node);

    if (text == NULL || *text == '\0')
        faults_error(reader->faults, origin->file, node != NULL ? node : manifest, path_in(reader, origin, name),
                     "expected the manifest's %s, got %s", name, text != NULL ? "nothing" : node_kind_name(node));
    return text;
}

static void check_manifest(struct reader *reader, const struct origin *origin, bool has_roles)
{
    static const char *const omitted[] = { "metadata.name", "metadata.namespace" };
    struct trial_template *template = &reader->spec->template;
    const char *api_version = manifest_text(reader, origin, "apiVersion"),
               *kind = manifest_text(reader, origin, "kind");

    for (size_t i = 0; i < sizeof omitted / sizeof *omitted; i++) {
        const struct node *node = node_path(template->manifest, omitted[i]);

        if (node != NULL && node->kind != NODE_NULL)
            faults_error(reader->faults, origin->file, node, path_in(reader, origin, omitted[i]),
                         "must be omitted: each trial gets its own");
    }
    if (api_version == NULL || kind == NULL)
        return;
    template->kind = job_kind_find(api_version, kind);
    if (template->kind == NULL && has_roles)
        template->kind = &job_kind_given;
    if (template->kind == NULL) {
        faults_warning(
            reader->faults, origin->file, node_get(template->manifest, "kind"), path_in(reader, origin, "kind"),
            "the job kind %s %s is not known: its fields are not checked, and spec.hone.roles must name its pods",
            api_version, kind);
    } else if (template->kind->check != NULL) {
        template->kind->check(template->manifest, origin->file, origin->path, reader->arena, reader->faults);
    }
    if (template->kind == NULL || template->kind->plan == NULL)
        reader_missing(reader, path_in(reader, origin, "kind"), kind);
}

/* Katib's defaults by the kind of an inline manifest. */
static void fill_defaults(struct reader *reader)
{
    struct trial_template *template = &reader->spec->template;
    const struct job_kind *kind = template->kind;
    struct name_value *labels;
    size_t n = 0;

    if (kind == NULL || template->from_config_map)
        return;
    if (template->success_condition == NULL)
        template->success_condition = kind->success_condition;
    if (template->failure_condition == NULL)
        template->failure_condition = kind->failure_condition;
    if (template->n_primary_labels > 0)
        return;
    labels = arena_array(reader->arena, sizeof kind->primary_labels / sizeof *kind->primary_labels, sizeof *labels);
    for (; 2 * n + 1 < sizeof kind->primary_labels / sizeof *kind->primary_labels; n++) {
        if (kind->primary_labels[2 * n] == NULL)
            break;
        labels[n] = (struct name_value){ kind->primary_labels[2 * n], kind->primary_labels[2 * n + 1] };
    }
    template->primary_labels = labels;
    template->n_primary_labels = n;
}

static void check_condition(struct reader *reader, struct fields *fields, const char *name, const char *condition)
{
    const struct node *result;
    struct node nothing = { .kind = NODE_NULL };

    if (condition == NULL && reader->spec->template.manifest != NULL)
        fields_error(fields, name, "expected a GJSON path, for %s has no default, got nothing",
                     reader->spec->template.from_config_map ? "a ConfigMap" : "this kind");
    else if (condition != NULL && gjson_get(&nothing, condition, reader->arena, &result) < 0)
        fields_error(fields, name, "expected a GJSON path, got \"%s\": %s", condition, fail_message());
}

/* Names of all members of lists called containers. */
static size_t container_names(const struct node *node, bool is_containers, struct arena *arena, const char **names,
                              size_t n, size_t limit)
{
    if (node->kind != NODE_LIST && node->kind != NODE_MAP)
        return n;
    for (size_t i = 0; i < node->length; i++) {
        const char *name = is_containers ? node_to_text(arena, node_get(node->items[i], "name")) : NULL;

        if (name != NULL && n < limit)
            names[n++] = name;
        n = container_names(node->items[i], node->kind == NODE_MAP && text_equal(node->keys[i]->text, "containers"),
                            arena, names, n, limit);
    }
    return n;
}

/* Katib does not look, and then waits for metrics for ever. */
static void check_primary_container(struct reader *reader, struct fields *fields)
{
    enum { NAMES_LIMIT = 256 };
    const struct trial_template *template = &reader->spec->template;
    const char **names = arena_array(reader->arena, NAMES_LIMIT + 1, sizeof *names), *near;
    size_t n = container_names(template->manifest, false, reader->arena, names, 0, NAMES_LIMIT);

    if (template->primary_container == NULL || n == 0)
        return;
    for (size_t i = 0; i < n; i++) {
        if (text_equal(names[i], template->primary_container))
            return;
    }
    near = text_nearest(template->primary_container, names);
    fields_warning(fields, "primaryContainerName", "expected the name of a container of the template, got \"%s\"%s%s%s",
                   template->primary_container, near != NULL ? "; did you mean " : "", near != NULL ? near : "",
                   near != NULL ? "?" : "");
}

void read_trial_template(struct reader *reader, struct fields *spec)
{
    struct trial_template *template = &reader->spec->template;
    struct fields fields;
    struct origin origin;

    if (!reader_child(spec, "trialTemplate", "a template", &fields))
        return;
    read_trial_parameters(reader, &fields);
    read_primary_labels(reader, &fields);
    template->primary_container = fields_required(&fields, "primaryContainerName", "the name of a container");
    template->success_condition = fields_text(&fields, "successCondition", NULL);
    template->failure_condition = fields_text(&fields, "failureCondition", NULL);
    template->retain = fields_boolean(&fields, "retain", false);
    template->manifest = read_manifest(reader, &fields, &origin);
    if (template->manifest != NULL) {
        check_manifest(reader, &origin, node_path(fields_node(spec, "hone"), "roles") != NULL);
        fill_defaults(reader);
        check_primary_container(reader, &fields);
        template_check(reader->spec, reader->file, fields_path(spec, "trialTemplate"), origin.file, origin.path,
                       reader->faults);
    }
    check_condition(reader, &fields, "successCondition", template->success_condition);
    check_condition(reader, &fields, "failureCondition", template->failure_condition);
    reader_close(reader, &fields);
}
