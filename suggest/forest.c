/*
 * Growing: each parameter's order of rows is sorted once and then only partitioned. Breiman, Random Forests (2001).
 */
#include "suggest/forest.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "suggest/forest_tree.h"

/* What growing one tree works with. Rows that the bootstrap did not draw are in no order. */
struct growth {
    const struct space *space;
    const double *x; /* (space->n, n), column by column */
    const double *y; /* (n) */
    size_t n;
    const uint32_t *sorted; /* (space->n, n) rows in the order of each column */
    uint32_t *order;        /* (space->n, n) those of the tree, a segment a node */
    uint32_t *aside;        /* (n) the right part while a segment is divided */
    double *weight;         /* (n) how often the bootstrap drew the row */
    double *category;       /* (2, most choices) weight and sum of a node's rows */
    bool *goes_left;        /* (n) */
    struct forest *forest;
};

/* Rows [begin, end) of every order. */
struct segment {
    size_t begin, end;
    double weight, sum, least, largest; /* of their y */
};

struct split {
    size_t parameter; /* SIZE_MAX: none gains anything */
    double threshold; /* numbers up to it go left; of a categorical: this choice */
    double gain;
};

static int compare_in_column(const void *left, const void *right, void *context)
{
    const double *column = context;
    uint32_t i = *(const uint32_t *)left, j = *(const uint32_t *)right;

    if (column[i] != column[j])
        return column[i] < column[j] ? -1 : 1;
    return (i > j) - (i < j);
}

static struct segment measure(const struct growth *g, size_t begin, size_t end)
{
    struct segment segment = { begin, end, 0, 0, INFINITY, -INFINITY };

    for (size_t k = begin; k < end; k++) {
        uint32_t row = g->order[k];
        segment.weight += g->weight[row];
        segment.sum += g->weight[row] * g->y[row];
        segment.least = fmin(segment.least, g->y[row]);
        segment.largest = fmax(segment.largest, g->y[row]);
    }
    return segment;
}

/* Sum of squares that two means explain. */
static double explained(double weight, double sum, double left_weight, double left_sum)
{
    double right_weight = weight - left_weight, right_sum = sum - left_sum;

    return left_sum * left_sum / left_weight + right_sum * right_sum / right_weight;
}

static void keep_better(struct split *best, size_t parameter, double threshold, double gain)
{
    if (gain > best->gain)
        *best = (struct split){ parameter, threshold, gain };
}

static double between(double a, double b)
{
    double middle = a / 2 + b / 2;

    return middle < b ? middle : a;
}

static void split_numbers(const struct growth *g, const struct segment *segment, size_t i, struct split *best)
{
    const uint32_t *order = g->order + i * g->n;
    const double *column = g->x + i * g->n;
    double weight = 0, sum = 0;

    for (size_t k = segment->begin; k + 1 < segment->end; k++) {
        uint32_t row = order[k];
        double next = column[order[k + 1]];
        weight += g->weight[row];
        sum += g->weight[row] * g->y[row];
        if (column[row] < next)
            keep_better(best, i, between(column[row], next), explained(segment->weight, segment->sum, weight, sum));
    }
}

/* One choice against the others. */
static void split_choices(const struct growth *g, const struct segment *segment, size_t i, struct split *best)
{
    size_t n_choices = g->space->parameters[i].n_choices;
    double *weight = g->category, *sum = g->category + n_choices;

    memset(weight, 0, 2 * n_choices * sizeof *weight);
    for (size_t k = segment->begin; k < segment->end; k++) {
        uint32_t row = g->order[k];
        size_t choice = (size_t)g->x[i * g->n + row];
        weight[choice] += g->weight[row];
        sum[choice] += g->weight[row] * g->y[row];
    }
    for (size_t c = 0; c < n_choices; c++)
        if (weight[c] > 0 && weight[c] < segment->weight)
            keep_better(best, i, (double)c, explained(segment->weight, segment->sum, weight[c], sum[c]));
}

static struct split best_split(const struct growth *g, const struct segment *segment)
{
    struct split best = { SIZE_MAX, 0, segment->sum * segment->sum / segment->weight };

    best.gain += 1e-12 * fabs(best.gain); /* rounding is no gain */
    for (size_t i = 0; i < g->space->n; i++) {
        if (g->space->parameters[i].type == PARAMETER_CATEGORICAL)
            split_choices(g, segment, i, &best);
        else
            split_numbers(g, segment, i, &best);
    }
    return best;
}

/* Bring what goes left to the front of the segment, in every order. Returns where the right part begins. */
static size_t divide(const struct growth *g, const struct segment *segment, const struct split *split)
{
    const double *column = g->x + split->parameter * g->n;
    bool is_choice = g->space->parameters[split->parameter].type == PARAMETER_CATEGORICAL;
    size_t n_left = 0;

    for (size_t k = segment->begin; k < segment->end; k++) {
        uint32_t row = g->order[k];
        g->goes_left[row] = is_choice ? column[row] == split->threshold : column[row] <= split->threshold;
    }
    for (size_t i = 0; i < g->space->n; i++) {
        uint32_t *order = g->order + i * g->n;
        size_t left = segment->begin, n_right = 0;
        for (size_t k = segment->begin; k < segment->end; k++) {
            if (g->goes_left[order[k]])
                order[left++] = order[k];
            else
                g->aside[n_right++] = order[k];
        }
        memcpy(order + left, g->aside, n_right * sizeof *order);
        n_left = left - segment->begin;
    }
    return segment->begin + n_left;
}

