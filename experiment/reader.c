/*
 * Small steps that every part of the reader takes.
 */
#include "experiment/reader.h"

#include <assert.h>
#include <ctype.h>
#include <string.h>

#include "experiment/explain.h"

const struct node *reader_list(struct fields *fields, const char *name, size_t limit)
{
    const struct node *list = fields_list(fields, name);

    if (list != NULL && list->length > limit) {
        fields_error(fields, name, "expected at most %zu members, got %zu", limit, list->length);
        return NULL;
    }
    return list;
}

const char *const *reader_texts(struct fields *fields, const char *name, size_t limit, size_t *n,
                                const struct node **list)
{
    const char *const *texts = NULL;

    *n = 0;
    *list = reader_list(fields, name, limit);
    if (*list != NULL)
        texts = fields_texts(fields, name, n);
    if (*list != NULL && *n < (*list)->length)
        *n = 0;
    return texts;
}

bool reader_child(struct fields *fields, const char *name, const char *what, struct fields *child)
{
    if (!fields_child(fields, name, child))
        fields_error(fields, name, "expected %s, got nothing", what);
    return child->map != NULL;
}

bool reader_open_item(const struct reader *reader, const struct fields *fields, const char *name,
                      const struct node *list, size_t i, struct fields *item)
{
    const char *path = arena_printf(reader->arena, "%s[%zu]", fields_path(fields, name), i);

    fields_open(item, list->items[i], reader->file, path, reader->arena, reader->faults);
    if (list->items[i]->kind == NODE_NULL)
        faults_error(reader->faults, reader->file, list->items[i], path, "expected a map, got nothing");
    return item->map != NULL;
}

int reader_choice(struct fields *fields, const char *name, const char *const *choices)
{
    struct text names = { 0 };

    if (fields_node(fields, name) != NULL)
        return fields_choice(fields, name, -1, choices);
    for (size_t i = 0; choices[i] != NULL; i++)
        text_printf(&names, "%s%s", i > 0 ? ", " : "", choices[i]);
    fields_error(fields, name, "expected one of %s, got nothing", text_string(&names));
    text_release(&names);
    return -1;
}

void reader_close(const struct reader *reader, struct fields *fields)
{
    for (size_t i = 0; i < fields->n_asked; i++)
        assert(explain_find(fields_path(fields, fields->asked[i])) != NULL);
    fields_close(fields, reader->strict);
}

void reader_missing(struct reader *reader, const char *path, const char *name)
{
    text_printf(&reader->missing, "%s%s%s%s", reader->missing.length > 0 ? "; " : "", path, name != NULL ? ": " : "",
                name != NULL ? name : "");
}

bool name_is_valid(const char *name, size_t limit, bool may_start_with_digit)
{
    size_t length = strlen(name);

    if (length == 0 || length > limit || name[length - 1] == '-')
        return false;
    if (!islower((unsigned char)name[0]) && !(may_start_with_digit && isdigit((unsigned char)name[0])))
        return false;
    return strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == length;
}
