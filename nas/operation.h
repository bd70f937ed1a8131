/*
 * What an edge of a cell may do, under the names that each search space gives it.
 */
#ifndef HONE_NAS_OPERATION_H
#define HONE_NAS_OPERATION_H

#include <stdbool.h>
#include <stddef.h>

enum operation_kind {
    OPERATION_NONE,
    OPERATION_MAX_POOL,
    OPERATION_AVG_POOL,
    OPERATION_SKIP,     /* identity; factorised reduction at stride 2 */
    OPERATION_SEP_CONV, /* (ReLU, depthwise, pointwise, BN) twice, the second at stride 1 */
    OPERATION_DIL_CONV, /* ReLU, depthwise with dilation 2, pointwise, BN */
    OPERATION_CONV,     /* ReLU, dense convolution, BN */
};

/* The order of DARTS' PRIMITIVES comes first. */
enum operation {
    OP_NONE,
    OP_MAX_POOL_3X3,
    OP_AVG_POOL_3X3,
    OP_SKIP_CONNECT,
    OP_SEP_CONV_3X3,
    OP_SEP_CONV_5X5,
    OP_DIL_CONV_3X3,
    OP_DIL_CONV_5X5,
    OP_SEP_CONV_7X7,
    OP_CONV_1X1,
    OP_CONV_3X3,
    N_OPERATIONS,
};

enum { N_DARTS_OPERATIONS = OP_SEP_CONV_7X7, N_BENCH_OPERATIONS = 5 };

struct operation_row {
    enum operation_kind kind;
    int kernel;        /* side of the window; 0: it has none */
    const char *darts; /* name in DARTS' genotypes; NULL: the space has no such operation */
    const char *katib; /* in Katib's darts */
    const char *bench; /* in NAS-Bench-201 */
};

extern const struct operation_row operation_rows[N_OPERATIONS];
/* NAS-Bench-201's five, in its order. */
extern const enum operation bench_operations[N_BENCH_OPERATIONS];

/* The operation of that name in any of the vocabularies; false if there is none. */
bool operation_find(const char *name, size_t length, enum operation *operation);

#endif
