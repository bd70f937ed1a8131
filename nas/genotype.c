/*
 * DARTS' genotypes as quark0/darts and Katib write them.
 */
#include "nas/genotype.h"

#include <string.h>

#include "base/status.h"
#include "nas/cursor.h"

static void print_edge(const struct cell_edge *edge, enum genotype_style style, struct text *out)
{
    const struct operation_row *row = &operation_rows[edge->operation];

    if (style == GENOTYPE_KATIB)
        text_printf(out, "('%s',%u)", row->katib, edge->input);
    else
        text_printf(out, "('%s', %u)", row->darts, edge->input);
}

static void print_edges(const struct cell *cell, enum genotype_style style, struct text *out)
{
    bool is_katib = style == GENOTYPE_KATIB;

    text_add_char(out, '[');
    for (unsigned k = 0; k < cell->n_nodes; k++) {
        text_add(out, k > 0 ? is_katib ? "," : ", " : "");
        text_add(out, is_katib ? "[" : "");
        print_edge(&cell->edges[k][0], style, out);
        text_add(out, is_katib ? "," : ", ");
        print_edge(&cell->edges[k][1], style, out);
        text_add(out, is_katib ? "]" : "");
    }
    text_add_char(out, ']');
}

/* States in one row print as a range, others as a list. */
static void print_concat(const struct cell *cell, enum genotype_style style, struct text *out)
{
    const char *comma = style == GENOTYPE_KATIB ? "," : ", ", *between = "";
    unsigned first = cell->concat ? (unsigned)__builtin_ctz(cell->concat) : 2;
    unsigned end = cell->concat ? 32 - (unsigned)__builtin_clz(cell->concat) : 2;

    if (end - first == (unsigned)__builtin_popcount(cell->concat)) {
        text_printf(out, "range(%u%s%u)", first, comma, end);
        return;
    }
    text_add_char(out, '[');
    for (unsigned state = first; state < end; state++) {
        if (cell->concat >> state & 1) {
            text_printf(out, "%s%u", between, state);
            between = comma;
        }
    }
    text_add_char(out, ']');
}

static void print_cell(const struct cell *cell, const char *name, enum genotype_style style, struct text *out)
{
    text_printf(out, "%s=", name);
    print_edges(cell, style, out);
    text_printf(out, "%s%s_concat=", style == GENOTYPE_KATIB ? "," : ", ", name);
    print_concat(cell, style, out);
}

void genotype_print(const struct genotype *genotype, enum genotype_style style, struct text *out)
{
    text_add(out, "Genotype(");
    print_cell(&genotype->normal, "normal", style, out);
    text_add(out, style == GENOTYPE_KATIB ? "," : ", ");
    print_cell(&genotype->reduce, "reduce", style, out);
    text_add_char(out, ')');
}

static int parse_edge(struct cursor *cursor, unsigned node, struct cell_edge *edge)
{
    const char *name, *quote;
    size_t length;

    TRY(cursor_expect(cursor, "("));
    quote = cursor_take(cursor, "\"") ? "\"" : "'";
    if (*quote == '\'')
        TRY(cursor_expect(cursor, "'"));
    const struct cursor before = *cursor;
    TRY(cursor_name(cursor, &name, &length));
    if (!operation_find(name, length, &edge->operation) || operation_rows[edge->operation].darts == NULL)
        return cursor_fault(&before, "an operation of a DARTS cell");
    TRY(cursor_expect(cursor, quote));
    TRY(cursor_expect(cursor, ","));
    TRY(cursor_unsigned(cursor, node + 1, &edge->input));
    return cursor_expect(cursor, ")");
}

static int parse_node(struct cursor *cursor, unsigned node, struct cell_edge edges[2])
{
    bool is_nested = cursor_take(cursor, "[");

    TRY(parse_edge(cursor, node, &edges[0]));
    TRY(cursor_expect(cursor, ","));
    TRY(parse_edge(cursor, node, &edges[1]));
    return is_nested ? cursor_expect(cursor, "]") : 0;
}

static int parse_edges(struct cursor *cursor, struct cell *cell)
{
    TRY(cursor_expect(cursor, "["));
    while (!cursor_take(cursor, "]")) {
        if (cell->n_nodes == CELL_NODES_LIMIT)
            return cursor_fault(cursor, "] after 16 nodes");
        if (cell->n_nodes > 0)
            TRY(cursor_expect(cursor, ","));
        TRY(parse_node(cursor, cell->n_nodes, cell->edges[cell->n_nodes]));
        cell->n_nodes++;
    }
    return 0;
}

static int parse_range(struct cursor *cursor, struct cell *cell)
{
    unsigned first, end;

    TRY(cursor_unsigned(cursor, cell->n_nodes + 2, &first));
    TRY(cursor_expect(cursor, ","));
    TRY(cursor_unsigned(cursor, cell->n_nodes + 2, &end));
    for (unsigned state = first; state < end; state++)
        cell->concat |= UINT32_C(1) << state;
    return cursor_expect(cursor, ")");
}

static int parse_concat(struct cursor *cursor, struct cell *cell)
{
    unsigned state;

    if (cursor_take(cursor, "range("))
        return parse_range(cursor, cell);
    TRY(cursor_expect(cursor, "["));
    for (bool is_first = true; !cursor_take(cursor, "]"); is_first = false) {
        if (!is_first)
            TRY(cursor_expect(cursor, ","));
        TRY(cursor_unsigned(cursor, cell->n_nodes + 1, &state));
        cell->concat |= UINT32_C(1) << state;
    }
    return 0;
}

static int parse_cell(struct cursor *cursor, const char *edges, const char *concat, struct cell *cell)
{
    TRY(cursor_expect(cursor, edges));
    TRY(parse_edges(cursor, cell));
    TRY(cursor_expect(cursor, ","));
    TRY(cursor_expect(cursor, concat));
    return parse_concat(cursor, cell);
}

int genotype_parse(const char *text, struct genotype *genotype)
{
    struct cursor cursor = { "genotype", text, text };

    memset(genotype, 0, sizeof *genotype);
    TRY(cursor_expect(&cursor, "Genotype("));
    TRY(parse_cell(&cursor, "normal=", "normal_concat=", &genotype->normal));
    TRY(cursor_expect(&cursor, ","));
    TRY(parse_cell(&cursor, "reduce=", "reduce_concat=", &genotype->reduce));
    TRY(cursor_expect(&cursor, ")"));
    return cursor_end(&cursor);
}
