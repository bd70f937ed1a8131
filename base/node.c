/*
 * Trees of values: building them and looking into them.
 */
#include "base/node.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_CAPACITY = 4 };

static struct node *new_node(struct arena *arena, enum node_kind kind)
{
    struct node *node = arena_alloc(arena, sizeof *node);

    node->kind = kind;
    return node;
}

struct node *node_null(struct arena *arena)
{
    return new_node(arena, NODE_NULL);
}

struct node *node_boolean(struct arena *arena, bool value)
{
    struct node *node = new_node(arena, NODE_BOOL);

    node->boolean = value;
    return node;
}

struct node *node_integer(struct arena *arena, int64_t value)
{
    struct node *node = new_node(arena, NODE_INTEGER);

    node->integer = value;
    return node;
}

struct node *node_real(struct arena *arena, double value)
{
    struct node *node = new_node(arena, NODE_REAL);

    node->real = value;
    return node;
}

struct node *node_text(struct arena *arena, const char *text)
{
    return text ? node_text_bytes(arena, text, strlen(text)) : node_null(arena);
}

struct node *node_text_bytes(struct arena *arena, const char *text, size_t length)
{
    struct node *node = node_bytes(arena, text, length);

    node->kind = NODE_TEXT;
    node->quoted = true;
    return node;
}

struct node *node_bytes(struct arena *arena, const void *bytes, size_t length)
{
    struct node *node = new_node(arena, NODE_BYTES);

    node->text = arena_strndup(arena, bytes, length);
    node->length = length;
    return node;
}

struct node *node_list(struct arena *arena)
{
    return new_node(arena, NODE_LIST);
}

struct node *node_map(struct arena *arena)
{
    return new_node(arena, NODE_MAP);
}

static struct node **grown(struct arena *arena, struct node **old, size_t length, size_t capacity)
{
    struct node **wider = arena_array(arena, capacity, sizeof(struct node *));

    if (length > 0)
        memcpy(wider, old, length * sizeof(struct node *));
    return wider;
}

static void make_room(struct arena *arena, struct node *parent)
{
    if (parent->length < parent->capacity)
        return;
    parent->capacity = parent->capacity ? parent->capacity * 2 : FIRST_CAPACITY;
    parent->items = grown(arena, parent->items, parent->length, parent->capacity);
    if (parent->kind == NODE_MAP)
        parent->keys = grown(arena, parent->keys, parent->length, parent->capacity);
}

struct node *node_add(struct arena *arena, struct node *list, struct node *item)
{
    assert(list->kind == NODE_LIST);
    make_room(arena, list);
    list->items[list->length++] = item;
    return item;
}

void node_append(struct arena *arena, struct node *map, struct node *key, struct node *value)
{
    assert(map->kind == NODE_MAP && key->kind == NODE_TEXT);
    make_room(arena, map);
    map->keys[map->length] = key;
    map->items[map->length++] = value;
}

/* Position of a key; length when absent. */
static size_t find(const struct node *map, const char *key)
{
    size_t i = 0;

    while (i < map->length && strcmp(map->keys[i]->text, key) != 0)
        i++;
    return i;
}

struct node *node_set(struct arena *arena, struct node *map, const char *key, struct node *value)
{
    assert(map->kind == NODE_MAP);

    size_t i = find(map, key);

    if (i < map->length)
        map->items[i] = value;
    else
        node_append(arena, map, node_text(arena, key), value);
    return value;
}

void node_remove(struct node *map, const char *key)
{
    size_t i = find(map, key);

    if (i == map->length)
        return;
    map->length--;
    memmove(map->keys + i, map->keys + i + 1, (map->length - i) * sizeof(struct node *));
    memmove(map->items + i, map->items + i + 1, (map->length - i) * sizeof(struct node *));
}

struct node *node_get(const struct node *node, const char *key)
{
    if (node == NULL || node->kind != NODE_MAP)
        return NULL;

    size_t i = find(node, key);

    return i < node->length ? node->items[i] : NULL;
}

struct node *node_path(const struct node *node, const char *path)
{
    struct node *found = NULL;

    for (;;) {
        const char *dot = strchrnul(path, '.');
        char *key = strndup(path, (size_t)(dot - path));

        if (key == NULL)
            abort();
        found = node_get(node, key);
        free(key);
        if (found == NULL || *dot == '\0')
            return found;
        node = found;
        path = dot + 1;
    }
}
