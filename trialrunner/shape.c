/*
 * Walking a manifest by its shape.
 */
#include "trialrunner/shape.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/status.h"

enum { SHAPE_ROW_LIMIT = 64, SHOWN_LENGTH = 80 };

bool is_placeholder(const struct node *node)
{
    return node->kind == NODE_TEXT && strstr(node->text, "${") != NULL;
}

static bool is_absent(const struct node *node)
{
    return node == NULL || node->kind == NODE_NULL;
}

static bool is_scalar(const struct node *node)
{
    return node->kind == NODE_TEXT || node->kind == NODE_BOOL || node->kind == NODE_INTEGER || node->kind == NODE_REAL;
}

static void expected(const struct shape_walk *walk, const struct node *node, const char *path, const char *what)
{
    const char *text = node_to_text(walk->arena, node);

    if (text != NULL)
        faults_error(walk->faults, walk->file, node, path, "expected %s, got \"%.*s\"", what, SHOWN_LENGTH, text);
    else
        faults_error(walk->faults, walk->file, node, path, "expected %s, got %s", what, node_kind_name(node));
}

static const char *child_path(const struct shape_walk *walk, const char *path, const char *name)
{
    return *path != '\0' ? arena_printf(walk->arena, "%s.%s", path, name) : name;
}

static const char *item_path(const struct shape_walk *walk, const char *path, size_t i)
{
    return arena_printf(walk->arena, "%s[%zu]", path, i);
}

static void check_integer(const struct shape_walk *walk, const struct node *node, const char *path, int64_t min)
{
    int64_t value;

    if (!is_placeholder(node) && (!node_to_integer(node, &value) || value < min))
        expected(walk, node, path, min > 0 ? "an integer of 1 or more" : "an integer of 0 or more");
}

static void check_scalar(const struct shape_walk *walk, const struct node *node, const char *path, enum shape_type type)
{
    const char *text = node_to_text(walk->arena, node);
    double number;

    if (type != SHAPE_QUANTITIES) {
        if (!is_scalar(node))
            expected(walk, node, path, "a text");
    } else if (text == NULL || (!is_placeholder(node) && (!number_parse_quantity(text, &number) || number < 0))) {
        expected(walk, node, path, "a quantity such as 500m, 2 or 4Gi");
    }
}

/* Each member of a list or map by the type of its row. */
static void check_members(const struct shape_walk *walk, const struct shape *row, const struct node *node,
                          const char *path)
{
    bool is_list = row->type == SHAPE_TEXTS || row->type == SHAPE_MAPS;

    if (node->kind != (is_list ? NODE_LIST : NODE_MAP)) {
        expected(walk, node, path, is_list ? "a list" : "a map");
        return;
    }
    for (size_t i = 0; i < node->length; i++) {
        const char *at = is_list ? item_path(walk, path, i) : child_path(walk, path, node->keys[i]->text);

        if (row->type == SHAPE_MAPS)
            shape_check(walk, row->shape, node->items[i], at);
        else
            check_scalar(walk, node->items[i], at, row->type);
    }
}

static void check_row(const struct shape_walk *walk, const struct shape *row, const struct node *node, const char *path)
{
    bool boolean;

    switch (row->type) {
    case SHAPE_ANY:
        break;
    case SHAPE_TEXT:
        check_scalar(walk, node, path, row->type);
        break;
    case SHAPE_INTEGER:
    case SHAPE_COUNT:
        check_integer(walk, node, path, row->type == SHAPE_COUNT);
        break;
    case SHAPE_BOOLEAN:
        if (!is_placeholder(node) && !node_to_boolean(node, &boolean))
            expected(walk, node, path, "true or false");
        break;
    case SHAPE_TEXTS:
    case SHAPE_TEXT_MAP:
    case SHAPE_QUANTITIES:
    case SHAPE_MAPS:
        check_members(walk, row, node, path);
        break;
    case SHAPE_MAP:
        shape_check(walk, row->shape, node, path);
        break;
    }
}

static const struct shape *find_row(const struct shape *shape, const char *name)
{
    for (; shape->name != NULL; shape++) {
        if (strcmp(shape->name, name) == 0)
            return shape;
    }
    return NULL;
}

static void unknown_key(const struct shape_walk *walk, const struct shape *shape, const struct node *key,
                        const char *path)
{
    const char *names[SHAPE_ROW_LIMIT + 1] = { NULL };
    size_t n = 0;

    for (; shape->name != NULL && n < SHAPE_ROW_LIMIT; shape++)
        names[n++] = shape->name;

    const char *near = text_nearest(key->text, names);
    const char *hint = near ? arena_printf(walk->arena, "; did you mean %s?", near) : "";

    if (walk->strict)
        faults_error(walk->faults, walk->file, key, path, "unknown field%s", hint);
    else
        faults_warning(walk->faults, walk->file, key, path, "unknown field%s", hint);
}

void shape_check(const struct shape_walk *walk, const struct shape *shape, const struct node *node, const char *path)
{
    if (node == NULL || node->kind != NODE_MAP) {
        if (node != NULL)
            expected(walk, node, path, "a map");
        return;
    }
    for (size_t i = 0; i < node->length; i++) {
        const struct shape *row = find_row(shape, node->keys[i]->text);
        const char *at = child_path(walk, path, node->keys[i]->text);

        if (row == NULL)
            unknown_key(walk, shape, node->keys[i], at);
        else if (!is_absent(node->items[i]))
            check_row(walk, row, node->items[i], at);
    }
    for (; shape->name != NULL; shape++) {
        if (shape->required && is_absent(node_get(node, shape->name)))
            faults_error(walk->faults, walk->file, node, child_path(walk, path, shape->name),
                         "expected a value, got nothing: it must be specified");
    }
}

void warn_once(struct faults *faults, const struct node *at, const char *path, const char *format, ...)
{
    va_list arguments;
    char message[1024];

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    for (size_t i = 0; i < faults->n; i++) {
        if (strcmp(faults->items[i].message, message) == 0)
            return;
    }
    faults_warning(faults, NULL, at, path, "%s", message);
}

/* Is it there, and does it say more than false or nothing? */
static bool is_set(const struct node *node)
{
    bool boolean;

    if (is_absent(node) || ((node->kind == NODE_MAP || node->kind == NODE_LIST) && node->length == 0))
        return false;
    return !node_to_boolean(node, &boolean) || boolean;
}

void shape_notes(const struct shape_walk *walk, const struct shape *shape, const struct node *node, const char *path)
{
    for (const struct shape *row = shape; row->name != NULL; row++) {
        const struct node *value = node_get(node, row->name);
        const char *at = child_path(walk, path, row->name);

        if (!is_set(value))
            continue;
        if (row->note != NULL)
            warn_once(walk->faults, value, at, "%s: %s", row->name, row->note);
        else if (row->type == SHAPE_MAP)
            shape_notes(walk, row->shape, value, at);
        for (size_t i = 0; row->note == NULL && row->type == SHAPE_MAPS && i < value->length; i++)
            shape_notes(walk, row->shape, value->items[i], item_path(walk, at, i));
    }
}

int first_error(const struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++) {
        const struct fault *fault = &faults->items[i];

        if (!fault->warning)
            return fail(ERR_INVALID, "%s%s%s", fault->path ? fault->path : "", fault->path ? ": " : "", fault->message);
    }
    return 0;
}
