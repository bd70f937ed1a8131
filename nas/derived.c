/*
 * The network of one genotype.
 */
#include "nas/cell_space.h"

struct cell_plan {
    const struct cell *cell;
    const struct derived_options *options;
    bool reduces;
};

static struct view apply(struct network *network, const struct cell_plan *plan, const struct cell_edge *edge,
                         struct view in)
{
    const unsigned stride = plan->reduces && edge->input < 2 ? 2 : 1;

    if (edge->operation == OP_SKIP_CONNECT && stride == 1)
        return in;
    return operation_build(network, edge->operation, in, stride, plan->options->has_operation_affine);
}

/* Nodes that are part of the output are written into it; the others have tensors of their own. */
static struct view add_node(struct network *network, const struct cell_plan *plan, unsigned node,
                            const struct view *states, struct view out)
{
    struct term terms[2];

    for (unsigned k = 0; k < 2; k++) {
        const struct cell_edge *edge = &plan->cell->edges[node][k];

        terms[k] = (struct term){ apply(network, plan, edge, states[edge->input]), 0, NO_OFFSET };
    }
    network_mix(network, out, 1, terms, 2);
    return out;
}

static void add_cell(struct trunk *trunk, const struct cell_plan *plan)
{
    const struct cell *cell = plan->cell;
    const unsigned stride = plan->reduces ? 2 : 1, n_concat = (unsigned)__builtin_popcount(cell->concat);
    struct view states[2 + CELL_NODES_LIMIT], output;
    unsigned height, width, place = 0;

    trunk_preprocess(trunk, plan->reduces, plan->options->has_preprocess_affine, states);
    height = (view_tensor(trunk->network, &states[1])->height + stride - 1) / stride;
    width = (view_tensor(trunk->network, &states[1])->width + stride - 1) / stride;
    output = network_tensor(trunk->network, height, width, n_concat * trunk->channels);
    for (unsigned state = 0; state < 2 + cell->n_nodes; state++) {
        const bool is_output = cell->concat >> state & 1;
        struct view out = { 0 };

        if (is_output)
            out = view_channels(output, place++ * trunk->channels, trunk->channels);
        else if (state >= 2)
            out = network_tensor(trunk->network, height, width, trunk->channels);
        if (state >= 2)
            states[state] = add_node(trunk->network, plan, state - 2, states, out);
        else if (is_output)
            network_mix(trunk->network, out, 1, &(struct term){ states[state], 0, NO_OFFSET }, 1);
    }
    trunk_add(trunk, output, plan->reduces);
}

struct network *derived_create(const struct cell_network *shape, const struct genotype *genotype,
                               const struct derived_options *options)
{
    struct trunk trunk = trunk_begin(shape);

    for (unsigned layer = 0; layer < shape->n_layers; layer++) {
        const bool reduces = layer_reduces(layer, shape->n_layers);

        add_cell(&trunk, &(struct cell_plan){ reduces ? &genotype->reduce : &genotype->normal, options, reduces });
    }
    return trunk_end(&trunk);
}
