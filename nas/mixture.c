/*
 * Coefficients of all edges of both types of cells, and the genotype that alphas mean.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "nas/relaxation.h"

static size_t n_edges(const struct cell_space *space)
{
    return (size_t)N_CELL_TYPES * cell_edges(space);
}

size_t relaxation_n_alphas(const struct relaxation *relaxation, const struct cell_space *space)
{
    return n_edges(space) * (space->n_operations + relaxation->weighs_edges);
}

struct mixture *mixture_create(const struct relaxation *relaxation, const struct cell_space *space)
{
    const size_t n = n_edges(space) * space->n_operations;
    struct mixture *mixture = xcalloc(1, sizeof *mixture + (2 * n + n_edges(space)) * sizeof(double));

    mixture->relaxation = relaxation;
    mixture->space = space;
    mixture->weights = (double *)(mixture + 1);
    mixture->memory = mixture->weights + n;
    mixture->edges = mixture->memory + n;
    return mixture;
}

void mixture_destroy(struct mixture *mixture)
{
    free(mixture);
}

static const double *edge_alphas(const struct mixture *mixture, const double *alphas)
{
    return alphas + n_edges(mixture->space) * mixture->space->n_operations;
}

/* The first edge into a node of a type, over both types. */
static size_t first_edge(const struct cell_space *space, unsigned type, unsigned node)
{
    return (size_t)type * cell_edges(space) + cell_edge_number(node, 0);
}

static void weigh_edges(const struct mixture *mixture, const double *alphas, double *edges)
{
    const struct cell_space *space = mixture->space;

    for (size_t e = 0; e < n_edges(space); e++)
        edges[e] = 1;
    for (unsigned type = 0; mixture->relaxation->weighs_edges && type < N_CELL_TYPES; type++)
        for (unsigned node = 0; node < space->n_nodes; node++)
            softmax(edge_alphas(mixture, alphas) + first_edge(space, type, node), 2 + node,
                    edges + first_edge(space, type, node));
}

void mixture_relax(struct mixture *mixture, const double *alphas, double temperature, struct rng *rng,
                   double *coefficients)
{
    const unsigned n = mixture->space->n_operations;

    weigh_edges(mixture, alphas, mixture->edges);
    for (size_t e = 0; e < n_edges(mixture->space); e++) {
        double *out = coefficients + e * edge_coefficients(mixture->space), *weights = mixture->weights + e * n;

        mixture->relaxation->weigh(alphas + e * n, n, temperature, rng, weights, mixture->memory + e * n);
        for (unsigned k = 0; k < n; k++)
            out[k] = weights[k] * mixture->edges[e];
        if (mixture->space->partial > 1)
            out[n] = mixture->edges[e];
    }
}

/* Slopes along the edges' weights become those along their alphas: the softmax of each node. */
static void back_edges(const struct mixture *mixture, double *slopes)
{
    for (unsigned type = 0; type < N_CELL_TYPES; type++)
        for (unsigned node = 0; node < mixture->space->n_nodes; node++) {
            const size_t first = first_edge(mixture->space, type, node);
            double mean = 0;

            for (size_t e = first; e < first + 2 + node; e++)
                mean += mixture->edges[e] * slopes[e];
            for (size_t e = first; e < first + 2 + node; e++)
                slopes[e] = mixture->edges[e] * (slopes[e] - mean);
        }
}

void mixture_back(const struct mixture *mixture, const double *alphas, double temperature, const double *slopes,
                  double *gradient)
{
    const struct cell_space *space = mixture->space;
    const unsigned n = space->n_operations;
    double *edges = gradient + n_edges(space) * n, weighted[N_OPERATIONS];

    for (size_t e = 0; e < n_edges(space); e++) {
        const double *in = slopes + e * edge_coefficients(space), *weights = mixture->weights + e * n;
        double sum = space->partial > 1 ? in[n] : 0;

        for (unsigned k = 0; k < n; k++) {
            weighted[k] = in[k] * mixture->edges[e];
            sum += in[k] * weights[k];
        }
        mixture->relaxation->back(alphas + e * n, weights, mixture->memory + e * n, n, temperature, weighted,
                                  gradient + e * n);
        if (mixture->relaxation->weighs_edges)
            edges[e] = sum;
    }
    if (mixture->relaxation->weighs_edges)
        back_edges(mixture, edges);
}

void mixture_decay(const struct mixture *mixture, const double *alphas, double weight, double *gradient)
{
    const unsigned n = mixture->space->n_operations;
    double shares[N_OPERATIONS];

    for (size_t e = 0; e < n_edges(mixture->space); e++) {
        softmax(alphas + e * n, n, shares);
        for (unsigned k = 0; k < n; k++)
            gradient[e * n + k] += weight * shares[k] / cell_edges(mixture->space);
    }
}

/* --- genotype --- */

struct ranked {
    unsigned operation; /* index in the space */
    double score;
};

/* The best operation of an edge but none. */
static struct ranked rank_edge(const struct mixture *mixture, const double *alphas, const double *edges, size_t edge,
                               enum ranking ranking)
{
    const unsigned n = mixture->space->n_operations;
    struct ranked best = { 0, -INFINITY };
    double scores[N_OPERATIONS];

    memcpy(scores, alphas + edge * n, n * sizeof *scores);
    if (ranking == RANK_SOFTMAX)
        softmax(scores, n, scores);
    for (unsigned k = 0; k < n; k++)
        if (mixture->space->operations[k] != OP_NONE && scores[k] > best.score)
            best = (struct ranked){ k, scores[k] };
    if (ranking == RANK_SOFTMAX)
        best.score *= edges[edge];
    return best;
}

/* The edges into a node, numbered from first: the two best. */
static void choose_edges(const struct mixture *mixture, const double *alphas, const double *edges, enum ranking ranking,
                         size_t first, unsigned n, struct cell_edge out[2])
{
    double scores[2] = { -INFINITY, -INFINITY };

    for (unsigned input = 0; input < n; input++) {
        const struct ranked ranked = rank_edge(mixture, alphas, edges, first + input, ranking);
        const struct cell_edge edge = { mixture->space->operations[ranked.operation], input };

        if (ranked.score > scores[0]) {
            scores[1] = scores[0];
            out[1] = out[0];
            scores[0] = ranked.score;
            out[0] = edge;
        } else if (ranked.score > scores[1]) {
            scores[1] = ranked.score;
            out[1] = edge;
        }
    }
}

void mixture_genotype(const struct mixture *mixture, const double *alphas, enum ranking ranking,
                      const bool has_type[N_CELL_TYPES], struct genotype *genotype)
{
    struct cell *const cells[N_CELL_TYPES] = { &genotype->normal, &genotype->reduce };
    double *edges = xcalloc(n_edges(mixture->space), sizeof *edges);

    memset(genotype, 0, sizeof *genotype);
    weigh_edges(mixture, alphas, edges);
    for (unsigned type = 0; type < N_CELL_TYPES; type++) {
        struct cell *cell = cells[type];

        if (!has_type[type])
            continue;
        cell->n_nodes = mixture->space->n_nodes;
        cell->concat = ((UINT32_C(1) << cell->n_nodes) - 1) << 2;
        for (unsigned node = 0; node < cell->n_nodes; node++)
            choose_edges(mixture, alphas, edges, ranking, first_edge(mixture->space, type, node), node + 2,
                         cell->edges[node]);
    }
    free(edges);
}
