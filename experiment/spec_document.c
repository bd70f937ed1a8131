/*
 * The document of an Experiment as a tree: typed by the table of fields, and with Katib's defaults filled in.
 */
#include <string.h>
#include <strings.h>

#include "experiment/explain.h"
#include "experiment/reader.h"
#include "trialrunner/collectors/collector.h"

struct typing {
    const char *file;
    struct arena *arena;
    struct faults *faults;
};

/* Go's YAML reads these as booleans, and Kubernetes then refuses them where a text belongs. */
static bool is_boolean_word(const char *text)
{
    static const char *const words[] = { "yes", "no", "on", "off", "y", "n", "true", "false" };

    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (strcasecmp(text, words[i]) == 0)
            return true;
    }
    return false;
}

static void type_text(const struct typing *typing, struct node *node, const char *path)
{
    const char *text = node_to_text(typing->arena, node);

    if (text == NULL)
        return;
    if (node->kind == NODE_BOOL || (node->kind == NODE_TEXT && !node->quoted && is_boolean_word(text)))
        faults_warning(typing->faults, typing->file, node, path,
                       "expected a text in quotes, got a plain %s, which Kubernetes reads as a boolean", text);
    node->kind = NODE_TEXT;
    node->quoted = true;
    node->text = text;
    node->length = strlen(text);
}

static void type_scalar(const struct typing *typing, struct node *node, const char *type, const char *path)
{
    int64_t integer;
    double real;
    bool boolean;

    if (text_starts_with(type, "integer")) {
        if (node_to_integer(node, &integer)) {
            node->kind = NODE_INTEGER;
            node->integer = integer;
        }
    } else if (text_starts_with(type, "number")) {
        if (node_to_real(node, &real)) {
            node->kind = NODE_REAL;
            node->real = real;
        }
    } else if (text_starts_with(type, "boolean")) {
        if (node_to_boolean(node, &boolean)) {
            node->kind = NODE_BOOL;
            node->boolean = boolean;
        }
    } else {
        type_text(typing, node, path);
    }
}

/* Type a tree in place. What has no row, or is of another kind than its row says, is left for the reader to complain of. */
static void type_node(const struct typing *typing, struct node *node, const char *type, const char *path)
{
    if (text_starts_with(type, "manifest") || node->kind == NODE_NULL)
        return;
    if (text_starts_with(type, "list of ") && node->kind == NODE_LIST) {
        for (size_t i = 0; i < node->length; i++)
            type_node(typing, node->items[i], type + strlen("list of "),
                      arena_printf(typing->arena, "%s[%zu]", path, i));
    } else if (text_starts_with(type, "map") && node->kind == NODE_MAP) {
        for (size_t i = 0; i < node->length; i++)
            type_scalar(typing, node->items[i], "string",
                        arena_printf(typing->arena, "%s.%s", path, node->keys[i]->text));
    } else if (text_starts_with(type, "object") && node->kind == NODE_MAP) {
        for (size_t i = 0; i < node->length; i++) {
            const char *child = arena_printf(typing->arena, "%s%s%s", path, *path != '\0' ? "." : "",
                                             node->keys[i]->text);
            const struct field_help *field = explain_find(child);

            if (field != NULL)
                type_node(typing, node->items[i], field->type, child);
        }
    } else if (node->kind != NODE_LIST && node->kind != NODE_MAP) {
        type_scalar(typing, node, type, path);
    }
}

struct node *document_typed(const struct node *root, const char *file, struct arena *arena, struct faults *faults)
{
    const struct typing typing = { .file = file, .arena = arena, .faults = faults };
    struct node *copy = node_copy(arena, root);

    type_node(&typing, copy, "object", "");
    return copy;
}

/* The map under key, made when it is not there. */
static struct node *map_at(struct arena *arena, struct node *map, const char *key)
{
    struct node *child = node_get(map, key);

    return child != NULL && child->kind == NODE_MAP ? child : node_set(arena, map, key, node_map(arena));
}

static struct node *text_node(struct arena *arena, const char *text)
{
    struct node *node = node_text(arena, text);

    node->quoted = true;
    return node;
}

