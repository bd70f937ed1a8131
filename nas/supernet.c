/*
 * The network that contains every architecture of a space of cells.
 *
 * Pools have no weights, so a state is pooled once for all edges that leave it. Where channels go around the operations
 * (PC-DARTS), the shuffle that follows is an index map of the mixture's terms: with K = partial, channel c of group g comes
 * out at c K + g, and group 0 is what the operations made.
 */
#include <assert.h>

#include "nas/cell_space.h"

enum { TERMS_LIMIT = (CELL_NODES_LIMIT + 1) * (N_OPERATIONS + 8) };

struct cell_builder {
    struct network *network;
    const struct cell_space *space;
    enum cell_type type;
    unsigned channels; /* of a node */
    struct view states[2 + CELL_NODES_LIMIT];
    struct view pools[2 + CELL_NODES_LIMIT][N_OPERATIONS]; /* channels 0: not made yet */
    struct term terms[TERMS_LIMIT];
    size_t n_terms;
};

static void add_term(struct cell_builder *cell, struct view in, unsigned start, size_t coefficient)
{
    assert(cell->n_terms < TERMS_LIMIT);
    cell->terms[cell->n_terms++] = (struct term){ in, start, coefficient };
}

static bool is_pool(enum operation operation)
{
    return operation_rows[operation].kind == OPERATION_MAX_POOL || operation_rows[operation].kind == OPERATION_AVG_POOL;
}

/* The part of a state that goes through the operations. */
static struct view through(const struct cell_builder *cell, unsigned input)
{
    return view_channels(cell->states[input], 0, cell->channels / cell->space->partial);
}

static struct view apply(struct cell_builder *cell, enum operation operation, unsigned input, unsigned stride)
{
    struct view *pool = &cell->pools[input][operation];
    const struct view in = through(cell, input);

    if (operation == OP_SKIP_CONNECT && stride == 1)
        return in;
    if (!is_pool(operation))
        return operation_build(cell->network, operation, in, stride, false);
    if (pool->channels == 0)
        *pool = operation_build(cell->network, operation, in, stride, false);
    return *pool;
}

static void add_bypass(struct cell_builder *cell, unsigned input, unsigned stride, size_t coefficient)
{
    const unsigned partial = cell->space->partial, width = cell->channels / partial;
    struct view around = view_channels(cell->states[input], width, cell->channels - width);

    if (stride == 2)
        around = network_pool(cell->network, around, (struct window){ 2, 2, 1 }, true, false, false);
    for (unsigned group = 1; group < partial; group++)
        add_term(cell, view_channels(around, (group - 1) * width, width), group, coefficient);
}

static void add_edge(struct cell_builder *cell, unsigned node, unsigned input)
{
    const struct cell_space *space = cell->space;
    const unsigned stride = cell->type == CELL_REDUCE && input < 2 ? 2 : 1;
    const size_t coefficient = edge_coefficient(space, cell->type, cell_edge_number(node, input));

    for (unsigned k = 0; k < space->n_operations; k++)
        if (space->operations[k] != OP_NONE)
            add_term(cell, apply(cell, space->operations[k], input, stride), 0, coefficient + k);
    if (space->partial > 1)
        add_bypass(cell, input, stride, coefficient + space->n_operations);
}

static void add_cell(struct trunk *trunk, const struct cell_space *space, bool reduces)
{
    struct cell_builder cell = { .network = trunk->network,
                                 .space = space,
                                 .type = reduces ? CELL_REDUCE : CELL_NORMAL };
    const unsigned stride = reduces ? 2 : 1;
    const struct tensor *from;
    struct view output;

    trunk_preprocess(trunk, reduces, false, cell.states);
    cell.channels = trunk->channels;
    from = view_tensor(trunk->network, &cell.states[1]);
    output = network_tensor(trunk->network, (from->height + stride - 1) / stride, (from->width + stride - 1) / stride,
                            space->n_nodes * trunk->channels);
    for (unsigned node = 0; node < space->n_nodes; node++) {
        cell.states[2 + node] = view_channels(output, node * trunk->channels, trunk->channels);
        cell.n_terms = 0;
        for (unsigned input = 0; input < 2 + node; input++)
            add_edge(&cell, node, input);
        network_mix(trunk->network, cell.states[2 + node], space->partial, cell.terms, cell.n_terms);
    }
    trunk_add(trunk, output, reduces);
}

struct network *supernet_create(const struct cell_network *shape, const struct cell_space *space)
{
    struct trunk trunk = trunk_begin(shape);

    for (unsigned layer = 0; layer < shape->n_layers; layer++)
        add_cell(&trunk, space, layer_reduces(layer, shape->n_layers));
    trunk.network->n_coefficients = space_coefficients(
        space); /* those of none and of a type without cells have no term */
    return trunk_end(&trunk);
}
