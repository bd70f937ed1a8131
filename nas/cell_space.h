/*
 * DARTS' space of cells: nodes that add up edges, each edge a weighted mixture of operations. A network has cells of up to two
 * types, and all cells of a type share the mixture's weights, its coefficients.
 *
 * Node i reads states 0 .. i + 1: the cell's two inputs, then the nodes before it. Edge (i, input) is number
 * i (i + 3) / 2 + input.
 */
#ifndef HONE_NAS_CELL_SPACE_H
#define HONE_NAS_CELL_SPACE_H

#include "nas/genotype.h"
#include "nas/network.h"

enum cell_type { CELL_NORMAL, CELL_REDUCE, N_CELL_TYPES };

struct cell_space {
    unsigned n_nodes, n_operations;
    enum operation operations[N_OPERATIONS];
    /* 1 / partial of the channels go through the operations and the others around them (Xu et al., PC-DARTS (2020)); 1: all go. */
    unsigned partial;
};

static inline unsigned cell_edges(const struct cell_space *space)
{
    return space->n_nodes * (space->n_nodes + 3) / 2;
}

static inline unsigned cell_edge_number(unsigned node, unsigned input)
{
    return node * (node + 3) / 2 + input;
}

/* Coefficients of an edge: one an operation, then, where channels go around them, one for these. */
static inline unsigned edge_coefficients(const struct cell_space *space)
{
    return space->n_operations + (space->partial > 1);
}

/* Both types, normal cells first. */
static inline size_t space_coefficients(const struct cell_space *space)
{
    return (size_t)N_CELL_TYPES * cell_edges(space) * edge_coefficients(space);
}

static inline size_t edge_coefficient(const struct cell_space *space, enum cell_type type, unsigned edge)
{
    return ((size_t)type * cell_edges(space) + edge) * edge_coefficients(space);
}

/* The shape of a whole network of cells. */
struct cell_network {
    unsigned height, width, channels, n_classes; /* of the images */
    unsigned n_layers, init_channels;
    unsigned stem_multiplier; /* channels of the stem: this times init_channels */
};

/* Katib's and DARTS' rule: of one layer none reduces, of two the second, else those at a third and two thirds. */
bool layer_reduces(unsigned layer, unsigned n_layers);

/* The network that contains all of the space. Planned. */
struct network *supernet_create(const struct cell_network *shape, const struct cell_space *space);

struct derived_options {
    bool has_operation_affine;  /* gamma and beta after operations */
    bool has_preprocess_affine; /* and after the 1x1 convolutions before a cell */
};

/* The network of a genotype, without mixture. Planned. */
struct network *derived_create(const struct cell_network *shape, const struct genotype *genotype,
                               const struct derived_options *options);

/* --- shared by both --- */

/* One operation at a stride, but none and skip at stride 1: what it makes is a normalised tensor. */
struct view operation_build(struct network *network, enum operation operation, struct view in, unsigned stride,
                            bool has_affine);

/* The trunk: stem, cells, head. */
struct trunk {
    struct network *network;
    struct view before, last; /* outputs of the cell before the last one, and of the last */
    bool has_reduced;         /* the last cell */
    unsigned channels;        /* of the nodes of the next cell */
};

struct trunk trunk_begin(const struct cell_network *shape);
/* The two inputs of the next cell, of its channels. */
void trunk_preprocess(struct trunk *trunk, bool reduces, bool has_affine, struct view inputs[2]);
void trunk_add(struct trunk *trunk, struct view output, bool reduces);
struct network *trunk_end(struct trunk *trunk);

#endif