/* Set what is absent, or null. */
static void set_default(struct arena *arena, struct node *map, const char *key, struct node *value)
{
    const struct node *child = node_get(map, key);

    if (child == NULL || child->kind == NODE_NULL)
        node_set(arena, map, key, value);
}

static void resolve_at(struct arena *arena, struct node *map, const char *key)
{
    const struct node *child = node_get(map, key);

    if (child != NULL)
        node_set(arena, map, key, node_resolve(arena, child));
}

static void fill_strategies(const struct spec *spec, struct node *objective, struct arena *arena)
{
    struct node *list = node_set(arena, objective, "metricStrategies", node_list(arena));

    for (size_t i = 0; i < spec->objective.n_metrics; i++) {
        const struct metric *metric = &spec->objective.metrics[i];
        struct node *item = node_add(arena, list, node_map(arena));

        node_set(arena, item, "name", text_node(arena, metric->name));
        node_set(arena, item, "value", text_node(arena, strategy_names[metric->strategy]));
    }
}

static void fill_parameters(struct node *parameters, struct arena *arena)
{
    for (size_t i = 0; parameters != NULL && parameters->kind == NODE_LIST && i < parameters->length; i++) {
        struct node *space = node_get(parameters->items[i], "feasibleSpace");

        if (space != NULL && space->kind == NODE_MAP)
            set_default(arena, space, "distribution", text_node(arena, "uniform"));
    }
}

static void fill_collector(const struct metrics_collector *collector, struct node *root, struct arena *arena)
{
    struct node *at;

    set_default(arena, map_at(arena, root, "collector"), "kind", text_node(arena, collector->kind->name));
    resolve_at(arena, node_get(root, "collector"), "customCollector");
    if (collector->kind->is_pushed)
        return;
    if (collector->path != NULL) {
        at = map_at(arena, map_at(arena, root, "source"), "fileSystemPath");
        set_default(arena, at, "path", text_node(arena, collector->path));
    }
    if (collector->kind->default_path != NULL) {
        at = node_path(root, "source.fileSystemPath");
        set_default(arena, at, "kind", text_node(arena, collector->kind->is_events ? "Directory" : "File"));
        if (!collector->kind->is_events)
            set_default(arena, at, "format", text_node(arena, collector->format == FORMAT_JSON ? "JSON" : "TEXT"));
    }
    if (collector->http_path != NULL) {
        at = map_at(arena, map_at(arena, root, "source"), "httpGet");
        set_default(arena, at, "path", text_node(arena, collector->http_path));
        set_default(arena, at, "port", node_integer(arena, collector->http_port));
    }
}

static void fill_template(const struct trial_template *template, struct node *root, struct arena *arena)
{
    resolve_at(arena, root, "trialSpec");
    set_default(arena, root, "successCondition", text_node(arena, template->success_condition));
    set_default(arena, root, "failureCondition", text_node(arena, template->failure_condition));
    if (template->n_primary_labels > 0) {
        struct node *labels = map_at(arena, root, "primaryPodLabels");

        for (size_t i = 0; i < template->n_primary_labels; i++)
            set_default(arena, labels, template->primary_labels[i].name,
                        text_node(arena, template->primary_labels[i].value));
    }
}

struct node *spec_to_node(const struct spec *spec, struct arena *arena)
{
    struct node *root = node_copy(arena, spec->node);
    struct node *fields = map_at(arena, root, "spec");

    set_default(arena, map_at(arena, root, "metadata"), "namespace", text_node(arena, spec->namespace));
    if (spec->parallel_trial_count > 0)
        set_default(arena, fields, "parallelTrialCount", node_integer(arena, spec->parallel_trial_count));
    set_default(arena, fields, "resumePolicy", text_node(arena, resume_policy_names[spec->resume_policy]));
    fill_strategies(spec, map_at(arena, fields, "objective"), arena);
    fill_parameters(node_get(fields, "parameters"), arena);
    if (!spec->by_clients) {
        fill_collector(&spec->collector, map_at(arena, fields, "metricsCollectorSpec"), arena);
        fill_template(&spec->template, map_at(arena, fields, "trialTemplate"), arena);
    }
    node_remove(root, "status");
    return root;
}
