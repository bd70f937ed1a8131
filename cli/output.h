/*
 * How results and remarks look: data on stdout, talk on stderr, colours and tables only as far as the terminal goes.
 */
#ifndef HONE_CLI_OUTPUT_H
#define HONE_CLI_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

#include "base/node.h"
#include "cli/verbs.h"

/* What the options and the environment (NO_COLOR, CLICOLOR_FORCE, TERM) ask for. Called once, before anything is printed. */
void output_setup(const struct command *command);
bool output_is_quiet(void);
bool output_is_utf8(void);
bool output_has_color(int descriptor);
int output_width(int descriptor); /* columns of the terminal; 0: no terminal */

/* One line on stderr, `hone: ` before it: remarks, not with --quiet. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* `hone: ` and the message of the last fail(), on stderr. */
void complain(void);
/* complain() about a command line; returns EXIT_USAGE. */
int usage_error(void);

void print_json(const struct node *node); /* indented, on stdout */
void print_yaml(const struct node *node);
/* Text from outside with its control bytes (but newline and tab) replaced, indented by so many spaces. */
void print_lines(FILE *file, const char *text, int indent);

enum column_kind { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_STATE };

/* Rows of cells, measured when they are printed. A zeroed struct is ready; it must have a column before it is written. */
struct table {
    struct arena arena;
    size_t n_columns, columns_capacity, n_cells, cells_capacity;
    struct table_column {
        const char *title;
        enum column_kind kind;
    } * columns;
    const char **cells; /* (n_cells), row by row */
};

void table_column(struct table *table, const char *title, enum column_kind kind);
void table_cell(struct table *table, const char *text); /* copied; NULL shows as "-" */
/* width 0: no limit. color: colour the state. */
void table_write(const struct table *table, int width, bool color, struct text *out);
void table_write_csv(const struct table *table, struct text *out); /* RFC 4180, newlines as \n; "-" cells are empty */
void table_print(const struct table *table);                       /* on stdout, as the terminal allows */
void table_release(struct table *table);

/* Scalar at a dotted path as text in the arena; fallback when there is none. */
const char *show(struct arena *arena, const struct node *node, const char *path, const char *fallback);
/* How long ago a time in RFC 3339 was: 45s, 12m, 3h, 5d; "-" when there is none. */
const char *show_age(struct arena *arena, const char *time, int64_t now_us);
/* 250ms, 2.5s, 45s, 2m30s, 1h05m, 3d4h. In the arena. */
const char *show_duration(struct arena *arena, double seconds);

#endif
