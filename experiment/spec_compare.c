/*
 * In what two Experiments differ, once defaults are in: so that a file that only spells the same thing otherwise is the same.
 */
#include <string.h>

#include "base/json.h"
#include "experiment/spec.h"

enum { SHOWN_LIMIT = 100 }; /* bytes of a value */

static const char *const budget_paths[] = { "spec.parallelTrialCount", "spec.maxTrialCount",
                                            "spec.maxFailedTrialCount" };

struct comparison {
    struct arena *arena;
    struct text *out;
    size_t n, n_budget;
};

static void add_value(const struct node *node, struct text *out)
{
    struct text json = { 0 };
    size_t length;

    if (node == NULL) {
        text_add(out, "nothing");
        return;
    }
    json_write(node, JSON_COMPACT, &json);
    length = json.length;
    if (length > SHOWN_LIMIT) {
        length = SHOWN_LIMIT;
        while (length > 0 && ((unsigned char)json.data[length] & 0xC0) == 0x80) /* never within a character */
            length--;
    }
    text_add_bytes(out, text_string(&json), length);
    text_add(out, length < json.length ? "..." : "");
    text_release(&json);
}

static void add_difference(struct comparison *comparison, const char *path, const struct node *old,
                           const struct node *new)
{
    comparison->n++;
    for (size_t i = 0; i < sizeof budget_paths / sizeof *budget_paths; i++)
        comparison->n_budget += text_equal(path, budget_paths[i]);
    text_printf(comparison->out, "%s: ", path);
    add_value(old, comparison->out);
    text_add(comparison->out, " -> ");
    add_value(new, comparison->out);
    text_add_char(comparison->out, '\n');
}

static void compare(struct comparison *comparison, const char *path, const struct node *old, const struct node *new);

static void compare_maps(struct comparison *comparison, const char *path, const struct node *old,
                         const struct node *new)
{
    for (size_t i = 0; i < old->length; i++) {
        const char *key = old->keys[i]->text;

        compare(comparison, arena_printf(comparison->arena, "%s.%s", path, key), old->items[i], node_get(new, key));
    }
    for (size_t i = 0; i < new->length; i++) {
        const char *key = new->keys[i]->text;

        if (node_get(old, key) == NULL)
            compare(comparison, arena_printf(comparison->arena, "%s.%s", path, key), NULL, new->items[i]);
    }
}

static void compare_lists(struct comparison *comparison, const char *path, const struct node *old,
                          const struct node *new)
{
    for (size_t i = 0; i < old->length || i < new->length; i++)
        compare(comparison, arena_printf(comparison->arena, "%s[%zu]", path, i), i < old->length ? old->items[i] : NULL,
                i < new->length ? new->items[i] : NULL);
}

static bool is_nothing(const struct node *node)
{
    return node == NULL || node->kind == NODE_NULL;
}

static void compare(struct comparison *comparison, const char *path, const struct node *old, const struct node *new)
{
    if (is_nothing(old) && is_nothing(new))
        return;
    if (old != NULL && new != NULL && old->kind == NODE_MAP &&new->kind == NODE_MAP)
        compare_maps(comparison, path, old, new);
    else if (old != NULL && new != NULL && old->kind == NODE_LIST &&new->kind == NODE_LIST)
        compare_lists(comparison, path, old, new);
    else if (is_nothing(old) || is_nothing(new) || !node_equal(old, new))
        add_difference(comparison, path, is_nothing(old) ? NULL : old, is_nothing(new) ? NULL : new);
}

size_t spec_differences(const struct spec *old, const struct spec *new, struct text *out, bool *only_budget)
{
    struct arena arena = { 0 };
    struct comparison comparison = { .arena = &arena, .out = out };
    const struct node *old_root = spec_to_node(old, &arena), *new_root = spec_to_node(new, &arena);

    compare(&comparison, "metadata.labels", node_path(old_root, "metadata.labels"),
            node_path(new_root, "metadata.labels"));
    compare(&comparison, "spec", node_get(old_root, "spec"), node_get(new_root, "spec"));
    arena_release(&arena);
    *only_budget = comparison.n == comparison.n_budget;
    return comparison.n;
}
