/*
 * Reading a map field by field.
 */
#include "base/fields.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/number.h"
#include "base/setting.h"

enum { SHOWN_LENGTH = 80 };

/* What stands there, for "got ...": a scalar as written, else its kind. */
static const char *shown(const struct fields *fields, const struct node *node)
{
    const char *text = node_to_text(fields->arena, node);

    if (text == NULL)
        return node_kind_name(node);
    if (strlen(text) > SHOWN_LENGTH)
        return arena_printf(fields->arena, "\"%.*s...\"", SHOWN_LENGTH, text);
    return arena_printf(fields->arena, node->kind == NODE_TEXT ? "\"%s\"" : "%s", text);
}

static void ask(struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n_asked; i++) {
        if (strcmp(fields->asked[i], name) == 0)
            return;
    }
    assert(fields->n_asked < FIELDS_LIMIT);
    fields->asked[fields->n_asked++] = name;
}

static void expected(struct fields *fields, const char *name, const char *what, const struct node *got)
{
    fields_error(fields, name, "expected %s, got %s", what, shown(fields, got));
}

void fields_open(struct fields *fields, const struct node *node, const char *file, const char *path,
                 struct arena *arena, struct faults *faults)
{
    *fields = (struct fields){ .file = file, .path = path, .arena = arena, .faults = faults };
    if (node == NULL || node->kind == NODE_NULL)
        return;
    if (node->kind == NODE_MAP)
        fields->map = node;
    else
        faults_error(faults, file, node, path, "expected a map, got %s", shown(fields, node));
}

bool fields_child(struct fields *fields, const char *name, struct fields *child)
{
    const struct node *node = fields_node(fields, name);

    fields_open(child, node, fields->file, fields_path(fields, name), fields->arena, fields->faults);
    return node != NULL;
}

const char *fields_path(const struct fields *fields, const char *name)
{
    if (name == NULL || *name == '\0')
        return fields->path;
    if (*fields->path == '\0')
        return arena_strdup(fields->arena, name);
    return arena_printf(fields->arena, "%s%s%s", fields->path, *name == '[' ? "" : ".", name);
}

const struct node *fields_node(struct fields *fields, const char *name)
{
    ask(fields, name);

    const struct node *node = node_get(fields->map, name);

    return node != NULL && node->kind != NODE_NULL ? node : NULL;
}

const struct node *fields_list(struct fields *fields, const char *name)
{
    const struct node *node = fields_node(fields, name);

    if (node == NULL || node->kind == NODE_LIST)
        return node;
    expected(fields, name, "a list", node);
    return NULL;
}

/* Katib's own reader takes these plain words for booleans. */
static bool is_word_for_boolean(const struct node *node)
{
    static const char *const words[] = { "y", "Y", "yes", "Yes", "YES", "on",  "On",  "ON",
                                         "n", "N", "no",  "No",  "NO",  "off", "Off", "OFF" };

    for (size_t i = 0; i < sizeof words / sizeof words[0] && node->kind == NODE_TEXT && !node->quoted; i++) {
        if (strcmp(node->text, words[i]) == 0)
            return true;
    }
    return false;
}

static void check_text(struct fields *fields, const struct node *node, const char *path)
{
    if (node != NULL && node_to_text(fields->arena, node) == NULL)
        faults_error(fields->faults, fields->file, node, path, "expected a text, got %s", node_kind_name(node));
    else if (node != NULL && is_word_for_boolean(node))
        faults_warning(fields->faults, fields->file, node, path,
                       "expected a text in quotes, got a plain %s, which Kubernetes reads as a boolean", node->text);
}

const char *fields_text(struct fields *fields, const char *name, const char *fallback)
{
    const struct node *node = fields_node(fields, name);
    const char *text = node_to_text(fields->arena, node);

    check_text(fields, node, fields_path(fields, name));
    return text ? text : fallback;
}

bool fields_boolean(struct fields *fields, const char *name, bool fallback)
{
    const struct node *node = fields_node(fields, name);
    bool value = fallback;

    if (node != NULL && !node_to_boolean(node, &value)) {
        expected(fields, name, "true or false", node);
        return fallback;
    }
    return value;
}

int64_t fields_integer(struct fields *fields, const char *name, int64_t fallback, int64_t min, int64_t max)
{
    const struct setting row = { .type = SETTING_INTEGER, .min = (double)min, .max = (double)max };
    const struct node *node = fields_node(fields, name);
    int64_t value;

    if (node == NULL)
        return fallback;
    if (node_to_integer(node, &value) && value >= min && value <= max)
        return value;
    expected(fields, name, setting_expectation(&row, fields->arena), node);
    return fallback;
}