/* Returns the node's index. */
static size_t grow_node(const struct growth *g, size_t begin, size_t end, unsigned depth)
{
    struct segment segment = measure(g, begin, end);
    struct forest *forest = g->forest;
    struct split split = { .parameter = SIZE_MAX };

    if (segment.least < segment.largest && depth < FOREST_DEPTH_LIMIT)
        split = best_split(g, &segment);
    forest->nodes = grow(forest->nodes, forest->n_nodes, &forest->capacity, sizeof *forest->nodes);
    size_t index = forest->n_nodes++;
    forest->nodes[index] = (struct tree_node){ .parameter = split.parameter,
                                               .threshold = split.threshold,
                                               .weight = segment.weight,
                                               .value = segment.sum / segment.weight };
    if (split.parameter == SIZE_MAX)
        return index;
    size_t middle = divide(g, &segment, &split);
    size_t left = grow_node(g, begin, middle, depth + 1), right = grow_node(g, middle, end, depth + 1);
    forest->nodes[index].left = left;
    forest->nodes[index].right = right;
    return index;
}

static size_t grow_tree(const struct growth *g, struct rng *rng)
{
    size_t n_rows = 0;

    memset(g->weight, 0, g->n * sizeof *g->weight);
    for (size_t k = 0; k < g->n; k++)
        g->weight[rng_below(rng, g->n)] += 1;
    for (size_t i = 0; i < g->space->n; i++) {
        n_rows = 0;
        for (size_t k = 0; k < g->n; k++)
            if (g->weight[g->sorted[i * g->n + k]] > 0)
                g->order[i * g->n + n_rows++] = g->sorted[i * g->n + k];
    }
    return grow_node(g, 0, n_rows, 0);
}

/* Columns of x, with a draw for what is inactive. */
static void fill_columns(const struct space *space, const double *x, size_t n, struct rng *rng, double *columns)
{
    double *drawn = xcalloc(space->n + 1, sizeof *drawn);

    for (size_t row = 0; row < n; row++) {
        space_draw(space, rng, drawn);
        for (size_t i = 0; i < space->n; i++) {
            double own = x[row * space->n + i];
            columns[i * n + row] = isnan(own) ? drawn[i] : own;
        }
    }
    free(drawn);
}

static size_t most_choices(const struct space *space)
{
    size_t most = 0;

    for (size_t i = 0; i < space->n; i++)
        if (space->parameters[i].n_choices > most)
            most = space->parameters[i].n_choices;
    return most;
}

struct forest *forest_create(const struct space *space, const double *x, const double *y, size_t n, uint64_t seed)
{
    size_t d = space->n, most = most_choices(space);
    double *numbers = xcalloc(n * (d + 1) + 2 * most, sizeof *numbers);
    uint32_t *rows = xcalloc(n * (2 * d + 1), sizeof *rows), *sorted = rows;
    bool *goes_left = xcalloc(n, sizeof *goes_left);
    struct forest *forest = xcalloc(1, sizeof *forest);
    struct rng rng = rng_stream(seed, n, "forest");

    assert(n > 0 && n < UINT32_MAX);
    forest->space = space;
    fill_columns(space, x, n, &rng, numbers);
    for (size_t i = 0; i < d; i++) {
        for (size_t row = 0; row < n; row++)
            sorted[i * n + row] = (uint32_t)row;
        qsort_r(sorted + i * n, n, sizeof *sorted, compare_in_column, numbers + i * n);
    }
    const struct growth growth = {
        space,     numbers, y, n, sorted, rows + n * d, rows + 2 * n * d, numbers + n * d, numbers + n * (d + 1),
        goes_left, forest
    };
    for (size_t tree = 0; tree < FOREST_TREES; tree++)
        forest->roots[tree] = grow_tree(&growth, &rng);
    free(goes_left);
    free(rows);
    free(numbers);
    return forest;
}

void forest_destroy(struct forest *forest)
{
    if (forest == NULL)
        return;
    free(forest->nodes);
    free(forest);
}

static double predict_tree(const struct forest *forest, size_t index, const double *x)
{
    const struct tree_node *node = &forest->nodes[index];

    while (node->parameter != SIZE_MAX) {
        double own = x[node->parameter];
        if (isnan(own)) {
            double left = forest->nodes[node->left].weight, right = forest->nodes[node->right].weight;
            return (left * predict_tree(forest, node->left, x) + right * predict_tree(forest, node->right, x)) /
                   (left + right);
        }
        bool is_choice = forest->space->parameters[node->parameter].type == PARAMETER_CATEGORICAL;
        bool goes_left = is_choice ? own == node->threshold : own <= node->threshold;
        node = &forest->nodes[goes_left ? node->left : node->right];
    }
    return node->value;
}

void forest_predict(const struct forest *forest, const double *x, size_t n, double *mean, double *variance)
{
    for (size_t k = 0; k < n; k++) {
        double sum = 0, squares = 0; /* Welford */
        for (size_t tree = 0; tree < FOREST_TREES; tree++) {
            double value = predict_tree(forest, forest->roots[tree], x + k * forest->space->n), before = value - sum;
            sum += before / (double)(tree + 1);
            squares += before * (value - sum);
        }
        mean[k] = sum;
        if (variance != NULL)
            variance[k] = squares / FOREST_TREES;
    }
}
