/*
 * The trees of a forest. For forest.c and forest_variance.c.
 */
#ifndef HONE_SUGGEST_FOREST_TREE_H
#define HONE_SUGGEST_FOREST_TREE_H

#include "suggest/forest.h"

struct tree_node {
    size_t parameter; /* SIZE_MAX: a leaf */
    double threshold; /* numbers up to it go left; of a categorical: this choice */
    size_t left, right;
    double weight, value; /* of the training rows below: how many, their mean */
};

struct forest {
    const struct space *space;
    size_t roots[FOREST_TREES];
    size_t n_nodes, capacity;
    struct tree_node *nodes;
};

#endif
