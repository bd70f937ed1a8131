/*
 * ConfigMap and Secret documents.
 */
#include "experiment/resource.h"

#include <ctype.h>
#include <string.h>

#include "base/fields.h"
#include "experiment/spec.h"

/* Padded base64, as Kubernetes writes it; line breaks are taken. */
static bool is_base64(const char *text)
{
    size_t n = 0, n_padding = 0;

    for (; *text != '\0'; text++) {
        if (isspace((unsigned char)*text))
            continue;
        if (*text == '=')
            n_padding++;
        else if (n_padding > 0 || (!isalnum((unsigned char)*text) && *text != '+' && *text != '/'))
            return false;
        n++;
    }
    return n % 4 == 0 && n_padding <= 2;
}

static void check_entries(struct fields *fields, const char *name, bool is_encoded)
{
    const struct node *map = fields_node(fields, name);

    if (map == NULL)
        return;
    if (map->kind != NODE_MAP) {
        fields_error(fields, name, "expected a map, got %s", node_kind_name(map));
        return;
    }
    for (size_t i = 0; i < map->length; i++) {
        const struct node *value = map->items[i];
        const char *path = arena_printf(fields->arena, "%s.%s", fields_path(fields, name), map->keys[i]->text);

        if (value->kind != NODE_TEXT)
            faults_error(fields->faults, fields->file, value, path, "expected a text, got %s", node_kind_name(value));
        else if (is_encoded && !is_base64(value->text))
            faults_error(fields->faults, fields->file, value, path, "expected base64 (stringData takes plain text)");
    }
}

bool resource_check(const struct node *root, const char *file, struct arena *arena, struct faults *faults)
{
    bool is_secret = text_equal(node_get(root, "kind")->text, "Secret");
    size_t n_errors = faults->n_errors;
    struct fields fields, metadata;
    const char *version;

    fields_open(&fields, root, file, "", arena, faults);
    fields_node(&fields, "kind");
    version = fields_required(&fields, "apiVersion", "v1");
    if (version != NULL && strcmp(version, "v1") != 0)
        fields_error(&fields, "apiVersion", "expected v1, got \"%s\"", version);
    fields_child(&fields, "metadata", &metadata);
    fields_required(&metadata, "name", "a name");
    fields_text(&metadata, "namespace", NULL);
    check_entries(&fields, "data", is_secret);
    check_entries(&fields, is_secret ? "stringData" : "binaryData", !is_secret);
    fields_boolean(&fields, "immutable", false);
    if (is_secret)
        fields_text(&fields, "type", NULL);
    fields_close(&fields, false);
    return faults->n_errors == n_errors;
}

const struct node *bundle_resource(const struct bundle *bundle, const char *kind, const char *namespace,
                                   const char *name)
{
    const struct node *anywhere = NULL;

    for (size_t i = 0; i < bundle->n_resources; i++) {
        const struct node *resource = bundle->resources[i];
        const struct node *own = node_path(resource, "metadata.namespace");

        if (!text_equal(node_get(resource, "kind")->text, kind) ||
            !text_equal(node_path(resource, "metadata.name")->text, name))
            continue;
        if (own != NULL && own->kind == NODE_TEXT && text_equal(own->text, namespace))
            return resource;
        if ((own == NULL || own->kind == NODE_NULL) &&
            anywhere == NULL) /* without a namespace it stands in every one */
            anywhere = resource;
    }
    return anywhere;
}
