/*
 * Cells of NAS-Bench-201 in its notation.
 */
#include "base/status.h"
#include "nas/cursor.h"
#include "nas/genotype.h"

void bench_cell_print(const struct bench_cell *cell, struct text *out)
{
    unsigned edge = 0;

    for (unsigned node = 1; node <= 3; node++) {
        text_add(out, node > 1 ? "+|" : "|");
        for (unsigned input = 0; input < node; input++)
            text_printf(out, "%s~%u|", operation_rows[cell->edges[edge++]].bench, input);
    }
}

static int parse_edge(struct cursor *cursor, unsigned want, enum operation *operation)
{
    const char *name;
    size_t length;
    unsigned input;
    const struct cursor before = *cursor;

    TRY(cursor_name(cursor, &name, &length));
    if (!operation_find(name, length, operation) || operation_rows[*operation].bench == NULL)
        return cursor_fault(&before, "an operation of NAS-Bench-201");
    TRY(cursor_expect(cursor, "~"));
    const struct cursor number = *cursor;
    TRY(cursor_unsigned(cursor, 2, &input));
    if (input != want)
        return cursor_fault(&number, "the inputs in ascending order");
    return cursor_expect(cursor, "|");
}

int bench_cell_parse(const char *text, struct bench_cell *cell)
{
    struct cursor cursor = { "cell", text, text };
    unsigned edge = 0;

    for (unsigned node = 1; node <= 3; node++) {
        TRY(cursor_expect(&cursor, node > 1 ? "+|" : "|"));
        for (unsigned input = 0; input < node; input++)
            TRY(parse_edge(&cursor, input, &cell->edges[edge++]));
    }
    return cursor_end(&cursor);
}
