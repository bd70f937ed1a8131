/*
 * Tables for terminals: columns as wide as they need to be, numbers to the right, lines cut at the terminal's edge.
 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "cli/output.h"

enum { GAP = 2 }; /* spaces between columns */

/* States and the SGR code they are shown in. */
static const struct {
    const char *state, *code;
} state_colors[] = {
    { "Succeeded", "32" }, { "Running", "34" },      { "Created", "34" },
    { "Failed", "31" },    { "EarlyStopped", "33" }, { "MetricsUnavailable", "31" },
    { "Killed", "33" },    { "Stopped", "33" },      { "Restarting", "34" },
};

void table_column(struct table *table, const char *title, enum column_kind kind)
{
    table->columns = grow(table->columns, table->n_columns, &table->columns_capacity, sizeof *table->columns);
    table->columns[table->n_columns++] = (struct table_column){ arena_strdup(&table->arena, title), kind };
}

void table_cell(struct table *table, const char *text)
{
    table->cells = grow(table->cells, table->n_cells, &table->cells_capacity, sizeof *table->cells);
    table->cells[table->n_cells++] = text ? arena_strdup(&table->arena, text) : NULL;
}

void table_release(struct table *table)
{
    free(table->columns);
    free(table->cells);
    arena_release(&table->arena);
    *table = (struct table){ 0 };
}

/* Append text up to `room` columns wide (what is no character of the locale or not printable becomes ?); returns its width.
   out may be NULL: only measure. */
static int add_visible(const char *text, int room, struct text *out)
{
    mbstate_t state = { 0 };
    int width = 0;

    while (*text) {
        wchar_t c;
        size_t n = mbrtowc(&c, text, strlen(text), &state);
        bool is_shown = n > 0 && n <= strlen(text) && iswprint((wint_t)c) && wcwidth(c) >= 0;
        int cell = is_shown ? wcwidth(c) : 1;

        if (!is_shown) {
            n = n > 0 && n <= strlen(text) ? n : 1;
            state = (mbstate_t){ 0 };
        }
        if (width + cell > room)
            break;
        if (out && is_shown)
            text_add_bytes(out, text, n);
        else if (out)
            text_add_char(out, '?');
        width += cell;
        text += n;
    }
    return width;
}

static int visible_width(const char *text)
{
    return add_visible(text, 1 << 20, NULL);
}

static const char *color_of(const char *state)
{
    for (size_t i = 0; i < sizeof state_colors / sizeof *state_colors; i++)
        if (text_equal(state_colors[i].state, state))
            return state_colors[i].code;
    return NULL;
}

/* One cell within `room` columns, padded to width unless it is the last; returns the columns it took. */
static int write_cell(const char *text, enum column_kind kind, int width, bool is_last, int room, bool color,
                      struct text *out)
{
    int own = visible_width(text), pad = width - own, used = 0;
    const char *code = color && kind == COLUMN_STATE ? color_of(text) : NULL;

    for (int i = 0; kind == COLUMN_NUMBER && i < pad && used < room; i++, used++)
        text_add_char(out, ' ');
    if (code)
        text_printf(out, "\033[%sm", code);
    used += add_visible(text, room - used, out);
    if (code)
        text_add(out, "\033[0m");
    for (int i = 0; kind != COLUMN_NUMBER && !is_last && i < pad && used < room; i++, used++)
        text_add_char(out, ' ');
    return used;
}

static void write_row(const struct table *table, const char *const *cells, const int *widths, int room, bool color,
                      struct text *out)
{
    size_t n = table->n_columns;

    for (size_t i = 0; i < n && room > 0; i++) {
        room -= write_cell(cells[i] ? cells[i] : "-", table->columns[i].kind, widths[i], i + 1 == n, room, color, out);
        for (int gap = 0; i + 1 < n && gap < GAP && room > 0; gap++, room--)
            text_add_char(out, ' ');
    }
    while (out->length > 0 && out->data[out->length - 1] == ' ')
        out->data[--out->length] = '\0';
    text_add_char(out, '\n');
}

void table_write(const struct table *table, int width, bool color, struct text *out)
{
    size_t n = table->n_columns;
    int *widths = xcalloc(n + 1, sizeof *widths);
    const char **titles = xcalloc(n + 1, sizeof *titles);
    int room = width > 0 ? width : 1 << 20;

    assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        titles[i] = table->columns[i].title;
        widths[i] = visible_width(titles[i]);
    }
    for (size_t i = 0; i < table->n_cells; i++) {
        int own = visible_width(table->cells[i] ? table->cells[i] : "-");
        widths[i % n] = own > widths[i % n] ? own : widths[i % n];
    }
    write_row(table, titles, widths, room, false, out);
    for (size_t row = 0; row < table->n_cells / n; row++)
        write_row(table, table->cells + row * n, widths, room, color, out);
    free(titles);
    free(widths);
}

static void write_csv_field(const char *text, struct text *out)
{
    bool is_quoted = strpbrk(text, ",\"\r\n") != NULL;

    if (is_quoted)
        text_add_char(out, '"');
    for (; *text; text++) {
        if (*text == '"')
            text_add_char(out, '"');
        text_add_char(out, *text);
    }
    if (is_quoted)
        text_add_char(out, '"');
}

void table_write_csv(const struct table *table, struct text *out)
{
    size_t n = table->n_columns;

    assert(n > 0);
    for (size_t i = 0; i < n; i++) {
        write_csv_field(table->columns[i].title, out);
        text_add_char(out, i + 1 == n ? '\n' : ',');
    }
    for (size_t i = 0; i < table->n_cells; i++) {
        write_csv_field(table->cells[i] ? table->cells[i] : "", out);
        text_add_char(out, i % n + 1 == n ? '\n' : ',');
    }
}

void table_print(const struct table *table)
{
    struct text out = { 0 };

    table_write(table, output_width(STDOUT_FILENO), output_has_color(STDOUT_FILENO), &out);
    fputs(text_string(&out), stdout);
    text_release(&out);
}
