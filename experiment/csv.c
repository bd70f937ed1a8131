/*
 * Reading of comma-separated values.
 */
#include "experiment/csv.h"

#include <stdlib.h>
#include <string.h>

#include "base/status.h"
#include "base/text.h"

struct reading {
    const char *at, *end;
    struct arena *arena;
    size_t line, n_cells, capacity;
    const char **cells;
};

static int read_quoted(struct reading *reading, struct text *cell)
{
    size_t line = reading->line;

    for (reading->at++; reading->at < reading->end; reading->at++) {
        bool is_quote = *reading->at == '"';

        if (is_quote && (reading->at + 1 == reading->end || reading->at[1] != '"')) {
            reading->at++;
            return 0;
        }
        reading->at += is_quote;
        reading->line += *reading->at == '\n';
        text_add_char(cell, *reading->at);
    }
    return fail(ERR_INVALID, "line %zu: a quote that is not closed", line);
}

static bool is_at_cell_end(const struct reading *reading)
{
    return reading->at == reading->end || *reading->at == ',' || *reading->at == '\n' ||
           (*reading->at == '\r' && (reading->at + 1 == reading->end || reading->at[1] == '\n'));
}

static int read_cell(struct reading *reading)
{
    struct text cell = { 0 };
    bool is_quoted = reading->at < reading->end && *reading->at == '"';
    int status = is_quoted ? read_quoted(reading, &cell) : 0;

    if (is_quoted && status == 0 && !is_at_cell_end(reading))
        status = fail(ERR_INVALID,
                      "line %zu: expected a comma or the end of the line after a closing quote, got \"%c\"",
                      reading->line, *reading->at);
    for (; status == 0 && !is_at_cell_end(reading); reading->at++)
        text_add_char(&cell, *reading->at);
    reading->cells = grow(reading->cells, reading->n_cells, &reading->capacity, sizeof *reading->cells);
    reading->cells[reading->n_cells++] = arena_strdup(reading->arena, text_string(&cell));
    text_release(&cell);
    return status;
}

/* To the end of the line: the number of its cells. */
static int read_row(struct reading *reading, size_t *n)
{
    for (*n = 1;; ++*n) {
        TRY(read_cell(reading));
        if (reading->at == reading->end || *reading->at != ',')
            break;
        reading->at++;
    }
    reading->at += reading->at < reading->end && *reading->at == '\r';
    reading->at += reading->at < reading->end && *reading->at == '\n';
    return 0;
}

static void pass_blank_lines(struct reading *reading)
{
    for (; reading->at < reading->end && is_at_cell_end(reading) && *reading->at != ','; reading->at++)
        reading->line += *reading->at == '\n';
}

static int read_rows(struct reading *reading, struct csv *csv)
{
    for (pass_blank_lines(reading); reading->at < reading->end;
         csv->n_rows++, reading->line++, pass_blank_lines(reading)) {
        size_t line = reading->line, n;

        TRY(read_row(reading, &n));
        if (csv->n_rows == 0)
            csv->n_columns = n;
        if (n != csv->n_columns)
            return fail(ERR_INVALID, "line %zu: expected %zu cells as in the first line, got %zu", line, csv->n_columns,
                        n);
    }
    return csv->n_rows > 0 ? 0 : fail(ERR_INVALID, "line 1: expected the names of the columns, got nothing");
}

int csv_read(const char *text, size_t length, struct arena *arena, struct csv *csv)
{
    struct reading reading = { .at = text, .end = text + length, .arena = arena, .line = 1 };
    int status;

    *csv = (struct csv){ 0 };
    if (length >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0) /* the byte order mark of spreadsheets */
        reading.at += 3;
    if (length > 0 && memchr(text, '\0', length) != NULL)
        return fail(ERR_INVALID, "expected text, got a NUL byte");
    status = read_rows(&reading, csv);
    csv->cells = arena_array(arena, reading.n_cells, sizeof *csv->cells);
    if (reading.n_cells > 0)
        memcpy(csv->cells, reading.cells, reading.n_cells * sizeof *csv->cells);
    free(reading.cells);
    return status;
}
