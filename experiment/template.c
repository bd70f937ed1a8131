/*
 * One trial's manifest from the template.
 */
#include "experiment/template.h"

#include <string.h>

#include "base/status.h"
#include "experiment/assignment.h"
#include "experiment/placeholder.h"

struct rendering {
    const struct spec *spec;
    const struct trial_identity *identity;
    struct arena *arena;
    const char **values;  /* by trial parameter; NULL: its search parameter is inactive */
    const char **unknown; /* by trial parameter; why there can be no value, NULL: there can */
    size_t n_bytes;       /* of text so far */
};

static const char *indexed_value(const struct rendering *rendering, const char *map, const char *key)
{
    return node_to_text(rendering->arena, node_get(node_path(rendering->spec->template.manifest, map), key));
}

/* Text that a reference stands for; NULL and unknown filled when there is none. */
static const char *metadata_value(const struct rendering *rendering, const char *reference, const char **unknown)
{
    const struct node *manifest = rendering->spec->template.manifest;
    const char *key, *value = NULL;

    switch (reference_parse(reference, rendering->arena, &key)) {
    case REFERENCE_NAME:
        value = rendering->identity->name;
        break;
    case REFERENCE_NAMESPACE:
        value = rendering->identity->namespace;
        break;
    case REFERENCE_KIND:
        value = node_to_text(rendering->arena, node_get(manifest, "kind"));
        break;
    case REFERENCE_API_VERSION:
        value = node_to_text(rendering->arena, node_get(manifest, "apiVersion"));
        break;
    case REFERENCE_ANNOTATION:
        value = indexed_value(rendering, "metadata.annotations", key);
        break;
    case REFERENCE_LABEL:
        value = indexed_value(rendering, "metadata.labels", key);
        break;
    default:
        break;
    }
    if (value == NULL)
        *unknown = arena_printf(rendering->arena, "%s is nothing of this trial", reference);
    return value;
}

static void find_values(struct rendering *rendering, const char *const *assignments)
{
    const struct spec *spec = rendering->spec;

    for (size_t i = 0; i < spec->template.n_parameters; i++) {
        const char *reference = spec->template.parameters[i].reference;
        size_t parameter = assignment_find(spec, reference);

        if (parameter < assignment_count(spec))
            rendering->values[i] = assignments[parameter];
        else
            rendering->values[i] = metadata_value(rendering, reference, &rendering->unknown[i]);
    }
}

static bool is_inactive(const struct rendering *rendering, const char *text)
{
    struct placeholder placeholder;

    for (; placeholder_find(text, &placeholder); text = placeholder.end) {
        size_t i = placeholder_parameter(&rendering->spec->template, &placeholder);

        if (i < rendering->spec->template.n_parameters && rendering->values[i] == NULL && rendering->unknown[i] == NULL)
            return true;
    }
    return false;
}

/* Does a placeholder of an inactive parameter stand anywhere in the tree? */
static bool holds_inactive(const struct rendering *rendering, const struct node *node)
{
    if (node->kind == NODE_TEXT)
        return is_inactive(rendering, node->text);
    if (node->kind != NODE_LIST && node->kind != NODE_MAP)
        return false;
    for (size_t i = 0; i < node->length; i++) {
        if (holds_inactive(rendering, node->items[i]) ||
            (node->keys != NULL && is_inactive(rendering, node->keys[i]->text)))
            return true;
    }
    return false;
}

/* NULL, after fail(ERR_INVALID, ...), when there is none. */
static const char *value_of(const struct rendering *rendering, const struct placeholder *placeholder)
{
    const struct trial_template *template = &rendering->spec->template;
    size_t i = placeholder_parameter(template, placeholder);

    if (i == template->n_parameters)
        fail(ERR_INVALID, "${trialParameters.%.*s} is no trial parameter", (int)placeholder->length, placeholder->name);
    else if (rendering->unknown[i] != NULL)
        fail(ERR_INVALID, "${trialParameters.%s}: %s", template->parameters[i].name, rendering->unknown[i]);
    else if (rendering->values[i] == NULL)
        fail(ERR_INVALID, "${trialParameters.%s} stands where it cannot be left out, and %s is inactive in this trial",
             template->parameters[i].name, template->parameters[i].reference);
    else
        return rendering->values[i];
    return NULL;
}

