/*
 * Reading JSON by jansson.
 */
#include "base/json.h"

#include <jansson.h>

#include "base/status.h"

static int convert(const json_t *value, unsigned depth, struct arena *arena, struct node **node);

static int convert_list(const json_t *value, unsigned depth, struct arena *arena, struct node *list)
{
    for (size_t i = 0; i < json_array_size(value); i++) {
        struct node *item;

        TRY(convert(json_array_get(value, i), depth + 1, arena, &item));
        node_add(arena, list, item);
    }
    return 0;
}

static int convert_map(json_t *value, unsigned depth, struct arena *arena, struct node *map)
{
    const char *key;
    json_t *member;

    json_object_foreach(value, key, member)
    {
        struct node *item;

        TRY(convert(member, depth + 1, arena, &item));
        node_append(arena, map, node_text(arena, key), item);
    }
    return 0;
}

static int convert(const json_t *value, unsigned depth, struct arena *arena, struct node **node)
{
    if (depth > JSON_DEPTH_LIMIT)
        return fail(ERR_INVALID, "expected JSON of at most %d levels, got more", JSON_DEPTH_LIMIT);
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        *node = node_map(arena);
        return convert_map((json_t *)value, depth, arena, *node);
    case JSON_ARRAY:
        *node = node_list(arena);
        return convert_list(value, depth, arena, *node);
    case JSON_STRING:
        *node = node_text_bytes(arena, json_string_value(value), json_string_length(value));
        return 0;
    case JSON_INTEGER:
        *node = node_integer(arena, json_integer_value(value));
        return 0;
    case JSON_REAL:
        *node = node_real(arena, json_real_value(value));
        return 0;
    case JSON_TRUE:
    case JSON_FALSE:
        *node = node_boolean(arena, json_is_true(value));
        return 0;
    default:
        *node = node_null(arena);
        return 0;
    }
}

int json_read(const char *text, size_t length, struct arena *arena, struct node **root)
{
    enum { FLAGS = JSON_DECODE_ANY | JSON_REJECT_DUPLICATES };
    json_error_t error;
    json_t *value = json_loadb(text, length, FLAGS, &error);

    /* An integer too large for 64 bits: all numbers of this text become real. */
    if (value == NULL && json_error_code(&error) == json_error_numeric_overflow)
        value = json_loadb(text, length, FLAGS | JSON_DECODE_INT_AS_REAL, &error);
    if (value == NULL)
        return fail(ERR_INVALID, "expected JSON, got an error at line %d, column %d: %s", error.line, error.column,
                    error.text);

    int status = convert(value, 1, arena, root);

    json_decref(value);
    return status;
}
