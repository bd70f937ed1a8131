/*
 * What ConfigMaps and Secrets hold: `data` and `stringData` as text, `binaryData` and a Secret's `data` from base64.
 */
#include <string.h>

#include "base/status.h"
#include "base/text.h"
#include "trialrunner/pod_parts.h"

static int digit_value(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = c != '\0' ? strchr(digits, c) : NULL;

    return at ? (int)(at - digits) : -1;
}

/* Line ends are passed over, as Kubernetes does. */
static bool decode_base64(const char *text, struct arena *arena, char **bytes, size_t *length)
{
    unsigned buffer = 0;
    size_t n_digits = 0, n_padding = 0, n = 0;
    char *out = arena_alloc(arena, strlen(text) / 4 * 3 + 4);

    for (; *text != '\0'; text++) {
        int digit = digit_value(*text);

        if (*text == '\n' || *text == '\r')
            continue;
        if (*text == '=' && ++n_padding <= 2)
            continue;
        if (digit < 0 || n_padding > 0)
            return false;
        buffer = buffer << 6 | (unsigned)digit;
        n_digits++;
        if (n_digits % 4 != 1)
            out[n++] = (char)(buffer >> (6 - 2 * ((n_digits - 1) % 4)) & 0xFF);
    }
    *bytes = out;
    *length = n;
    return n_digits % 4 != 1 && (n_digits + n_padding) % 4 == 0;
}

static void put(struct entry *entries, size_t *n, struct entry entry)
{
    struct entry *old = (struct entry *)entry_find(entries, *n, entry.key);

    if (old != NULL)
        *old = entry;
    else
        entries[(*n)++] = entry;
}

static int read_map(const struct pod *pod, const char *kind, const char *name, const struct node *map, bool is_base64,
                    struct entry *entries, size_t *n)
{
    for (size_t i = 0; map != NULL && map->kind == NODE_MAP && i < map->length; i++) {
        const char *text = map->items[i]->kind == NODE_NULL ? "" : node_to_text(pod->arena, map->items[i]);
        struct entry entry = { .key = map->keys[i]->text, .bytes = text, .length = text ? strlen(text) : 0 };

        if (text == NULL)
            return fail(ERR_INVALID, "%s \"%s\": key \"%s\": expected a text, got %s", kind, name, entry.key,
                        node_kind_name(map->items[i]));
        if (is_base64 && !decode_base64(text, pod->arena, (char **)&entry.bytes, &entry.length))
            return fail(ERR_INVALID, "%s \"%s\": key \"%s\": expected base64", kind, name, entry.key);
        put(entries, n, entry);
    }
    return 0;
}

static size_t n_members(const struct node *map)
{
    return map != NULL && map->kind == NODE_MAP ? map->length : 0;
}

int pod_entries(const struct pod *pod, const char *kind, const char *name, bool optional, const struct entry **entries,
                size_t *n)
{
    const struct plan_context *context = pod->context;
    const struct node *object = context->resource ? context->resource(context->resource_owner, kind, name) : NULL;
    bool is_secret = strcmp(kind, "Secret") == 0;
    const struct node *data = node_get(object, "data");
    const struct node *more = node_get(object, is_secret ? "stringData" : "binaryData");
    struct entry *found = arena_array(pod->arena, n_members(data) + n_members(more), sizeof *found);

    *entries = found;
    *n = 0;
    if (object == NULL && !optional)
        return fail(ERR_NOT_FOUND,
                    "%s \"%s\" is not there: put its document into the Experiment's file, or give it by --with FILE",
                    kind, name);
    TRY(read_map(pod, kind, name, data, is_secret, found, n));
    return read_map(pod, kind, name, more, !is_secret, found, n);
}

const struct entry *entry_find(const struct entry *entries, size_t n, const char *key)
{
    for (size_t i = 0; i < n; i++) {
        if (strcmp(entries[i].key, key) == 0)
            return &entries[i];
    }
    return NULL;
}