/* Every placeholder of text replaced, once: a value that looks like a placeholder stays as it is. */
static int substitute(struct rendering *rendering, const char *text, struct text *out)
{
    struct placeholder placeholder;

    while (placeholder_find(text, &placeholder)) {
        const char *value = value_of(rendering, &placeholder);

        if (value == NULL)
            return ERR_INVALID;
        if (rendering->n_bytes + out->length + strlen(value) > TEMPLATE_SIZE_LIMIT)
            return fail(ERR_LIMIT, "expected at most %d bytes of text in a trial's manifest", TEMPLATE_SIZE_LIMIT);
        text_add_bytes(out, text, (size_t)(placeholder.start - text));
        text_add(out, value);
        text = placeholder.end;
    }
    text_add(out, text);
    rendering->n_bytes += out->length;
    return 0;
}

/* In a ConfigMap's YAML the value decides the type of a plain scalar; a value never becomes null. */
static struct node *as_yaml_reads(struct arena *arena, struct node *text)
{
    struct node *resolved;

    text->quoted = false;
    resolved = node_resolve(arena, text);
    text->quoted = true;
    return resolved->kind == NODE_NULL ? text : resolved;
}

static int render_text(struct rendering *rendering, const struct node *node, struct node **result)
{
    struct placeholder placeholder;
    struct text text = { 0 };
    int code;

    if (!placeholder_find(node->text, &placeholder)) {
        *result = node_copy(rendering->arena, node);
        return 0;
    }
    code = substitute(rendering, node->text, &text);
    if (code >= 0) {
        *result = node_text(rendering->arena, text_string(&text));
        (*result)->line = node->line;
        (*result)->column = node->column;
        if (rendering->spec->template.from_config_map && !node->quoted)
            *result = as_yaml_reads(rendering->arena, *result);
    }
    text_release(&text);
    return code;
}

static int render(struct rendering *rendering, const struct node *node, const char *key, struct node **result);

/* An empty list or map at the same place. */
static struct node *empty_like(struct arena *arena, const struct node *node)
{
    struct node *empty = node->kind == NODE_LIST ? node_list(arena) : node_map(arena);

    empty->line = node->line;
    empty->column = node->column;
    return empty;
}

static int render_list(struct rendering *rendering, const struct node *node, const char *key, struct node **result)
{
    bool drops = placeholder_list_drops(key);

    *result = empty_like(rendering->arena, node);
    for (size_t i = 0; i < node->length; i++) {
        struct node *item;

        if (drops && holds_inactive(rendering, node->items[i]))
            continue;
        TRY(render(rendering, node->items[i], NULL, &item));
        node_add(rendering->arena, *result, item);
    }
    return 0;
}

static int render_map(struct rendering *rendering, const struct node *node, struct node **result)
{
    const struct node *repeated, *first;

    *result = empty_like(rendering->arena, node);
    for (size_t i = 0; i < node->length; i++) {
        struct node *key, *value;

        TRY(render_text(rendering, node->keys[i], &key));
        if (key->kind != NODE_TEXT)
            key = node_text(rendering->arena, node_to_text(rendering->arena, key));
        TRY(render(rendering, node->items[i], key->text, &value));
        node_append(rendering->arena, *result, key, value);
    }
    repeated = node_repeated_key(*result, &first);
    if (repeated != NULL)
        return fail(ERR_INVALID, "the key \"%s\" stands twice in the manifest once values are in place",
                    repeated->text);
    return 0;
}

static int render(struct rendering *rendering, const struct node *node, const char *key, struct node **result)
{
    switch (node->kind) {
    case NODE_TEXT:
        return render_text(rendering, node, result);
    case NODE_LIST:
        return render_list(rendering, node, key, result);
    case NODE_MAP:
        return render_map(rendering, node, result);
    default:
        *result = node_copy(rendering->arena, node);
        return 0;
    }
}

int template_render(const struct spec *spec, const struct trial_identity *identity, const char *const *assignments,
                    struct arena *arena, struct node **manifest)
{
    struct rendering rendering = {
        .spec = spec,
        .identity = identity,
        .arena = arena,
        .values = arena_array(arena, spec->template.n_parameters, sizeof *rendering.values),
        .unknown = arena_array(arena, spec->template.n_parameters, sizeof *rendering.unknown),
    };

    find_values(&rendering, assignments);
    return render(&rendering, spec->template.manifest, NULL, manifest);
}
