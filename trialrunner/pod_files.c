/*
 * Volumes that are files: what to write, under which path and mode.
 */
#include "trialrunner/pod_files.h"

#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/clean_path.h"

enum { DEFAULT_MODE = 0644, MODE_MAX = 0777 };

/* Files under way. */
struct collection {
    const struct pod *pod;
    const struct node *container;
    struct mount_file *files;
    size_t n, capacity;
};

/* A plain 0644 is octal, as Kubernetes reads it. */
static int read_mode(const struct pod *pod, const struct node *map, const char *key, unsigned fallback, unsigned *mode)
{
    const struct node *node = node_get(map, key);
    int64_t value;

    *mode = fallback;
    if (node == NULL || node->kind == NODE_NULL)
        return 0;
    if (!node_to_integer(node_resolve(pod->arena, node), &value) || value < 0 || value > MODE_MAX)
        return fail(ERR_INVALID, "%s: expected a mode of 0 to 0777", key);
    *mode = (unsigned)value;
    return 0;
}

static int add(struct collection *files, const char *path, const char *content, size_t length, unsigned mode)
{
    const char *clean = path_relative(files->pod->arena, path);

    if (clean == NULL || *clean == '\0')
        return fail(ERR_INVALID, "path: expected a path below the volume, got \"%s\"", path);
    if (files->n == MOUNT_FILE_LIMIT)
        return fail(ERR_LIMIT, "more than %d files", MOUNT_FILE_LIMIT);
    if (files->n == files->capacity) {
        struct mount_file *wider = arena_array(files->pod->arena, files->capacity * 2 + 4, sizeof *wider);

        if (files->n > 0)
            memcpy(wider, files->files, files->n * sizeof *wider);
        files->files = wider;
        files->capacity = files->capacity * 2 + 4;
    }
    files->files[files->n++] = (struct mount_file){ .path = clean, .content = content, .length = length, .mode = mode };
    return 0;
}

static int add_items(struct collection *files, const char *what, const struct node *items, const struct entry *entries,
                     size_t n, bool is_optional, unsigned fallback)
{
    for (size_t i = 0; i < items->length; i++) {
        const char *key = member_text(files->pod, items->items[i], "key");
        const char *path = member_text(files->pod, items->items[i], "path");
        const struct entry *entry = key ? entry_find(entries, n, key) : NULL;
        unsigned mode;

        TRY(read_mode(files->pod, items->items[i], "mode", fallback, &mode));
        if (entry != NULL && path != NULL)
            TRY(add(files, path, entry->bytes, entry->length, mode));
        else if (!is_optional)
            return fail(ERR_NOT_FOUND, "%s has no key \"%s\"", what, key ? key : "");
    }
    return 0;
}

static int add_object(struct collection *files, const char *kind, const char *name_key, const struct node *source,
                      unsigned fallback)
{
    const char *name = member_text(files->pod, source, name_key);
    const struct node *items = node_get(source, "items");
    bool is_optional = member_boolean(source, "optional");
    const struct entry *entries;
    unsigned mode;
    size_t n;

    if (name == NULL)
        return fail(ERR_INVALID, "expected the name of a %s, got nothing", kind);
    TRY(read_mode(files->pod, source, "defaultMode", fallback, &mode));
    TRY(pod_entries(files->pod, kind, name, is_optional, &entries, &n));
    if (items != NULL && items->kind == NODE_LIST && items->length > 0)
        return add_items(files, arena_printf(files->pod->arena, "%s \"%s\"", kind, name), items, entries, n,
                         is_optional, mode);
    for (size_t i = 0; i < n; i++)
        TRY(add(files, entries[i].key, entries[i].bytes, entries[i].length, mode));
    return 0;
}

static int add_downward(struct collection *files, const struct node *source, unsigned fallback)
{
    const struct node *items = node_get(source, "items");
    unsigned default_mode;

    TRY(read_mode(files->pod, source, "defaultMode", fallback, &default_mode));
    for (size_t i = 0; items != NULL && i < items->length; i++) {
        const struct node *field = node_get(items->items[i], "fieldRef");
        const struct node *resource = node_get(items->items[i], "resourceFieldRef");
        const char *path = member_text(files->pod, items->items[i], "path"), *value;
        unsigned mode;

        TRY(read_mode(files->pod, items->items[i], "mode", default_mode, &mode));
        if (field != NULL)
            TRY(pod_field(files->pod, field, &value));
        else
            TRY(pod_resource_field(files->pod, files->container, resource, &value));
        TRY(add(files, path ? path : "", value, strlen(value), mode));
    }
    return 0;
}

static int add_source(struct collection *files, const struct node *volume, const char *secret_name_key,
                      unsigned fallback)
{
    const struct node *source;

    if ((source = node_get(volume, "configMap")) != NULL)
        return add_object(files, "ConfigMap", "name", source, fallback);
    if ((source = node_get(volume, "secret")) != NULL)
        return add_object(files, "Secret", secret_name_key, source, fallback);
    if ((source = node_get(volume, "downwardAPI")) != NULL)
        return add_downward(files, source, fallback);
    return 0;
}

bool pod_is_files(const struct node *volume)
{
    return node_get(volume, "configMap") != NULL || node_get(volume, "secret") != NULL ||
           node_get(volume, "downwardAPI") != NULL || node_get(volume, "projected") != NULL;
}

int pod_files(const struct pod *pod, const struct node *container, const struct node *volume,
              const struct mount_file **out, size_t *n)
{
    struct collection files = { .pod = pod, .container = container };
    const struct node *projected = node_get(volume, "projected"), *sources = node_get(projected, "sources");
    unsigned mode;

    TRY(read_mode(pod, projected, "defaultMode", DEFAULT_MODE, &mode));
    if (projected == NULL)
        TRY(add_source(&files, volume, "secretName", DEFAULT_MODE));
    for (size_t i = 0; sources != NULL && i < sources->length; i++)
        TRY(add_source(&files, sources->items[i], "name", mode));
    *out = files.files;
    *n = files.n;
    return 0;
}