double fields_real(struct fields *fields, const char *name, double fallback, double min, double max)
{
    const struct setting row = { .type = SETTING_NUMBER, .min = min, .max = max };
    const struct node *node = fields_node(fields, name);
    double value;

    if (node == NULL)
        return fallback;
    if (node_to_real(node, &value) && value >= min && value <= max)
        return value;
    expected(fields, name, setting_expectation(&row, fields->arena), node);
    return fallback;
}

double fields_quantity(struct fields *fields, const char *name, double fallback)
{
    const struct node *node = fields_node(fields, name);
    const char *text = node_to_text(fields->arena, node);
    double value;

    if (node == NULL)
        return fallback;
    if (text != NULL && number_parse_quantity(text, &value))
        return value;
    expected(fields, name, "a quantity such as 500m, 2 or 4Gi", node);
    return fallback;
}

static const char *join(struct arena *arena, const char *const *names)
{
    const char *joined = *names ? *names : "nothing";

    for (size_t i = 1; *names != NULL && names[i] != NULL; i++)
        joined = arena_printf(arena, "%s, %s", joined, names[i]);
    return joined;
}

int fields_choice(struct fields *fields, const char *name, int fallback, const char *const *choices)
{
    const struct node *node = fields_node(fields, name);
    const char *text = node_to_text(fields->arena, node);

    if (node == NULL)
        return fallback;
    for (int i = 0; text != NULL && choices[i] != NULL; i++) {
        if (strcmp(choices[i], text) == 0)
            return i;
    }

    const char *near = text ? text_nearest(text, choices) : NULL;

    fields_error(fields, name, "expected one of %s, got %s%s%s%s", join(fields->arena, choices), shown(fields, node),
                 near ? "; did you mean " : "", near ? near : "", near ? "?" : "");
    return fallback;
}

const char *const *fields_texts(struct fields *fields, const char *name, size_t *n)
{
    const struct node *list = fields_list(fields, name);
    size_t length = list ? list->length : 0;
    const char **texts = arena_array(fields->arena, length + 1, sizeof(char *));

    *n = 0;
    for (size_t i = 0; i < length; i++) {
        const char *text = node_to_text(fields->arena, list->items[i]);

        check_text(fields, list->items[i], arena_printf(fields->arena, "%s[%zu]", fields_path(fields, name), i));
        if (text != NULL)
            texts[(*n)++] = text;
    }
    return texts;
}

const char *fields_required(struct fields *fields, const char *name, const char *what)
{
    const struct node *node = fields_node(fields, name);
    const char *text = fields_text(fields, name, NULL);

    if (node == NULL || (text != NULL && *text == '\0'))
        fields_error(fields, name, "expected %s, got nothing", what);
    return text != NULL && *text != '\0' ? text : NULL;
}

/* Where a fault of that field is: its value, or the map that lacks it. */
static const struct node *place(const struct fields *fields, const char *name)
{
    const struct node *node = name ? node_get(fields->map, name) : NULL;

    return node ? node : fields->map;
}

void fields_error(struct fields *fields, const char *name, const char *format, ...)
{
    va_list arguments;
    char message[1024];

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    faults_error(fields->faults, fields->file, place(fields, name), fields_path(fields, name), "%s", message);
}

void fields_warning(struct fields *fields, const char *name, const char *format, ...)
{
    va_list arguments;
    char message[1024];

    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    faults_warning(fields->faults, fields->file, place(fields, name), fields_path(fields, name), "%s", message);
}

static bool was_asked(const struct fields *fields, const char *name)
{
    for (size_t i = 0; i < fields->n_asked; i++) {
        if (strcmp(fields->asked[i], name) == 0)
            return true;
    }
    return false;
}

void fields_close(struct fields *fields, bool strict)
{
    for (size_t i = 0; fields->map != NULL && i < fields->map->length; i++) {
        const struct node *key = fields->map->keys[i];

        if (was_asked(fields, key->text))
            continue;

        const char *path = fields_path(fields, key->text), *near = text_nearest(key->text, fields->asked);
        const char *hint = near ? arena_printf(fields->arena, "; did you mean %s?", near) : "";

        if (strict)
            faults_error(fields->faults, fields->file, key, path, "unknown field%s", hint);
        else
            faults_warning(fields->faults, fields->file, key, path, "unknown field%s", hint);
    }
}
