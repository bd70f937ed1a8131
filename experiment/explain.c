/*
 * Finding and showing rows of experiment_fields.
 */
#include "experiment/explain.h"

#include <string.h>

#include "base/memory.h"
#include "base/status.h"

/* Are the paths the same but for [...]? */
static bool is_same_path(const char *a, const char *b)
{
    while (true) {
        while (*a == '[')
            a += strcspn(a, "]") + (strchr(a, ']') != NULL);
        while (*b == '[')
            b += strcspn(b, "]") + (strchr(b, ']') != NULL);
        if (*a != *b)
            return false;
        if (*a == '\0')
            return true;
        a++, b++;
    }
}

const struct field_help *explain_find(const char *path)
{
    for (const struct field_help *field = experiment_fields; field->path != NULL; field++) {
        if (is_same_path(field->path, path))
            return field;
    }
    return NULL;
}

/* Last name of a path. */
static const char *leaf(const char *path)
{
    const char *dot = strrchr(path, '.');

    return dot != NULL ? dot + 1 : path;
}

/* Is field a child of the path (length bytes; 0: the root)? */
static bool is_child(const struct field_help *field, const char *path, size_t length)
{
    const char *rest = field->path + length;

    if (length == 0)
        return strchr(rest, '.') == NULL;
    if (strncmp(field->path, path, length) != 0)
        return false;
    if (text_starts_with(rest, "[]"))
        rest += 2;
    return *rest == '.' && strchr(rest + 1, '.') == NULL;
}

static void add_row(const struct field_help *field, const char *name, int width, struct text *out)
{
    text_printf(out, "  %-*s  %s", width, name, field->type);
    if (text_equal(field->fallback, "required"))
        text_add(out, ", required");
    else if (field->fallback != NULL)
        text_printf(out, ", default: %s", field->fallback);
    text_printf(out, "%s\n  %-*s    %s\n", field->ours ? " (Hone's own)" : "", width, "", field->help);
}

static void add_children(const char *path, struct text *out)
{
    size_t length = strlen(path);
    int width = 0;

    for (const struct field_help *field = experiment_fields; field->path != NULL; field++) {
        if (is_child(field, path, length) && (int)strlen(leaf(field->path)) > width)
            width = (int)strlen(leaf(field->path));
    }
    if (width == 0)
        return;
    text_add(out, "\nFields:\n");
    for (const struct field_help *field = experiment_fields; field->path != NULL; field++) {
        if (is_child(field, path, length))
            add_row(field, leaf(field->path), width, out);
    }
}

/* A path that the person may have meant: one that ends so, or the nearest. NULL: none. */
static const char *find_similar(const char *path, struct arena *arena)
{
    const char **names;
    size_t n = 0;

    for (const struct field_help *field = experiment_fields; field->path != NULL; field++) {
        if (is_same_path(leaf(field->path), leaf(path)))
            return field->path;
        n++;
    }
    names = arena_array(arena, n + 1, sizeof *names);
    for (size_t i = 0; i < n; i++)
        names[i] = experiment_fields[i].path;
    return text_nearest(path, names);
}

int explain_field(const char *path, struct text *out)
{
    const struct field_help *field;

    if (path == NULL || *path == '\0') {
        text_add(out, "An Experiment (kubeflow.org/v1beta1).\n");
        add_children("", out);
        return 0;
    }
    field = explain_find(path);
    if (field == NULL) {
        struct arena arena = { 0 };
        const char *similar = find_similar(path, &arena);
        int code = similar != NULL
                       ? fail(ERR_NOT_FOUND, "no field \"%s\"; did you mean %s?", path, similar)
                       : fail(ERR_NOT_FOUND, "no field \"%s\"; `hone explain` lists them from the top", path);

        arena_release(&arena);
        return code;
    }
    add_row(field, field->path, 0, out);
    add_children(field->path, out);
    return 0;
}
