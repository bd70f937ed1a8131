/*
 * The table of operations. Names: quark0/darts cnn/genotypes.py, Katib's darts trial (operations.py), NAS-Bench-201
 * (AutoDL-Projects, cell_operations.py).
 */
#include "nas/operation.h"

#include <string.h>

const struct operation_row operation_rows[N_OPERATIONS] = {
    [OP_NONE] = { OPERATION_NONE, 0, "none", "none", "none" },
    [OP_MAX_POOL_3X3] = { OPERATION_MAX_POOL, 3, "max_pool_3x3", "max_pooling_3x3", NULL },
    [OP_AVG_POOL_3X3] = { OPERATION_AVG_POOL, 3, "avg_pool_3x3", "avg_pooling_3x3", "avg_pool_3x3" },
    [OP_SKIP_CONNECT] = { OPERATION_SKIP, 0, "skip_connect", "skip_connection", "skip_connect" },
    [OP_SEP_CONV_3X3] = { OPERATION_SEP_CONV, 3, "sep_conv_3x3", "separable_convolution_3x3", NULL },
    [OP_SEP_CONV_5X5] = { OPERATION_SEP_CONV, 5, "sep_conv_5x5", "separable_convolution_5x5", NULL },
    [OP_DIL_CONV_3X3] = { OPERATION_DIL_CONV, 3, "dil_conv_3x3", "dilated_convolution_3x3", NULL },
    [OP_DIL_CONV_5X5] = { OPERATION_DIL_CONV, 5, "dil_conv_5x5", "dilated_convolution_5x5", NULL },
    [OP_SEP_CONV_7X7] = { OPERATION_SEP_CONV, 7, "sep_conv_7x7", "separable_convolution_7x7", NULL },
    [OP_CONV_1X1] = { OPERATION_CONV, 1, NULL, NULL, "nor_conv_1x1" },
    [OP_CONV_3X3] = { OPERATION_CONV, 3, NULL, NULL, "nor_conv_3x3" },
};

const enum operation bench_operations[N_BENCH_OPERATIONS] = { OP_NONE, OP_SKIP_CONNECT, OP_CONV_1X1, OP_CONV_3X3,
                                                              OP_AVG_POOL_3X3 };

static bool is_name(const char *known, const char *name, size_t length)
{
    return known != NULL && strlen(known) == length && memcmp(known, name, length) == 0;
}

bool operation_find(const char *name, size_t length, enum operation *operation)
{
    for (size_t i = 0; i < N_OPERATIONS; i++) {
        const struct operation_row *row = &operation_rows[i];
        if (is_name(row->darts, name, length) || is_name(row->katib, name, length) ||
            is_name(row->bench, name, length)) {
            *operation = (enum operation)i;
            return true;
        }
    }
    return false;
}
