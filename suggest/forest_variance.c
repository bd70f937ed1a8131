/*
 * The variance of a tree, divided. Hutter, Hoos and Leyton-Brown, An Efficient Approach for Assessing Hyperparameter
 * Importance (2014).
 *
 * Leaves are boxes. The marginal of a parameter is a step function: each leaf adds its value times the volume it has in
 * the other parameters on its interval (or its choices), and the steps are at the thresholds of the tree.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/forest_tree.h"

/* One parameter's marginal: cells (n_cells) between edges for a number, one a choice for a categorical. */
struct marginal {
    bool is_choice;
    size_t n_cells;
    double *edges;    /* (n_cells + 1) 0, thresholds, 1; of a number */
    double *cells;    /* (n_cells + 1) of a number: jumps of the sum at the lower edge; of a categorical: sums */
    double low, high; /* of the box, a number */
    bool *is_open;    /* (n_cells) choices in the box, unless there is only one */
    size_t only;      /* the only choice in the box; SIZE_MAX: is_open counts */
    size_t n_open;
};

struct decomposition {
    const struct forest *forest;
    struct marginal *marginals; /* (space->n) */
    double mean, square;        /* of the tree's prediction */
};

static int compare_numbers(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static size_t count_splits(const struct forest *forest, size_t first, size_t end, size_t parameter)
{
    size_t n = 0;

    for (size_t k = first; k < end; k++)
        n += forest->nodes[k].parameter == parameter;
    return n;
}

/* Nodes [first, end) are one tree's. */
static void open_marginal(const struct forest *forest, size_t first, size_t end, size_t parameter,
                          struct marginal *marginal, struct arena *arena)
{
    const struct parameter *p = &forest->space->parameters[parameter];
    size_t n = 1;

    *marginal = (struct marginal){ .is_choice = p->type == PARAMETER_CATEGORICAL, .high = 1, .only = SIZE_MAX };
    if (marginal->is_choice) {
        marginal->n_cells = marginal->n_open = p->n_choices;
        marginal->cells = arena_array(arena, p->n_choices, sizeof *marginal->cells);
        marginal->is_open = arena_array(arena, p->n_choices, sizeof *marginal->is_open);
        memset(marginal->is_open, 1, p->n_choices * sizeof *marginal->is_open);
        return;
    }
    marginal->n_cells = count_splits(forest, first, end, parameter) + 1;
    marginal->edges = arena_array(arena, marginal->n_cells + 1, sizeof *marginal->edges);
    marginal->cells = arena_array(arena, marginal->n_cells + 1, sizeof *marginal->cells);
    for (size_t k = first; k < end; k++)
        if (forest->nodes[k].parameter == parameter)
            marginal->edges[n++] = forest->nodes[k].threshold;
    marginal->edges[n] = 1;
    qsort(marginal->edges + 1, marginal->n_cells - 1, sizeof *marginal->edges, compare_numbers);
}

/* Share of the parameter's axis that lies in the box. */
static double width(const struct marginal *marginal)
{
    return marginal->is_choice ? (double)marginal->n_open / (double)marginal->n_cells : marginal->high - marginal->low;
}

/* Index of the first edge at x or above. */
static size_t edge_of(const struct marginal *marginal, double x)
{
    size_t low = 0, high = marginal->n_cells;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (marginal->edges[middle] < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void add_leaf(struct decomposition *d, double value)
{
    size_t n = d->forest->space->n;
    double volume = 1;

    for (size_t i = 0; i < n; i++)
        volume *= width(&d->marginals[i]);
    d->mean += volume * value;
    d->square += volume * value * value;
    for (size_t i = 0; i < n && volume > 0; i++) {
        struct marginal *marginal = &d->marginals[i];
        double height = value * (volume / width(marginal));
        if (!marginal->is_choice) {
            marginal->cells[edge_of(marginal, marginal->low)] += height;
            marginal->cells[edge_of(marginal, marginal->high)] -= height;
            continue;
        }
        for (size_t c = 0; c < marginal->n_cells; c++)
            if (marginal->only == SIZE_MAX ? marginal->is_open[c] : marginal->only == c)
                marginal->cells[c] += height;
    }
}

static void walk(struct decomposition *d, size_t index);

static void walk_numbers(struct decomposition *d, const struct tree_node *node)
{
    struct marginal *marginal = &d->marginals[node->parameter];
    double low = marginal->low, high = marginal->high;

    marginal->high = node->threshold;
    walk(d, node->left);
    marginal->high = high;
    marginal->low = node->threshold;
    walk(d, node->right);
    marginal->low = low;
}

/* A split is only made where rows with the choice and without it are left, so the box has it, and not alone. */
static void walk_choices(struct decomposition *d, const struct tree_node *node)
{
    struct marginal *marginal = &d->marginals[node->parameter];
    size_t choice = (size_t)node->threshold, n_open = marginal->n_open;

    marginal->only = choice;
    marginal->n_open = 1;
    walk(d, node->left);
    marginal->only = SIZE_MAX;
    marginal->is_open[choice] = false;
    marginal->n_open = n_open - 1;
    walk(d, node->right);
    marginal->is_open[choice] = true;
    marginal->n_open = n_open;
}

static void walk(struct decomposition *d, size_t index)
{
    const struct tree_node *node = &d->forest->nodes[index];

    if (node->parameter == SIZE_MAX)
        add_leaf(d, node->value);
    else if (d->marginals[node->parameter].is_choice)
        walk_choices(d, node);
    else
        walk_numbers(d, node);
}

/* Variance of a marginal about the tree's mean. */
static double marginal_variance(const struct marginal *marginal, double mean)
{
    double height = 0, variance = 0;

    for (size_t k = 0; k < marginal->n_cells; k++) {
        double share = marginal->is_choice ? 1 / (double)marginal->n_cells
                                           : marginal->edges[k + 1] - marginal->edges[k];
        height = marginal->is_choice ? marginal->cells[k] : height + marginal->cells[k];
        variance += share * (height - mean) * (height - mean);
    }
    return variance;
}

/* Adds the shares of one tree; false when it is constant. */
static bool add_tree(const struct forest *forest, size_t tree, double *share)
{
    size_t first = forest->roots[tree], end = tree + 1 < FOREST_TREES ? forest->roots[tree + 1] : forest->n_nodes;
    struct arena arena = { 0 };
    struct decomposition d = { .forest = forest };
    size_t n = forest->space->n;

    d.marginals = arena_array(&arena, n, sizeof *d.marginals);
    for (size_t i = 0; i < n; i++)
        open_marginal(forest, first, end, i, &d.marginals[i], &arena);
    walk(&d, first);
    double variance = d.square - d.mean * d.mean;
    bool varies = variance > 1e-12 * d.square;
    for (size_t i = 0; i < n && varies; i++)
        share[i] += marginal_variance(&d.marginals[i], d.mean) / variance;
    arena_release(&arena);
    return varies;
}

void forest_main_effects(const struct forest *forest, double *share)
{
    size_t n_varying = 0;

    memset(share, 0, forest->space->n * sizeof *share);
    for (size_t tree = 0; tree < FOREST_TREES; tree++)
        n_varying += add_tree(forest, tree, share);
    for (size_t i = 0; i < forest->space->n && n_varying > 0; i++)
        share[i] /= (double)n_varying;
}
