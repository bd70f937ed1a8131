/*
 * Comma-separated values as RFC 4180 has them: quoted cells, doubled quotes, rows ended by LF or CRLF.
 */
#ifndef HONE_EXPERIMENT_CSV_H
#define HONE_EXPERIMENT_CSV_H

#include <stddef.h>

#include "base/memory.h"

struct csv {
    size_t n_rows, n_columns;
    const char **cells; /* (n_rows, n_columns), the first row being the titles */
};

/* Everything in the arena. ERR_INVALID with the line: rows of different lengths, a quote that is not closed, a NUL, nothing. */
int csv_read(const char *text, size_t length, struct arena *arena, struct csv *csv);

#endif
