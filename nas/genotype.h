/*
 * Architectures as values: a pair of cells (DARTS), one cell (NAS-Bench-201), a chain of layers (ENAS macro); printed and
 * parsed as their sources write them.
 */
#ifndef HONE_NAS_GENOTYPE_H
#define HONE_NAS_GENOTYPE_H

#include <stdint.h>

#include "base/text.h"
#include "nas/operation.h"

enum { CELL_NODES_LIMIT = 16, BENCH_EDGES = 6, MACRO_LAYERS_LIMIT = 64 };

/* The state it reads: 0 is the output of the cell before the last, 1 of the last one, 2 + k of node k. */
struct cell_edge {
    enum operation operation;
    unsigned input;
};

struct cell {
    unsigned n_nodes;
    struct cell_edge edges[CELL_NODES_LIMIT][2]; /* (n_nodes); an edge of node k reads a state below 2 + k */
    uint32_t concat;                             /* bit s: state s is part of the output */
};

struct genotype {
    struct cell normal, reduce; /* n_nodes 0: the network has no such cell */
};

enum genotype_style {
    GENOTYPE_DARTS, /* Genotype(normal=[('sep_conv_3x3', 1), ...], normal_concat=range(2, 6), ...) */
    GENOTYPE_KATIB, /* Genotype(normal=[[('separable_convolution_3x3',1),...],...],normal_concat=range(2,6),...) */
};

void genotype_print(const struct genotype *genotype, enum genotype_style style, struct text *out);
/* Takes either style, names of either vocabulary. ERR_INVALID: "genotype, character 12: expected ..., got ...". */
int genotype_parse(const char *text, struct genotype *genotype);

/* Edges in the order 0->1, 0->2, 1->2, 0->3, 1->3, 2->3: |nor_conv_3x3~0|+|none~0|skip_connect~1|+|...~0|...~1|...~2|. */
struct bench_cell {
    enum operation edges[BENCH_EDGES];
};

void bench_cell_print(const struct bench_cell *cell, struct text *out);
int bench_cell_parse(const char *text, struct bench_cell *cell);

/* Layer i (from 0) does operations[i], an id of the search space, and reads the layer before it; bit k of skips[i], k < i: it
   reads the output of layer k as well (Katib's row i is [operation, bit 0, ..., bit i - 1]). */
struct macro {
    unsigned n_layers;
    unsigned operations[MACRO_LAYERS_LIMIT]; /* (n_layers) */
    uint64_t skips[MACRO_LAYERS_LIMIT];      /* (n_layers) */
};

/* [[27], [29, 0], [22, 1, 0]] */
void macro_print(const struct macro *macro, struct text *out);
/* Operations must be below n_operations. */
int macro_parse(const char *text, unsigned n_operations, struct macro *macro);

#endif
