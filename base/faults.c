/*
 * The list of faults.
 */
#include "base/faults.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MESSAGE_SIZE = 1024, PATH_LIMIT = 256 };

/* What is shown was written by others: control characters and half characters become '?', so that it stays one line. */
static void make_printable(char *text)
{
    size_t bad;

    for (char *c = text; *c != '\0'; c++) {
        if ((unsigned char)*c < 0x20 || *c == 0x7F)
            *c = '?';
    }
    while (!text_is_utf8(text, strlen(text), &bad))
        text[bad] = '?';
}

static const char *printable(struct arena *arena, const char *text, size_t limit)
{
    if (text == NULL)
        return NULL;

    char *copy = arena_strndup(arena, text, strnlen(text, limit));

    make_printable(copy);
    return copy;
}

static void note(struct faults *faults, bool is_warning, const char *file, const struct node *at, const char *path,
                 const char *format, va_list arguments)
{
    char message[MESSAGE_SIZE];

    if (is_warning)
        faults->n_warnings++;
    else
        faults->n_errors++;
    if (faults->n == FAULTS_LIMIT)
        return;
    vsnprintf(message, sizeof message, format, arguments);
    faults->items = grow(faults->items, faults->n, &faults->capacity, sizeof *faults->items);
    faults->items[faults->n++] = (struct fault){
        .warning = is_warning,
        .file = printable(&faults->arena, file, PATH_LIMIT * 16),
        .line = at ? at->line : 0,
        .column = at ? at->column : 0,
        .path = path && *path ? printable(&faults->arena, path, PATH_LIMIT) : NULL,
        .message = printable(&faults->arena, message, sizeof message),
    };
}

void faults_error(struct faults *faults, const char *file, const struct node *at, const char *path, const char *format,
                  ...)
{
    va_list arguments;

    va_start(arguments, format);
    note(faults, false, file, at, path, format, arguments);
    va_end(arguments);
}

void faults_warning(struct faults *faults, const char *file, const struct node *at, const char *path,
                    const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    note(faults, true, file, at, path, format, arguments);
    va_end(arguments);
}

void faults_make_strict(struct faults *faults)
{
    for (size_t i = 0; i < faults->n; i++)
        faults->items[i].warning = false;
    faults->n_errors += faults->n_warnings;
    faults->n_warnings = 0;
}

static int compare(const void *a, const void *b)
{
    const struct fault *left = *(const struct fault *const *)a, *right = *(const struct fault *const *)b;
    int order = strcmp(left->file ? left->file : "", right->file ? right->file : "");

    if (order == 0)
        order = (left->line > right->line) - (left->line < right->line);
    if (order == 0)
        order = (left->column > right->column) - (left->column < right->column);
    return order ? order : (left > right) - (left < right); /* both point into items: the order of finding */
}

static void print_one(const struct fault *fault, struct text *out)
{
    if (fault->file != NULL)
        text_printf(out, "%s:", fault->file);
    if (fault->line > 0)
        text_printf(out, "%u:%u:", fault->line, fault->column);
    if (fault->file != NULL || fault->line > 0)
        text_add_char(out, ' ');
    if (fault->warning)
        text_add(out, "warning: ");
    if (fault->path != NULL)
        text_printf(out, "%s: ", fault->path);
    text_printf(out, "%s\n", fault->message);
}

void faults_print(const struct faults *faults, struct text *out)
{
    const struct fault **order = xcalloc(faults->n, sizeof(struct fault *));
    size_t n_left = faults->n_errors + faults->n_warnings - faults->n;

    for (size_t i = 0; i < faults->n; i++)
        order[i] = &faults->items[i];
    qsort(order, faults->n, sizeof(struct fault *), compare);
    for (size_t i = 0; i < faults->n; i++)
        print_one(order[i], out);
    if (n_left > 0)
        text_printf(out, "and %zu more\n", n_left);
    free(order);
}

void faults_release(struct faults *faults)
{
    arena_release(&faults->arena);
    free(faults->items);
    *faults = (struct faults){ 0 };
}
